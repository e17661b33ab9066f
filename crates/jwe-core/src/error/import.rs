//! Errors of key parsing and key import.

use core::fmt;

use super::backend::{Gap, KeyRejected};
use crate::alg::Alg;

/// Why a key was not taken. Precise, because a key's owner must be able to mend it; never with a
/// part of a private value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImportError {
    /// Not a JSON text, or not one object; with line and column, both from 1. In a set they count
    /// within the key.
    NotJson {
        /// The line of the error.
        line: usize,
        /// The column of the error in bytes.
        column: usize,
    },
    /// No bytes at all, or a set without keys.
    Empty,
    /// Neither JSON nor PEM nor DER.
    UnknownFormat,
    /// Not PEM (RFC 7468) with a label that is known here.
    NotPem(&'static str),
    /// Not DER of a structure that is known here.
    NotDer(&'static str),
    /// The private key is encrypted with a passphrase (RFC 5208 §6); the crate `jwe-encrypted-key`
    /// reads it.
    Encrypted,
    /// A member that the key type requires is missing (RFC 7518 §6).
    MissingMember(&'static str),
    /// A member has a wrong JSON type or value, or appears twice.
    InvalidMember {
        /// The member's name.
        member: &'static str,
        /// What is wrong with it and what to do.
        reason: &'static str,
    },
    /// A key type, curve or variant of a key that this crate does not handle.
    Unsupported(&'static str),
    /// The key is too short, too long, or trivially broken.
    WeakKey(&'static str),
    /// The key is longer than this crate reads.
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The key says that it is not meant for this: `use` (RFC 7517 §4.2), `key_ops` (§4.3) or the
    /// key usage of its certificate (RFC 5280 §4.2.1.3). See
    /// [`KeyOptions::ignore_declared_usage`](crate::KeyOptions::ignore_declared_usage).
    Usage(&'static str),
    /// The key's `alg` is not a key management algorithm, or differs from the one asked for.
    AlgConflict {
        /// What the key says, cut and escaped.
        declared: String,
        /// What was asked for.
        wanted: Option<Alg>,
    },
    /// Neither the key nor the caller says which algorithm to use.
    MissingAlg,
    /// The algorithm asked for does not go with the key's type.
    AlgKeyType {
        /// The algorithm.
        alg: Alg,
        /// The key's `kty`.
        kty: &'static str,
    },
    /// The key has no `kid` and the caller made no choice about it.
    MissingKid,
    /// A `kid` that can't be used: empty, too long, or with control characters.
    InvalidKid(&'static str),
    /// The private key's file left out the public half, which is needed here and which the backend
    /// can't work out. See [`Jwk::with_public_half`](crate::Jwk::with_public_half).
    MissingPublicHalf,
    /// A private key is needed here and a public one was given.
    PrivateKeyNeeded,
    /// The set has no key of that `kid`.
    NoSuchKid,
    /// The set has several keys to choose from and no `kid` was given, or two keys with one `kid`.
    Ambiguous(&'static str),
    /// The backend does not offer the algorithm in this direction.
    Gap(Gap),
    /// The backend's library does not take the key.
    Rejected {
        /// The backend.
        backend: &'static str,
        /// Its reason.
        reason: KeyRejected,
    },
}

impl ImportError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotJson { .. } => "key_not_json",
            Self::Empty => "key_empty",
            Self::UnknownFormat => "key_unknown_format",
            Self::NotPem(_) => "key_not_pem",
            Self::NotDer(_) => "key_not_der",
            Self::Encrypted => "key_encrypted",
            Self::MissingMember(_) => "key_missing_member",
            Self::InvalidMember { .. } => "key_invalid_member",
            Self::Unsupported(_) => "key_unsupported",
            Self::WeakKey(_) => "key_weak",
            Self::TooLarge { .. } => "key_too_large",
            Self::Usage(_) => "key_usage",
            Self::AlgConflict { .. } => "key_alg_conflict",
            Self::MissingAlg => "key_missing_alg",
            Self::AlgKeyType { .. } => "key_alg_type",
            Self::MissingKid => "key_missing_kid",
            Self::InvalidKid(_) => "key_invalid_kid",
            Self::MissingPublicHalf => "key_missing_public_half",
            Self::PrivateKeyNeeded => "key_private_needed",
            Self::NoSuchKid => "key_no_such_kid",
            Self::Ambiguous(_) => "key_ambiguous",
            Self::Gap(_) => "backend_gap",
            Self::Rejected { .. } => "key_rejected",
        }
    }
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson { line, column } => {
                write!(f, "the key is not a JSON object that can be read: line {line}, column {column}")
            }
            Self::Empty => f.write_str("there is no key in it: see whether the file or the URL is the right one"),
            Self::UnknownFormat => f.write_str(
                "the bytes are no JWK, JWK set, PEM or DER: see whether the file or the URL holds a key",
            ),
            Self::NotPem(reason) => write!(f, "the key is not PEM that can be read: {reason}"),
            Self::NotDer(reason) => write!(f, "the key is not DER that can be read: {reason}"),
            Self::Encrypted => f.write_str(
                "the private key is encrypted with a passphrase: read it with the passphrase, or decrypt it \
                 first, for example with `openssl pkcs8 -in FILE`",
            ),
            Self::MissingMember(member) => {
                write!(f, "the JWK has no member \"{member}\", which its type requires (RFC 7518 §6): export it again from its origin")
            }
            Self::InvalidMember { member, reason } => write!(f, "the JWK's member \"{member}\": {reason}"),
            Self::Unsupported(reason) => write!(f, "the key can't be used here: {reason}"),
            Self::WeakKey(reason) => write!(f, "the key is refused as weak: {reason}"),
            Self::TooLarge { limit } => write!(f, "the key is longer than {limit} bytes, which no key is: see whether the file or the URL is the right one"),
            Self::Usage(reason) => write!(
                f,
                "the key is not meant for this: {reason}; take another, or, if its publisher labels it \
                 wrongly, say explicitly that its label is to be ignored"
            ),
            Self::AlgConflict { declared, wanted: Some(wanted) } => write!(
                f,
                "the key says that its alg is \"{declared}\", not {wanted}: use the key's alg, or, if its \
                 publisher labels it wrongly, say explicitly that its label is to be ignored"
            ),
            Self::AlgConflict { declared, wanted: None } => write!(
                f,
                "the key says that its alg is \"{declared}\", which encrypts no content encryption key here: \
                 name an alg, and if the key's publisher labels it wrongly, say explicitly that its label is \
                 to be ignored"
            ),
            Self::MissingAlg => f.write_str(
                "the key does not say which alg it is for: name one, for example RSA-OAEP-256",
            ),
            Self::AlgKeyType { alg, kty } => {
                write!(f, "{alg} does not go with a key of type \"{kty}\": name another alg or another key")
            }
            Self::MissingKid => f.write_str(
                "the key has no kid, and the recipient needs one to find its key: give one, derive it \
                 from the key's thumbprint (RFC 7638), or choose explicitly to leave it out",
            ),
            Self::InvalidKid(reason) => write!(f, "the kid can't be used: {reason}"),
            Self::MissingPublicHalf => f.write_str(
                "the private key comes without its public half, which is needed here and which the backend \
                 can't work out: use another backend for this step",
            ),
            Self::PrivateKeyNeeded => {
                f.write_str("this is a public key; decryption needs the private one")
            }
            Self::NoSuchKid => f.write_str(
                "the key set has no usable key with that kid: take the kid of a key that is there",
            ),
            Self::Ambiguous(reason) => write!(f, "which key of the set to use is not clear: {reason}"),
            Self::Gap(gap) => gap.fmt(f),
            Self::Rejected { backend, reason } => write!(f, "the backend {backend} refuses the key: {reason}"),
        }
    }
}

impl core::error::Error for ImportError {}

impl From<Gap> for ImportError {
    fn from(gap: Gap) -> Self {
        Self::Gap(gap)
    }
}
