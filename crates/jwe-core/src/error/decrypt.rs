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
    /// steps.
    KeyHeldElsewhere,
}

impl DecryptError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(malformed) => match malformed {
                Malformed::TokenTooLong => "token_too_long",
                Malformed::HeaderTooLong => "header_too_long",
                Malformed::SegmentCount => "segment_count",
                Malformed::Base64(_) => "base64url",
                Malformed::HeaderNotJson => "header_not_json",
                Malformed::DuplicateMember => "header_duplicate_member",
                Malformed::MemberType(_) => "header_member_type",
                Malformed::MissingMember(_) => "header_missing_member",
                Malformed::Length(_) => "part_length",
            },
            Self::Rejected(rejected) => match rejected {
                Rejected::Alg => "alg_not_accepted",
                Rejected::Enc => "enc_not_accepted",
                Rejected::Crit => "crit_not_understood",
                Rejected::Zip => "zip_not_allowed",
                Rejected::MissingKid => "missing_kid",
                Rejected::UnknownKid => "unknown_kid",
                Rejected::KeyHeldElsewhere => "key_held_elsewhere",
            },
            Self::DecryptionFailed => "decryption_failed",
        }
    }
}

impl fmt::Display for DecryptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(malformed) => {
                f.write_str("not a well-formed JWE: ")?;
                match malformed {
                    Malformed::TokenTooLong => f.write_str("longer than the limit for tokens"),
                    Malformed::HeaderTooLong => {
                        f.write_str("the protected header is longer than its limit")
                    }
                    Malformed::SegmentCount => f.write_str(
                        "the compact serialization has five parts with dots between them \
                         (a signed JWT has three and can't be decrypted)",
                    ),
                    Malformed::Base64(segment) => {
                        write!(f, "{} is not unpadded, canonical base64url", segment.name())
                    }
                    Malformed::HeaderNotJson => {
                        f.write_str("the protected header is not one JSON object")
                    }
                    Malformed::DuplicateMember => {
                        f.write_str("a member appears twice in the protected header")
                    }
                    Malformed::MemberType(member) => {
                        write!(f, "the header member \"{member}\" has the wrong type")
                    }
                    Malformed::MissingMember(member) => {
                        write!(f, "the protected header has no member \"{member}\"")
                    }
                    Malformed::Length(segment) => write!(
                        f,
                        "{} does not have the length that the algorithm and the key give it",
                        segment.name()
                    ),
                }
            }
            Self::Rejected(rejected) => f.write_str(match rejected {
                Rejected::Alg => "the alg is not the one that the key is for",
                Rejected::Enc => "the enc is not one of those that are accepted",
                Rejected::Crit => "the header's crit is not understood",
                Rejected::Zip => "the content is compressed, and that is not allowed",
                Rejected::MissingKid => {
                    "the header has no kid, and one is needed to choose the key"
                }
                Rejected::UnknownKid => "no key here has the header's kid",
                Rejected::KeyHeldElsewhere => {
                    "the private key is held elsewhere: use `Decrypter::begin` and `Pending::complete`"
                }
            }),
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
