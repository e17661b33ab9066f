//! Selected values become tokens.

use jwe_core::{Encrypter, EncrypterBuilder, wiped};

use crate::binding::{self, Binding};
use crate::document;
use crate::document_record::DocumentRecord;
use crate::error::{FieldError, JsonKind};
use crate::index::NodeId;
use crate::json_string::unescape_into;
use crate::options::{AlreadyEncrypted, EncryptOptions, NonString, PlaintextEncoding};
use crate::scratch::Scratch;
use crate::selector::{Selection, Selector};
use crate::settings_error::SettingsError;
use crate::token;
use crate::value_keys::{Bound, Sealer, ValueKeys};

/// Replaces selected values of JSON documents by JWEs, each encrypted by itself.
///
/// All other bytes leave as they came: order, spacing, numbers, escapes.
///
/// It can be shared between threads.
#[derive(Clone, Debug)]
pub struct FieldEncrypter {
    sealer: Sealer,
    record: DocumentRecord,
    selection: Selection,
    options: EncryptOptions,
}

impl FieldEncrypter {
    /// Puts an encrypter, selectors and settings together.
    ///
    /// # Errors
    /// [`SettingsError`]: no selector, or padding of what is JSON or compressed.
    pub fn new(
        encrypter: Encrypter,
        selectors: impl IntoIterator<Item = Selector>,
        options: EncryptOptions,
    ) -> Result<Self, SettingsError> {
        Self::of(Sealer::Free(encrypter), DocumentRecord::None, selectors, options)
    }

    /// The same with an encrypter that binds each value, which is built here.
    ///
    /// # Errors
    /// As [`new`](Self::new), as [`EncrypterBuilder::build`], and for an id at what is no JSON Pointer.
    pub fn binding(
        encrypter: EncrypterBuilder<'_>,
        selectors: impl IntoIterator<Item = Selector>,
        options: EncryptOptions,
        binding: Binding,
    ) -> Result<Self, SettingsError> {
        let sealer = Sealer::Binding(binding::encrypter(encrypter)?);
        Self::of(sealer, binding.document()?, selectors, options)
    }

    fn of(
        sealer: Sealer,
        record: DocumentRecord,
        selectors: impl IntoIterator<Item = Selector>,
        options: EncryptOptions,
    ) -> Result<Self, SettingsError> {
        sealer.check(&options, true)?;
        Ok(Self { sealer, record, selection: Selection::new(selectors)?, options })
    }

    /// Encrypts the selected values of a document.
    ///
    /// # Errors
    /// [`FieldError`].
    pub fn encrypt(&self, document: &[u8]) -> Result<Vec<u8>, FieldError> {
        let mut output = Vec::new();
        self.encrypt_into(document, &mut output, &mut Scratch::new())?;
        Ok(output)
    }

    /// Encrypts the selected values of a document that is the record with this id, to which they are
    /// [bound](Binding::with_record).
    ///
    /// # Errors
    /// [`FieldError`].
    pub fn encrypt_record(&self, id: &str, document: &[u8]) -> Result<Vec<u8>, FieldError> {
        let mut output = Vec::new();
        self.encrypt_record_into(id, document, &mut output, &mut Scratch::new())?;
        Ok(output)
    }

    /// Encrypts the selected values of a document, appends it to `output` and returns how many
    /// values were encrypted. This crate allocates nothing where `output` and `scratch` have room
    /// and all selectors are JSON Pointers.
    ///
    /// # Errors
    /// [`FieldError`]; `output` is then as it was.
    pub fn encrypt_into(
        &self,
        document: &[u8],
        output: &mut Vec<u8>,
        scratch: &mut Scratch,
    ) -> Result<usize, FieldError> {
        self.apply(None, document, output, scratch)
    }

    /// As [`encrypt_into`](Self::encrypt_into), for a document that is the record with this id, to
    /// which values are [bound](Binding::with_record).
    ///
    /// # Errors
    /// [`FieldError`]; `output` is then as it was.
    pub fn encrypt_record_into(
        &self,
        id: &str,
        document: &[u8],
        output: &mut Vec<u8>,
        scratch: &mut Scratch,
    ) -> Result<usize, FieldError> {
        self.apply(Some(id), document, output, scratch)
    }

    fn apply(
        &self,
        record_id: Option<&str>,
        document: &[u8],
        output: &mut Vec<u8>,
        scratch: &mut Scratch,
    ) -> Result<usize, FieldError> {
        self.record.check(record_id)?;
        let limits = &self.options.limits;
        document::check(document, limits)?;
        scratch.index.build(document, limits.max_depth())?;
        let Scratch { index, nodes, .. } = scratch;
        self.selection.resolve(document, index, self.options.missing, limits, nodes)?;

        let start = output.len();
        let outcome = self.replace(record_id, document, output, scratch);
        if outcome.is_err() {
            output.truncate(start);
            wiped::truncate(&mut scratch.plaintext, 0);
        }
        outcome
    }

    fn replace(
        &self,
        record_id: Option<&str>,
        document: &[u8],
        output: &mut Vec<u8>,
        scratch: &mut Scratch,
    ) -> Result<usize, FieldError> {
        let padding = self.options.padding;
        let token_len = |node: &NodeId| {
            let plaintext_len = padding.padded_len(scratch.index.span(*node).len());
            self.sealer.token_len(plaintext_len).unwrap_or(0)
        };
        let tokens = scratch.nodes.iter().map(token_len).fold(0, usize::saturating_add);
        // A value that is too long to be encrypted is refused below, not here.
        if output.try_reserve(document.len().saturating_add(tokens)).is_err() {
            output.reserve(document.len());
        }
        let Scratch { index, nodes, plaintext, path, record_id: buffer, shared_cek, .. } = scratch;
        let index = &*index;
        let record = match nodes.as_slice() {
            // There is nothing to bind.
            [] => None,
            nodes => self.record.id(record_id, document, index, nodes, buffer)?,
        };
        path.begin();
        let mut keys =
            ValueKeys::new(&self.sealer, self.options.share_cek, shared_cek, nodes.len());
        let mut copied = 0;
        let mut count = 0;
        for node in &*nodes {
            let span = index.span(*node);
            let pointer = || index.pointer(document, *node);
            let kind = index.kind(*node);
            if kind == JsonKind::String
                && self.options.already_encrypted != AlreadyEncrypted::EncryptAgain
                && crate::json_string::with_unescaped(
                    index.string_content(document, *node),
                    token::is_token,
                )
            {
                if self.options.already_encrypted == AlreadyEncrypted::Leave {
                    continue;
                }
                return Err(FieldError::AlreadyEncrypted { pointer: pointer() });
            }
            let raw = index.raw(document, *node);
            // Room for the longest padding too, so that sealing does not move the plaintext.
            wiped::reserve(plaintext, padding.padded_len(raw.len()).saturating_add(16));
            match (self.options.encoding, kind) {
                (PlaintextEncoding::Json, _) => plaintext.extend_from_slice(raw),
                (PlaintextEncoding::Text, JsonKind::String) => {
                    let content = index.string_content(document, *node);
                    if unescape_into(content, plaintext).is_err() {
                        return Err(FieldError::LoneSurrogate { pointer: pointer() });
                    }
                }
                (PlaintextEncoding::Text, JsonKind::Number | JsonKind::Boolean)
                    if self.options.non_string == NonString::JsonText =>
                {
                    plaintext.extend_from_slice(raw);
                }
                (PlaintextEncoding::Text, found) => {
                    return Err(FieldError::NotString { pointer: pointer(), found });
                }
            }
            padding.pad(plaintext);
            output.extend_from_slice(document.get(copied..span.start).unwrap_or_default());
            output.push(b'"');
            let path = &mut *path;
            // A token has no character that JSON would escape.
            keys.encrypt_in_place(
                move || Ok(Bound { field: path.of(document, index, *node)?, record }),
                pointer,
                plaintext,
                output,
            )?;
            output.push(b'"');
            copied = span.end;
            count += 1;
        }
        output.extend_from_slice(document.get(copied..).unwrap_or_default());
        Ok(count)
    }
}
