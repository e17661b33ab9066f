//! Selected tokens become values again.

use jwe_core::{Decrypter, wiped};
use zeroize::Zeroizing;

use crate::document;
use crate::error::{FieldError, JsonKind};
use crate::json_string::{escape_into, escaped_len, unescape_into};
use crate::options::{ClearValue, DecryptOptions, PlaintextEncoding};
use crate::scratch::Scratch;
use crate::selector::{Selection, Selector, SelectorError};
use crate::token;

/// Replaces selected JWEs in JSON documents by the values that they hold.
///
/// All other bytes leave as they came: order, spacing, numbers, escapes.
///
/// It can be shared between threads.
#[derive(Clone, Debug)]
pub struct FieldDecrypter {
    decrypter: Decrypter,
    selection: Selection,
    options: DecryptOptions,
}

impl FieldDecrypter {
    /// Puts a decrypter, selectors and settings together.
    ///
    /// # Errors
    /// [`SelectorError::None`] when there is no selector.
    pub fn new(
        decrypter: Decrypter,
        selectors: impl IntoIterator<Item = Selector>,
        options: DecryptOptions,
    ) -> Result<Self, SelectorError> {
        Ok(Self { decrypter, selection: Selection::new(selectors)?, options })
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
        let limits = &self.options.limits;
        document::check(document, limits)?;
        scratch.index.build(document, limits.max_depth())?;
        let Scratch { index, nodes, .. } = scratch;
        self.selection.resolve(document, index, self.options.missing, limits, nodes)?;

        let start = output.len();
        let outcome = self.replace(document, output, scratch);
        wiped::truncate(&mut scratch.plaintext, 0);
        wiped::truncate(&mut scratch.token, 0);
        if outcome.is_err() {
            wiped::truncate(output, start);
        }
        outcome
    }

    fn replace(
        &self,
        document: &[u8],
        output: &mut Vec<u8>,
        scratch: &mut Scratch,
    ) -> Result<usize, FieldError> {
        let start = output.len();
        let limit = self.options.limits.max_document_len();
        // A value is nearly always shorter than its token.
        wiped::reserve(output, document.len());
        // Values that share a content encryption key take one key operation.
        let mut once = (scratch.nodes.len() > 1)
            .then(|| self.decrypter.unwrapping_once(&mut scratch.unwrapped));
        let mut copied = 0;
        let mut count = 0;
        for node in &scratch.nodes {
            let span = scratch.index.span(*node);
            let pointer = || scratch.index.pointer(document, *node);
            let content = match scratch.index.kind(*node) {
                JsonKind::String => scratch.index.string_content(document, *node),
                _ => &[],
            };
            let token = if memchr::memchr(b'\\', content).is_some() {
                // It may be a clear value as well. What is denoted is never longer.
                wiped::truncate(&mut scratch.token, 0);
                wiped::reserve(&mut scratch.token, content.len());
                // What is no text is no token either.
                let _ = unescape_into(content, &mut scratch.token);
                scratch.token.as_slice()
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
            let plaintext = &mut scratch.plaintext;
            wiped::truncate(plaintext, 0);
            let outcome = match &mut once {
                Some(once) => once.decrypt_into(token, plaintext),
                None => self.decrypter.decrypt_into(token, plaintext),
            };
            outcome.map_err(|error| FieldError::Decrypt { pointer: pointer(), error })?;
            let text = core::str::from_utf8(plaintext)
                .map_err(|_| FieldError::PlaintextNotUtf8 { pointer: pointer() })?;
            let before = document.get(copied..span.start).unwrap_or_default();
            let behind = document.len() - span.end;
            // The engine limits each compressed value, and not all of them together. What stands
            // behind is not counted: it may be tokens that are longer than their values.
            let value_len = match self.options.encoding {
                PlaintextEncoding::Text => escaped_len(text),
                PlaintextEncoding::Json => text.len(),
            };
            let room = before.len() + value_len + behind;
            if output.len() - start + room - behind > limit {
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
                    if scratch.index.depth(*node) + document::depth(text.as_bytes()) > limit {
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
        output.extend_from_slice(document.get(copied..).unwrap_or_default());
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use jwe_core::{DecryptionKey, Enc, Jwk, KeyOptions};
    use jwe_ring::RING;

    use super::*;

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
}
