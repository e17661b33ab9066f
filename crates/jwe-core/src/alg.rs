//! The `alg` header parameter: how the content encryption key reaches the recipient (RFC 7518 §4).

use core::fmt;
use core::str::FromStr;

/// A key management algorithm, the value of the `alg` header parameter (RFC 7516 §4.1.1,
/// RFC 7518 §4.1).
///
/// `RSA1_5` is not a member and never will be. That a name is a member says that this
/// crate knows its rules; which algorithms can be used is up to the [`Backend`](crate::Backend).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Alg {
    /// RSAES-OAEP with SHA-1 and MGF1 with SHA-1 (RFC 7518 §4.3).
    RsaOaep,
    /// RSAES-OAEP with SHA-256 and MGF1 with SHA-256 (RFC 7518 §4.3).
    RsaOaep256,
    /// RSAES-OAEP with SHA-384 and MGF1 with SHA-384 (IANA JOSE registry).
    RsaOaep384,
    /// RSAES-OAEP with SHA-512 and MGF1 with SHA-512 (IANA JOSE registry).
    RsaOaep512,
    /// Direct use of a shared symmetric key as the CEK (RFC 7518 §4.5).
    Dir,
}

/// How an algorithm determines the CEK (the key management modes of RFC 7516 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyManagementMode {
    /// A random CEK is encrypted to the recipient with an asymmetric algorithm.
    KeyEncryption,
    /// The shared symmetric key is the CEK; the encrypted key is empty.
    DirectEncryption,
}

impl Alg {
    /// Every member, in the order of RFC 7518 §4.1.
    pub const ALL: &'static [Self] =
        &[Self::RsaOaep, Self::RsaOaep256, Self::RsaOaep384, Self::RsaOaep512, Self::Dir];

    /// The exact, case-sensitive name of the registry.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RsaOaep => "RSA-OAEP",
            Self::RsaOaep256 => "RSA-OAEP-256",
            Self::RsaOaep384 => "RSA-OAEP-384",
            Self::RsaOaep512 => "RSA-OAEP-512",
            Self::Dir => "dir",
        }
    }

    /// The algorithm of that exact name, or `None`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|alg| alg.name() == name)
    }

    /// The key management mode, which decides whether an encrypted key is present.
    #[must_use]
    pub const fn mode(self) -> KeyManagementMode {
        match self {
            Self::RsaOaep | Self::RsaOaep256 | Self::RsaOaep384 | Self::RsaOaep512 => {
                KeyManagementMode::KeyEncryption
            }
            Self::Dir => KeyManagementMode::DirectEncryption,
        }
    }

    /// Whether this is one of the RSAES-OAEP family, whose encrypted key is exactly as long as
    /// the modulus (RFC 8017 §7.1.1).
    #[must_use]
    pub const fn is_rsa(self) -> bool {
        matches!(self, Self::RsaOaep | Self::RsaOaep256 | Self::RsaOaep384 | Self::RsaOaep512)
    }
}

impl fmt::Display for Alg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The text is not the exact name of an algorithm of this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownAlgorithm;

impl fmt::Display for UnknownAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the name of a supported algorithm; names are case-sensitive, for example \"RSA-OAEP-256\" or \"A256GCM\"")
    }
}

impl core::error::Error for UnknownAlgorithm {}

impl FromStr for Alg {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        Self::from_name(name).ok_or(UnknownAlgorithm)
    }
}
