//! Encrypts and decrypts selected values of a JSON document.
//!
//! A client replaces the sensitive values of a request by JWEs (RFC 7516) that only the API can
//! open, so that nothing between the two ever holds the clear text. Which values is up to
//! [`Selector`]s: JSON Pointers (RFC 6901) and JSONPaths (RFC 9535). Every value is encrypted by
//! itself, and every byte outside the selected values leaves as it came: the order of members,
//! the spacing, `1.0`, `1e400`, escapes, and names that stand twice.
//!
//! ```
//! use jwe_core::{DecryptionKey, Decrypter, Enc, EncryptionKey, Encrypter, Jwk, KeyOptions};
//! use jwe_fields::{DecryptOptions, EncryptOptions, FieldDecrypter, FieldEncrypter, Selector};
//! # use jwe_ring::RING as BACKEND;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A key that both sides share; with RSA the sender needs the public key only.
//! let jwk = Jwk::from_json(
//!     br#"{"kty":"oct","alg":"dir","kid":"demo","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}"#,
//! )?;
//! let options = KeyOptions::new();
//! let selectors = [Selector::parse("/username")?, Selector::parse("$.accounts[*].iban")?];
//! let body = br#"{"id": 33, "username": "john", "accounts": [{"iban": "FR76"}, {"iban": "DE89"}]}"#;
//!
//! let encrypter = Encrypter::new(&BACKEND, &EncryptionKey::import(&BACKEND, &jwk, &options)?, Enc::A256Gcm)?;
//! let sender = FieldEncrypter::new(encrypter, selectors.clone(), EncryptOptions::new())?;
//! let sent = sender.encrypt(body)?;
//! assert!(sent.starts_with(br#"{"id": 33, "username": "eyJ"#));
//!
//! let keys = [DecryptionKey::import(&BACKEND, &jwk, &options)?];
//! let recipient = FieldDecrypter::new(
//!     Decrypter::new(&BACKEND, keys, &[Enc::A256Gcm])?,
//!     selectors,
//!     DecryptOptions::new(),
//! )?;
//! assert_eq!(recipient.decrypt(&sent)?.as_slice(), body);
//! # Ok(())
//! # }
//! ```
//!
//! # What is refused
//!
//! By default everything that is not as expected is refused: a selector that selects nothing, a
//! value that is no string, a value that is encrypted already (or, on decryption, is not). The
//! settings [`EncryptOptions`] and [`DecryptOptions`] allow more. Always refused are selected
//! values inside one another, and paths through a name that appears twice in its object, because
//! sender and recipient may not mean the same member; for the same reason a filter may neither ask
//! for such a name nor count, go through or compare the members of such an object. Errors name the
//! value by its JSON Pointer and never show it.
//!
//! # What is not protected
//!
//! A token says nothing of its place: who can change the document can exchange two tokens, or put
//! in one from another document. Lengths of values, names of members and the clear values can be
//! read.
//!
//! Against two of these there is a defence, off by default because the other side has to know of it:
//! a [`Binding`] of each value to its field and to an id of its record, and [`Padding`] of short texts to
//! one length.
//!
//! ```
//! # use jwe_core::{DecryptionKey, Decrypter, Enc, EncryptionKey, Encrypter, Jwk, KeyOptions};
//! # use jwe_ring::RING as BACKEND;
//! use jwe_fields::{Binding, DecryptOptions, EncryptOptions, FieldDecrypter, FieldEncrypter, Padding};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let jwk = Jwk::from_json(
//! #     br#"{"kty":"oct","alg":"dir","kid":"demo","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}"#,
//! # )?;
//! # let options = KeyOptions::new();
//! # let key = EncryptionKey::import(&BACKEND, &jwk, &options)?;
//! # let private_key = DecryptionKey::import(&BACKEND, &jwk, &options)?;
//! let binding = Binding::to_field().with_record_at("/id");
//! let padding = Padding::to_bucket(64).unwrap_or_default();
//! let sender = FieldEncrypter::binding(
//!     Encrypter::builder(&BACKEND, &key, Enc::A256Gcm),
//!     ["/pin".parse()?],
//!     EncryptOptions::new().with_padding(padding),
//!     binding.clone(),
//! )?;
//! let card = br#"{"id":1,"pin":"1234"}"#;
//! let sent = sender.encrypt(card)?;
//!
//! let recipient = FieldDecrypter::binding(
//!     Decrypter::new(&BACKEND, [private_key], &[Enc::A256Gcm])?,
//!     ["/pin".parse()?],
//!     DecryptOptions::new().with_padding(padding),
//!     binding,
//! )?;
//! assert_eq!(recipient.decrypt(&sent)?.as_slice(), card);
//! // The PIN of the first card in the second one.
//! let swapped = String::from_utf8(sent)?.replace("\"id\":1", "\"id\":2");
//! assert_eq!(recipient.decrypt(swapped.as_bytes()).unwrap_err().code(), "bound_elsewhere");
//! # Ok(())
//! # }
//! ```

mod binding;
mod decrypt;
mod document;
mod document_record;
mod encrypt;
mod error;
#[cfg(test)]
mod error_texts;
mod index;
mod json_path;
mod json_string;
mod limits;
mod opener;
mod options;
mod padding;
mod path;
mod pointer;
pub mod records;
mod scratch;
mod selected;
mod selector;
mod settings_error;
#[cfg(test)]
mod test_support;
mod token;
mod value_keys;

pub use binding::Binding;
pub use decrypt::FieldDecrypter;
pub use encrypt::FieldEncrypter;
pub use error::{FieldError, JsonKind, Position};
pub use limits::DocumentLimits;
pub use options::{
    AlreadyEncrypted, ClearValue, DecryptOptions, EncryptOptions, Missing, NonString,
    PlaintextEncoding, ShareCek,
};
pub use padding::Padding;
pub use scratch::Scratch;
pub use selected::{SelectedValue, selected};
pub use selector::{Selector, SelectorError};
pub use settings_error::SettingsError;
