//! Errors of putting an encrypter or a decrypter together.

use core::fmt;

use super::backend::Gap;
use crate::enc::Enc;

/// Why an [`Encrypter`](crate::Encrypter) or a [`Decrypter`](crate::Decrypter) can't be built.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SetupError {
    /// The set of accepted `enc` is empty.
    NoAcceptedEnc,
    /// No key was given.
    NoKey,
    /// Two keys have the same `kid`, or several keys are given and one has none.
    AmbiguousKid,
    /// The key is itself the CEK and is not as long as the `enc` wants (RFC 7518 §4.5).
    CekLength {
        /// The content encryption algorithm.
        enc: Enc,
        /// The length of the key in bytes.
        key_len: usize,
    },
    /// The key itself names another `enc` as the one that it is for.
    DeclaredEnc {
        /// The content encryption algorithm asked for.
        enc: Enc,
    },
    /// A header member that the engine writes itself, or one that it does not allow.
    HeaderMember(&'static str),
    /// No recipient was added.
    NoRecipient,
    /// A key that determines the CEK, by `dir` or `ECDH-ES`, can't share a message with other
    /// recipients (RFC 7516 §5.1, step 2).
    DirectWithOthers,
    /// A setting of a key management algorithm that can't be used: what and why.
    KeyParameter(&'static str),
    /// A header would be longer than a recipient's usual limit.
    HeaderTooLong {
        /// The limit in bytes of the header's JSON text.
        limit: usize,
    },
    /// The backend's key claims encrypted keys longer than
    /// [`UNWRAP_BUFFER_LEN`](crate::UNWRAP_BUFFER_LEN).
    EncryptedKeyTooLong,
    /// The backend does not offer the `enc`.
    Gap(Gap),
}

impl SetupError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoAcceptedEnc => "setup_no_accepted_enc",
            Self::NoKey => "setup_no_key",
            Self::AmbiguousKid => "setup_ambiguous_kid",
            Self::CekLength { .. } => "setup_cek_length",
            Self::DeclaredEnc { .. } => "setup_declared_enc",
            Self::HeaderMember(_) => "setup_header_member",
            Self::NoRecipient => "setup_no_recipient",
            Self::DirectWithOthers => "setup_direct_with_others",
            Self::KeyParameter(_) => "setup_key_parameter",
            Self::HeaderTooLong { .. } => "setup_header_too_long",
            Self::EncryptedKeyTooLong => "setup_encrypted_key_too_long",
            Self::Gap(_) => "backend_gap",
        }
    }
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAcceptedEnc => f.write_str(
                "no content encryption algorithm is accepted: name at least one, such as A256GCM",
            ),
            Self::NoKey => f.write_str("no key is given: import at least one"),
            Self::AmbiguousKid => f.write_str(
                "keys that serve together need a kid each, all different: give them kids on import",
            ),
            Self::CekLength { enc, key_len } => write!(
                f,
                "{enc} needs a key of {} bytes and this one has {key_len}: use the enc that fits, or another key",
                enc.cek_len()
            ),
            Self::DeclaredEnc { enc } => {
                write!(
                    f,
                    "the key's alg names another content encryption algorithm than {enc}: use that one"
                )
            }
            Self::HeaderMember(reason) => write!(f, "a header member can't be set: {reason}"),
            Self::NoRecipient => f.write_str("the message has no recipient: add at least one"),
            Self::DirectWithOthers => f.write_str(
                "a key that is or agrees on the content encryption key itself can't share a message \
                 with others: use an algorithm that wraps, such as A256KW or ECDH-ES+A256KW",
            ),
            Self::KeyParameter(reason) => {
                write!(f, "a setting of the key management can't be used: {reason}")
            }
            Self::HeaderTooLong { limit } => {
                write!(
                    f,
                    "a header is longer than {limit} bytes: use fewer or shorter members"
                )
            }
            Self::EncryptedKeyTooLong => {
                f.write_str("the backend's encrypted keys would be longer than any can be: report it to its maintainers")
            }
            Self::Gap(gap) => gap.fmt(f),
        }
    }
}

impl core::error::Error for SetupError {}

impl From<Gap> for SetupError {
    fn from(gap: Gap) -> Self {
        Self::Gap(gap)
    }
}
