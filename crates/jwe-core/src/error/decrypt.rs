//! Errors of decryption.

use core::fmt;

/// Why a message was not decrypted. The output buffer is as it was before.
///
/// [`Malformed`](Self::Malformed) and [`Rejected`](Self::Rejected) depend on the bytes of the
/// message and on the policy alone, which whoever sent the message knows; they are reported
/// before a private key is touched. Every cryptographic outcome is the one
/// [`DecryptionFailed`](Self::DecryptionFailed), which has no cause, no source and no text of a
/// backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecryptError {
    /// The message is not a well-formed JWE.
    Malformed(Malformed),
    /// The message is a JWE that the policy does not accept.
    Rejected(Rejected),
    /// The message could not be decrypted with the key: wrong key, changed message, or, very
    /// rarely, a random source or library that failed.
    DecryptionFailed,
}

/// A part of the compact serialization (RFC 7516 §7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Segment {
    /// The protected header.
    Header,
    /// The JWE encrypted key.
    EncryptedKey,
    /// The initialization vector.
    Iv,
    /// The ciphertext.
    Ciphertext,
    /// The authentication tag.
    Tag,
}

impl Segment {
    fn name(self) -> &'static str {
        match self {
            Self::Header => "the protected header",
            Self::EncryptedKey => "the encrypted key",
            Self::Iv => "the initialization vector",
            Self::Ciphertext => "the ciphertext",
            Self::Tag => "the authentication tag",
        }
    }
}

/// How a message is not a well-formed JWE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Malformed {
    /// Longer than [`Limits::max_token_len`](crate::Limits).
    TokenTooLong,
    /// The protected header is longer than [`Limits::max_header_len`](crate::Limits).
    HeaderTooLong,
    /// Not exactly five segments.
    SegmentCount,
    /// Not unpadded, canonical base64url (RFC 7515 §2).
    Base64(Segment),
    /// The header is not one JSON object in UTF-8.
    HeaderNotJson,
    /// A header member appears twice (RFC 7516 §4).
    DuplicateMember,
    /// A header member has the wrong JSON type.
    MemberType(&'static str),
    /// `alg` or `enc` is missing.
    MissingMember(&'static str),
    /// A part does not have the one length that the algorithm gives it.
    Length(Segment),
}

/// Why a well-formed message is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rejected {
    /// The `alg` is not the one to which the key is bound.
    Alg,
    /// The `enc` is not in the accepted set.
    Enc,
    /// The header has a `crit` that names an extension that is not understood, or that is itself
    /// against RFC 7516 §4.1.13.
    Crit,
    /// The header has a `zip`, and compression is not allowed.
    Zip,
    /// The header has no `kid`, and several keys are there or a `kid` is required.
    MissingKid,
    /// No key has the header's `kid`.
    UnknownKid,
    /// The private half of the key is held elsewhere, so that the message must be opened in two
    /// steps: [`Decrypter::begin`](crate::Decrypter::begin) and
    /// [`Pending::complete`](crate::Pending::complete).
    KeyHeldElsewhere,
}

impl Malformed {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TokenTooLong => "token_too_long",
            Self::HeaderTooLong => "header_too_long",
            Self::SegmentCount => "segment_count",
            Self::Base64(_) => "base64url",
            Self::HeaderNotJson => "header_not_json",
            Self::DuplicateMember => "header_duplicate_member",
            Self::MemberType(_) => "header_member_type",
            Self::MissingMember(_) => "header_missing_member",
            Self::Length(_) => "part_length",
        }
    }
}

impl Rejected {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Alg => "alg_not_accepted",
            Self::Enc => "enc_not_accepted",
            Self::Crit => "crit_not_understood",
            Self::Zip => "zip_not_allowed",
            Self::MissingKid => "missing_kid",
            Self::UnknownKid => "unknown_kid",
            Self::KeyHeldElsewhere => "key_held_elsewhere",
        }
    }
}

impl DecryptError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(malformed) => malformed.code(),
            Self::Rejected(rejected) => rejected.code(),
            Self::DecryptionFailed => "decryption_failed",
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a well-formed JWE: ")?;
        match self {
            Self::TokenTooLong => {
                f.write_str("it is longer than the limit for tokens; raise the limit if it is yours")
            }
            Self::HeaderTooLong => f.write_str(
                "the protected header is longer than its limit; raise the limit if it is yours",
            ),
            Self::SegmentCount => f.write_str(
                "the compact serialization has five parts with dots between them (a signed JWT has \
                 three: it can be verified, not decrypted)",
            ),
            Self::Base64(segment) => write!(
                f,
                "{} is not unpadded, canonical base64url; take the token as its sender made it",
                segment.name()
            ),
            Self::HeaderNotJson => f.write_str(
                "the protected header is not one JSON object; ask its sender for a token of RFC 7516",
            ),
            Self::DuplicateMember => f.write_str(
                "a member appears twice in the protected header; ask its sender to name each once",
            ),
            Self::MemberType(member) => write!(
                f,
                "the header member \"{member}\" has the wrong type; ask its sender for that of RFC 7516"
            ),
            Self::MissingMember(member) => write!(
                f,
                "the protected header has no member \"{member}\"; ask its sender to put it there"
            ),
            Self::Length(segment) => write!(
                f,
                "{} does not have the length that the algorithm and the key give it; see whether the \
                 token is whole and for this key",
                segment.name()
            ),
        }
    }
}

impl core::error::Error for Malformed {}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Alg => {
                "the alg is not the one that the key is for: ask the sender to use that, or import the \
                 key for the other"
            }
            Self::Enc => {
                "the enc is not one of those that are accepted: accept it too, or ask the sender for \
                 another"
            }
            Self::Crit => {
                "the header's crit names extensions that are not understood here: ask the sender to \
                 leave them out"
            }
            Self::Zip => {
                "the content is compressed, and that is not allowed: ask the sender not to compress"
            }
            Self::MissingKid => {
                "the header has no kid, and one is needed to choose the key: ask the sender to name the key"
            }
            Self::UnknownKid => {
                "no key here has the header's kid: see whether the sender has the current key"
            }
            Self::KeyHeldElsewhere => {
                "the private key is held elsewhere: open the message in two steps"
            }
        })
    }
}

impl core::error::Error for Rejected {}

impl fmt::Display for DecryptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(malformed) => malformed.fmt(f),
            Self::Rejected(rejected) => rejected.fmt(f),
            Self::DecryptionFailed => f.write_str("the message could not be decrypted"),
        }
    }
}

impl core::error::Error for DecryptError {}

impl From<Malformed> for DecryptError {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

impl From<Rejected> for DecryptError {
    fn from(rejected: Rejected) -> Self {
        Self::Rejected(rejected)
    }
}
