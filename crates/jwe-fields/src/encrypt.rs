//! Selected values become tokens.

use jwe_core::{Encrypter, wiped};

use crate::document;
use crate::error::{FieldError, JsonKind};
use crate::index::NodeId;
use crate::json_string::unescape_into;
use crate::options::{AlreadyEncrypted, EncryptOptions, NonString, PlaintextEncoding};
use crate::scratch::Scratch;
use crate::selector::{Selection, Selector, SelectorError};
use crate::token;
use crate::value_keys::ValueKeys;

/// Replaces selected values of JSON documents by JWEs, each encrypted by itself.
///
/// All other bytes leave as they came: order, spacing, numbers, escapes.
///
/// It can be shared between threads.
#[derive(Clone, Debug)]
pub struct FieldEncrypter {
    encrypter: Encrypter,
    selection: Selection,
    options: EncryptOptions,
}

impl FieldEncrypter {
    /// Puts an encrypter, selectors and settings together.
    ///
    /// # Errors
    /// [`SelectorError::None`] when there is no selector.
    pub fn new(
        encrypter: Encrypter,
        selectors: impl IntoIterator<Item = Selector>,
        options: EncryptOptions,
    ) -> Result<Self, SelectorError> {
        Ok(Self { encrypter, selection: Selection::new(selectors)?, options })
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
        let limits = &self.options.limits;
        document::check(document, limits)?;
        scratch.index.build(document, limits.max_depth())?;
        let Scratch { index, nodes, .. } = scratch;
        self.selection.resolve(document, index, self.options.missing, limits, nodes)?;

        let start = output.len();
        let outcome = self.replace(document, output, scratch);
        if outcome.is_err() {
            output.truncate(start);
            wiped::truncate(&mut scratch.plaintext, 0);
        }
        outcome
    }

    fn replace(
        &self,
        document: &[u8],
        output: &mut Vec<u8>,
        scratch: &mut Scratch,
    ) -> Result<usize, FieldError> {
        let token_len = |node: &NodeId| {
            self.encrypter.encrypted_len(scratch.index.span(*node).len()).unwrap_or(0)
        };
        let tokens = scratch.nodes.iter().map(token_len).fold(0, usize::saturating_add);
        // A value that is too long to be encrypted is refused below, not here.
        if output.try_reserve(document.len().saturating_add(tokens)).is_err() {
            output.reserve(document.len());
        }
        let mut keys = ValueKeys::new(
            &self.encrypter,
            self.options.share_cek,
            &mut scratch.shared_cek,
            scratch.nodes.len(),
        );
        let mut copied = 0;
        let mut count = 0;
        for node in &scratch.nodes {
            let span = scratch.index.span(*node);
            let pointer = || scratch.index.pointer(document, *node);
            let kind = scratch.index.kind(*node);
            if kind == JsonKind::String
                && self.options.already_encrypted != AlreadyEncrypted::EncryptAgain
                && crate::json_string::with_unescaped(
                    scratch.index.string_content(document, *node),
                    token::is_token,
                )
            {
                if self.options.already_encrypted == AlreadyEncrypted::Leave {
                    continue;
                }
                return Err(FieldError::AlreadyEncrypted { pointer: pointer() });
            }
            let raw = scratch.index.raw(document, *node);
            let plaintext = &mut scratch.plaintext;
            // Room for the longest padding too, so that sealing does not move the plaintext.
            wiped::reserve(plaintext, raw.len() + 16);
            match (self.options.encoding, kind) {
                (PlaintextEncoding::Json, _) => plaintext.extend_from_slice(raw),
                (PlaintextEncoding::Text, JsonKind::String) => {
                    let content = scratch.index.string_content(document, *node);
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
            output.extend_from_slice(document.get(copied..span.start).unwrap_or_default());
            output.push(b'"');
            // A token has no character that JSON would escape.
            keys.encrypt_in_place(plaintext, output)
                .map_err(|error| FieldError::Encrypt { pointer: pointer(), error })?;
            output.push(b'"');
            copied = span.end;
            count += 1;
        }
        output.extend_from_slice(document.get(copied..).unwrap_or_default());
        Ok(count)
    }
}
