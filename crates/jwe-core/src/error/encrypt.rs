//! Errors of encryption.

use core::fmt;

use super::backend::BackendError;
use crate::serialization::NotExpressible;

/// Why a message was not encrypted. The output buffer is as it was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncryptError {
    /// The plaintext is longer than a token can be.
    TooLong,
    /// The key is used with AES-GCM itself, by `dir` or AES-GCM key wrapping or as a CEK that messages
    /// [share](crate::Encrypter::share_cek), and has encrypted 2^32 times, as often as random
    /// initialization vectors of 96 bits allow (NIST SP 800-38D §8.3).
    KeyExhausted,
    /// The serialization has no place for a part of the message, such as several recipients in
    /// the compact one (RFC 7516 §7.1).
    NotExpressible,
    /// A header that tells what the message is bound to would have more than 8 KiB.
    BindingTooLong,
    /// A message is bound to two strings of one name.
    BindingTwice,
    /// The random source or the library failed.
    Backend,
}

impl EncryptError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "plaintext_too_long",
            Self::KeyExhausted => "key_exhausted",
            Self::NotExpressible => "not_expressible",
            Self::BindingTooLong => "binding_too_long",
            Self::BindingTwice => "binding_twice",
            Self::Backend => "encryption_failed",
        }
    }
}

impl fmt::Display for EncryptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the plaintext is too long for one token: split it",
            Self::KeyExhausted => {
                "the shared key has encrypted as many messages as are safe with one: take a new key"
            }
            Self::NotExpressible => {
                "the serialization has no place for a part of the message: use another one"
            }
            Self::BindingTooLong => {
                "what the message is bound to does not fit into a header of 8 KiB: bind it to something shorter"
            }
            Self::BindingTwice => {
                "the message is bound to two strings of one name: give each name once"
            }
            Self::Backend => "the backend could not encrypt, because its random source or library failed: try again",
        })
    }
}

impl core::error::Error for EncryptError {}

impl From<NotExpressible> for EncryptError {
    fn from(_: NotExpressible) -> Self {
        Self::NotExpressible
    }
}

impl From<BackendError> for EncryptError {
    fn from(_: BackendError) -> Self {
        Self::Backend
    }
}
