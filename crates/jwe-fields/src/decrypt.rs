//! Selected tokens become values again.

use jwe_core::{Decrypter, wiped};
use zeroize::Zeroizing;

use crate::binding::{self, Binding};
use crate::document;
use crate::document_record::DocumentRecord;
use crate::error::{FieldError, JsonKind};
use crate::json_string::{LONGEST_ESCAPE, escape_into, escaped_len, unescape_into};
use crate::opener::Opener;
use crate::options::{ClearValue, DecryptOptions, PlaintextEncoding};
use crate::scratch::Scratch;
use crate::selector::{Selection, Selector};
use crate::settings_error::SettingsError;
use crate::token;
use crate::value_keys::Bound;

/// Replaces selected JWEs in JSON documents by the values that they hold.
///
/// All other bytes leave as they came: order, spacing, numbers, escapes.
///
/// It can be shared between threads.
#[derive(Clone, Debug)]
pub struct FieldDecrypter {
    opener: Opener,
    record: DocumentRecord,
    selection: Selection,
    options: DecryptOptions,
}

impl FieldDecrypter {
    /// Puts a decrypter, selectors and settings together.
    ///
    /// # Errors
    /// [`SettingsError`]: no selector, padding of what is JSON or may be compressed, or a decrypter that
    /// understands the header member of values that are [bound](Binding), which would be looked at by nobody.
    pub fn new(
        decrypter: Decrypter,
        selectors: impl IntoIterator<Item = Selector>,
        options: DecryptOptions,
    ) -> Result<Self, SettingsError> {
        binding::check_unaware(&decrypter)?;
        Self::of(Opener::Free(decrypter), DocumentRecord::None, selectors, options)
    }

    /// The same for values that have to be bound to where they are found. The decrypter need not
    /// understand the header member.
    ///
    /// # Errors
    /// As [`new`](Self::new), and for an id at what is no JSON Pointer.
    pub fn binding(
        decrypter: Decrypter,
        selectors: impl IntoIterator<Item = Selector>,
        options: DecryptOptions,
        binding: Binding,
    ) -> Result<Self, SettingsError> {
        let opener = Opener::Binding(binding::decrypter(decrypter)?);
        Self::of(opener, binding.document()?, selectors, options)
    }

    fn of(
        opener: Opener,
        record: DocumentRecord,
        selectors: impl IntoIterator<Item = Selector>,
        options: DecryptOptions,
    ) -> Result<Self, SettingsError> {
        opener.check(&options, true)?;
        Ok(Self { opener, record, selection: Selection::new(selectors)?, options })
    }

    /// Decrypts the selected values of a document. The result is wiped on drop.
    ///
    /// # Errors
    /// [`FieldError`].
    pub fn decrypt(&self, document: &[u8]) -> Result<Zeroizing<Vec<u8>>, FieldError> {
        let mut output = Zeroizing::new(Vec::new());
        self.decrypt_into(document, &mut output, &mut Scratch::new())?;
        Ok(output)
    }

    /// Decrypts the selected values of a document that is the record with this id, to which they have
    /// to be [bound](Binding::with_record). The result is wiped on drop.
    ///
    /// # Errors
    /// [`FieldError`].
    pub fn decrypt_record(
        &self,
        id: &str,
        document: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, FieldError> {
        let mut output = Zeroizing::new(Vec::new());
        self.decrypt_record_into(id, document, &mut output, &mut Scratch::new())?;
        Ok(output)
    }

    /// Decrypts the selected values of a document, appends it to `output` and returns how many
    /// values were decrypted. Where `output` has to move to grow, its old place is wiped.
    ///
    /// # Errors
    /// [`FieldError`]; `output` then has the content it had, and what was written behind is
    /// wiped.
    pub fn decrypt_into(
        &self,
        document: &[u8],
        output: &mut Vec<u8>,
        scratch: &mut Scratch,
    ) -> Result<usize, FieldError> {
        self.apply(None, document, output, scratch)
    }

    /// As [`decrypt_into`](Self::decrypt_into), for a document that is the record with this id, to
    /// which values have to be [bound](Binding::with_record).
    ///
    /// # Errors
    /// [`FieldError`]; `output` then has the content it had, and what was written behind is
    /// wiped.
    pub fn decrypt_record_into(
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
        wiped::truncate(&mut scratch.plaintext, 0);
        wiped::truncate(&mut scratch.token, 0);
        if outcome.is_err() {
            wiped::truncate(output, start);
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
        let limit = self.options.limits.max_document_len();
        // A value is nearly always shorter than its token.
        wiped::reserve(output, document.len());
        let Scratch {
            index,
            nodes,
            plaintext,
            token: unescaped,
            path,
            record_id: buffer,
            unwrapped,
            ..
        } = scratch;
        let index = &*index;
        let record = match nodes.as_slice() {
            // There is nothing that could be bound.
            [] => None,
            nodes => self.record.id(record_id, document, index, nodes, buffer)?,
        };
        path.begin();
        let mut keys = self.opener.keys(unwrapped, nodes.len());
        let mut copied = 0;
        let mut count = 0;
        // How long the document has become, as far as that may be told.
        let mut len = 0;
        for node in &*nodes {
            let span = index.span(*node);
            let pointer = || index.pointer(document, *node);
            let content = match index.kind(*node) {
                JsonKind::String => index.string_content(document, *node),
                _ => &[],
            };
            let token = if memchr::memchr(b'\\', content).is_some() {
                // It may be a clear value as well. What is denoted is never longer.
                wiped::truncate(unescaped, 0);
                wiped::reserve(unescaped, content.len());
                // What is no text is no token either.
                let _ = unescape_into(content, unescaped);
                unescaped.as_slice()
            } else {
                content
            };
            let encrypted = match self.options.clear_value {
                // What has the right number of parts gets the engine's more precise error.
                ClearValue::Refuse => token::has_five_parts(token),
                ClearValue::Leave => token::is_token(token),
            };
            let token = match core::str::from_utf8(token) {
                Ok(token) if encrypted => token,
                _ if self.options.clear_value == ClearValue::Leave => continue,
                _ => return Err(FieldError::NotEncrypted { pointer: pointer() }),
            };
            wiped::truncate(plaintext, 0);
            let path = &mut *path;
            keys.decrypt_into(
                token,
                move || Ok(Bound { field: path.of(document, index, *node)?, record }),
                pointer,
                plaintext,
            )?;
            let text = self.options.padding.text(plaintext);
            let text = text.ok_or_else(|| FieldError::NotPadded { pointer: pointer() })?;
            let text = core::str::from_utf8(text)
                .map_err(|_| FieldError::PlaintextNotUtf8 { pointer: pointer() })?;
            let before = document.get(copied..span.start).unwrap_or_default();
            let behind = document.len() - span.end;
            // The engine limits each compressed value, and not all of them together. What stands
            // behind is not counted: it may be tokens that are longer than their values.
            let value_len = match self.options.encoding {
                PlaintextEncoding::Text => escaped_len(text),
                PlaintextEncoding::Json => text.len(),
            };
            // A limit that counted the text itself would tell where it is padded to hide that.
            let counted = self.options.padding.longest(plaintext, LONGEST_ESCAPE);
            len += before.len() + counted.map_or(value_len, |longest| longest + 2);
            let room = before.len() + value_len + behind;
            if len > limit {
                return Err(FieldError::GrowsTooLong { pointer: pointer(), limit });
            }
            match self.options.encoding {
                PlaintextEncoding::Text => {
                    wiped::reserve(output, room);
                    output.extend_from_slice(before);
                    escape_into(text, output);
                }
                PlaintextEncoding::Json => {
                    if !document::is_json(text) {
                        return Err(FieldError::PlaintextNotJson { pointer: pointer() });
                    }
                    let limit = self.options.limits.max_depth();
                    if index.depth(*node) + document::depth(text.as_bytes()) > limit {
                        return Err(FieldError::PlaintextTooDeep { pointer: pointer(), limit });
                    }
                    wiped::reserve(output, room);
                    output.extend_from_slice(before);
                    output.extend_from_slice(text.as_bytes());
                }
            }
            copied = span.end;
            count += 1;
        }
        let rest = document.get(copied..).unwrap_or_default();
        // What stands behind the last value counts as well.
        let len = len.saturating_add(rest.len());
        if let Some(last) = nodes.last().filter(|_| count > 0 && len > limit) {
            return Err(FieldError::GrowsTooLong {
                pointer: index.pointer(document, *last),
                limit,
            });
        }
        output.extend_from_slice(rest);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use jwe_core::{DecryptionKey, Enc, Encrypter, EncryptionKey, Jwk, KeyOptions};
    use jwe_ring::RING;

    use super::*;
    use crate::encrypt::FieldEncrypter;
    use crate::limits::DocumentLimits;
    use crate::options::EncryptOptions;
    use crate::padding::Padding;

    #[test]
    fn no_selected_text_stays_in_the_scratch() {
        let jwk = Jwk::from_json(
            br#"{"kty":"oct","alg":"dir","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}"#,
        )
        .unwrap();
        let key = DecryptionKey::import(&RING, &jwk, &KeyOptions::new()).unwrap();
        let decrypter = Decrypter::new(&RING, [key], &[Enc::A256Gcm]).unwrap();
        let document = br#"{"a":"a clear \u0073ecret"}"#;
        let mut scratch = Scratch::new();
        for (clear_value, count) in [(ClearValue::Leave, Some(0)), (ClearValue::Refuse, None)] {
            let options = DecryptOptions { clear_value, ..DecryptOptions::default() };
            let selectors = ["/a".parse().unwrap()];
            let fields = FieldDecrypter::new(decrypter.clone(), selectors, options).unwrap();
            let mut output = Vec::new();
            let outcome = fields.decrypt_into(document, &mut output, &mut scratch);
            assert_eq!(outcome.ok(), count);
            // It has been there, in a place that did not move, and was cut by what wipes.
            assert!(scratch.token.capacity() >= "a clear \\u0073ecret".len());
            assert!(scratch.token.is_empty());
            assert!(scratch.plaintext.is_empty());
        }
    }

    /// Whether a document exceeds the limit tells nothing of texts that are padded.
    #[test]
    fn limits_tell_nothing_of_padded_texts() {
        let jwk = Jwk::from_json(
            br#"{"kty":"oct","alg":"dir","kid":"k","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}"#,
        )
        .unwrap();
        let options = KeyOptions::new();
        let key = EncryptionKey::import(&RING, &jwk, &options).unwrap();
        let encrypter = Encrypter::new(&RING, &key, Enc::A256Gcm).unwrap();
        let key = DecryptionKey::import(&RING, &jwk, &options).unwrap();
        let decrypter = Decrypter::new(&RING, [key], &[Enc::A256Gcm]).unwrap();
        let padding = Padding::to_bucket(64).unwrap();
        let selectors = ["/a".parse().unwrap(), "/b".parse().unwrap()];
        let sender = EncryptOptions::new().with_padding(padding);
        let sender = FieldEncrypter::new(encrypter, selectors.clone(), sender).unwrap();
        let smallest = |text: &str| {
            let document = format!(r#"{{"a":"{text}","b":"{text}"}}"#);
            let document = sender.encrypt(document.as_bytes()).unwrap();
            (1..2000).find(|limit| {
                let limits = DocumentLimits::default().with_max_document_len(*limit);
                let options = DecryptOptions::new().with_padding(padding).with_limits(limits);
                FieldDecrypter::new(decrypter.clone(), selectors.clone(), options)
                    .unwrap()
                    .decrypt(&document)
                    .is_ok()
            })
        };
        let wanted = 2 * (64 * LONGEST_ESCAPE + 2) + r#"{"a":,"b":}"#.len();
        for text in ["", "1234", &"x".repeat(64), &"\\u0001".repeat(64)] {
            assert_eq!(smallest(text), Some(wanted), "{text}");
        }
        let options = DecryptOptions::new().with_padding(padding);
        let error = FieldDecrypter::new(decrypter.allow_zip(1000), selectors, options).unwrap_err();
        assert_eq!(error, SettingsError::PaddingCompressed);
    }
}
