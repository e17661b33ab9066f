//! The curves of key agreement (RFC 7518 §6.2.1.1, RFC 8037 §3.1).

use core::fmt;
use core::str::FromStr;

use crate::alg::UnknownAlgorithm;

/// A curve on which keys agree, the value of the `crv` of a JWK (RFC 7518 §6.2.1.1,
/// RFC 8037 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Curve {
    /// NIST P-256, a key of type `EC`.
    P256,
    /// NIST P-384, a key of type `EC`.
    P384,
    /// NIST P-521, a key of type `EC`.
    P521,
    /// Curve25519 in its Montgomery form (RFC 7748 §5), a key of type `OKP`.
    X25519,
}

impl Curve {
    /// Every member, in the order of the registry.
    pub const ALL: &'static [Self] = &[Self::P256, Self::P384, Self::P521, Self::X25519];

    /// The longest [`public_len`](Self::public_len) of any member, in bytes.
    pub const MAX_PUBLIC_LEN: usize = 133;
    /// The longest [`secret_len`](Self::secret_len) of any member, in bytes.
    pub const MAX_SECRET_LEN: usize = 66;

    /// The exact, case-sensitive name of the registry.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::X25519 => "X25519",
        }
    }

    /// The curve of that exact name, or `None`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|curve| curve.name() == name)
    }

    /// The `kty` of keys on this curve: `EC` or `OKP`.
    #[must_use]
    pub const fn kty(self) -> &'static str {
        match self {
            Self::X25519 => "OKP",
            _ => "EC",
        }
    }

    /// Whether public keys are points with two coordinates: all but X25519.
    #[must_use]
    pub const fn is_nist(self) -> bool {
        !matches!(self, Self::X25519)
    }

    /// The length in bytes of a private key, of a coordinate and of the agreed secret Z
    /// (RFC 7518 §6.2.1.2, §6.2.2.1; SEC 1 §3.3.1).
    #[must_use]
    pub const fn secret_len(self) -> usize {
        match self {
            Self::P256 | Self::X25519 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// The length in bytes of a public key: of the uncompressed point (SEC 1 §2.3.3), or for
    /// X25519 of the u-coordinate (RFC 7748 §5).
    #[must_use]
    pub const fn public_len(self) -> usize {
        match self {
            Self::X25519 => self.secret_len(),
            // The byte 4 and two coordinates.
            _ => self.secret_len().saturating_mul(2).saturating_add(1),
        }
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Curve {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        Self::from_name(name).ok_or(UnknownAlgorithm)
    }
}
