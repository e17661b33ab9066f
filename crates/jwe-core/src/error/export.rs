//! Errors of writing a key.

use core::fmt;

use crate::key_format::KeyFormat;

/// Why a key was not written in a format.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportError {
    /// A symmetric key has no DER.
    Symmetric,
    /// The format is not for keys of this type.
    KeyType {
        /// The format.
        format: KeyFormat,
        /// The key's `kty`.
        kty: &'static str,
    },
    /// The format is for private keys and this is a public one.
    PrivateKeyNeeded {
        /// The format.
        format: KeyFormat,
    },
    /// The private key's file left out the public half. See
    /// [`Jwk::with_public_half`](crate::Jwk::with_public_half).
    MissingPublicHalf,
    /// The key is too long for the format.
    TooLong,
}

impl ExportError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Symmetric => "export_symmetric",
            Self::KeyType { .. } => "export_key_type",
            Self::PrivateKeyNeeded { .. } => "export_private_needed",
            Self::MissingPublicHalf => "export_missing_public_half",
            Self::TooLong => "export_too_long",
        }
    }
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Symmetric => {
                f.write_str("a symmetric key has no PEM and no DER: write it as a JWK")
            }
            Self::KeyType { format: KeyFormat::Pkcs1, kty } => {
                write!(f, "PKCS #1 is for RSA keys and this is one of type \"{kty}\": write PKCS #8 or SPKI")
            }
            Self::KeyType { format: KeyFormat::Sec1, kty } => write!(
                f,
                "SEC 1 is for private keys on P-256, P-384 and P-521 and this is one of type \"{kty}\": \
                 write PKCS #8"
            ),
            Self::KeyType { format, kty } => {
                write!(f, "{format} is not for keys of type \"{kty}\": write another format")
            }
            Self::PrivateKeyNeeded { format } => {
                write!(f, "{format} is for private keys and this is a public one: write SPKI")
            }
            Self::MissingPublicHalf => f.write_str(
                "the private key comes without its public half, which is to be written: have a backend \
                 work it out first",
            ),
            Self::TooLong => f.write_str("the key is too long for the format: write it as a JWK"),
        }
    }
}

impl core::error::Error for ExportError {}
