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

/// A part of a message (RFC 7516 §2).
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
    /// The additional authenticated data, in the JSON serializations.
    Aad,
}

impl Segment {
    fn name(self) -> &'static str {
        match self {
            Self::Header => "the protected header",
            Self::EncryptedKey => "the encrypted key",
            Self::Iv => "the initialization vector",
            Self::Ciphertext => "the ciphertext",
            Self::Tag => "the authentication tag",
            Self::Aad => "the additional authenticated data",
        }
    }
}

/// How a message is not a well-formed JWE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Malformed {
    /// Longer than [`Limits::max_token_len`](crate::Limits).
    TokenTooLong,
    /// A header is longer than [`Limits::max_header_len`](crate::Limits).
    HeaderTooLong,
    /// Not exactly five segments.
    SegmentCount,
    /// A JSON serialization is expected and this is not one JSON object.
    NotJson,
    /// A member of the JSON serialization is missing, empty, of the wrong type, twice there, or not
    /// of this serialization (RFC 7516 §7.2).
    MessageMember(&'static str),
    /// More recipients than [`Limits::max_recipients`](crate::Limits).
    TooManyRecipients,
    /// The recipients' headers do not name the same `enc`, or `zip`, as those of one message must
    /// (RFC 7516 §7.2.1).
    RecipientsDiffer,
    /// Not unpadded, canonical base64url (RFC 7515 §2).
    Base64(Segment),
    /// A header is not one JSON object in UTF-8.
    HeaderNotJson,
    /// A header member appears twice, in one header or in two that make up the JOSE header
    /// (RFC 7516 §4, §7.2.1).
    DuplicateMember,
    /// A header member that must be in the protected header is in another (RFC 7516 §4.1.3,
    /// §4.1.13).
    Unprotected(&'static str),
    /// A header member that the algorithm needs is missing, or is not what RFC 7518 §4.6.1, §4.7.1
    /// or §4.8.1 make of it.
    KeyParameter(&'static str),
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
    /// The header does not say, in a protected and critical member, what the message is bound to, and
    /// a [`BindingDecrypter`](crate::BindingDecrypter) opens no other message.
    NotBound,
    /// The message is bound to something else than is expected.
    BoundElsewhere,
    /// The header has a `zip`, and compression is not allowed or the algorithm is not `DEF`.
    Zip,
    /// The key is a password, and passwords are not allowed.
    Pbes2,
    /// The `p2c` is below 1000 or above the limit.
    IterationCount,
    /// The `epk` is not on the curve of the key.
    EpkCurve,
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
            Self::NotJson => "message_not_json",
            Self::MessageMember(_) => "message_member",
            Self::TooManyRecipients => "too_many_recipients",
            Self::RecipientsDiffer => "recipients_differ",
            Self::Base64(_) => "base64url",
            Self::HeaderNotJson => "header_not_json",
            Self::DuplicateMember => "header_duplicate_member",
            Self::Unprotected(_) => "header_member_unprotected",
            Self::KeyParameter(_) => "header_key_parameter",
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
            Self::NotBound => "not_bound",
            Self::BoundElsewhere => "bound_elsewhere",
            Self::Zip => "zip_not_allowed",
            Self::Pbes2 => "pbes2_not_allowed",
            Self::IterationCount => "p2c_out_of_range",
            Self::EpkCurve => "epk_curve",
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
                "a header is longer than the limit for headers; raise the limit if it is yours",
            ),
            Self::SegmentCount => f.write_str(
                "the compact serialization has five parts with dots between them (a signed JWT has \
                 three: it can be verified, not decrypted)",
            ),
            Self::NotJson => f.write_str(
                "a JSON serialization is one JSON object; take the message as its sender made it",
            ),
            Self::MessageMember(member) => write!(
                f,
                "the JSON serialization has a member ({member}) that is missing, empty, there twice, \
                 of the wrong type or out of place; ask its sender for RFC 7516 §7.2"
            ),
            Self::TooManyRecipients => f.write_str(
                "it has more recipients than the limit; raise the limit if it is yours",
            ),
            Self::RecipientsDiffer => f.write_str(
                "its recipients' headers name different content encryption; ask its sender for one that \
                 all share",
            ),
            Self::Base64(segment) => write!(
                f,
                "{} is not unpadded, canonical base64url; take the token as its sender made it",
                segment.name()
            ),
            Self::HeaderNotJson => f.write_str(
                "the header is not one JSON object; ask its sender for a token of RFC 7516",
            ),
            Self::DuplicateMember => f.write_str(
                "a member appears twice in the header; ask its sender to name each once",
            ),
            Self::Unprotected(member) => write!(
                f,
                "the header member \"{member}\" is not in the protected header; ask its sender to put it there"
            ),
            Self::KeyParameter(member) => write!(
                f,
                "the header member \"{member}\" is missing or is not what the algorithm needs; ask its \
                 sender for that of RFC 7518 §4"
            ),
            Self::MemberType(member) => write!(
                f,
                "the header member \"{member}\" has the wrong type; ask its sender for that of RFC 7516"
            ),
            Self::MissingMember(member) => write!(
                f,
                "the header has no member \"{member}\"; ask its sender to put it there"
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
            Self::NotBound => {
                "the message is not bound to its place, and must be: ask the sender to bind it"
            }
            Self::BoundElsewhere => {
                "the message is bound to another place than where it was found: see whether it was moved or \
                 copied, and whether both sides bind to the same"
            }
            Self::Zip => {
                "the content is compressed, and that is not allowed: ask the sender not to compress, or \
                 allow it with a limit"
            }
            Self::Pbes2 => {
                "the message is for a password, and that is not allowed: allow it with a limit of the \
                 iteration count"
            }
            Self::IterationCount => {
                "the iteration count p2c is below 1000 or above the limit: ask the sender for another, or \
                 raise the limit if it is yours"
            }
            Self::EpkCurve => {
                "the ephemeral public key is not on the curve of the key: see whether the sender has the \
                 current key"
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
