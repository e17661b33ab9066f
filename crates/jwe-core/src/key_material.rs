//! Key material that the engine has parsed and range-checked: what a backend imports.

use core::fmt;

use zeroize::Zeroizing;

use crate::ec_key::{EcPrivateKey, EcPublicKey};
use crate::error::ImportError;
use crate::rsa_key::{RsaPrivateKey, RsaPublicKey};

/// Parsed key material. It carries no `alg`, no `kid` and no usage: those are the
/// [`Jwk`](crate::Jwk)'s.
#[derive(Clone)]
#[non_exhaustive]
pub enum KeyMaterial {
    /// An RSA public key (RFC 7518 §6.3.1).
    RsaPublic(RsaPublicKey),
    /// An RSA private key (RFC 7518 §6.3.2).
    RsaPrivate(RsaPrivateKey),
    /// A public key for key agreement (RFC 7518 §6.2.1, RFC 8037 §2).
    EcPublic(EcPublicKey),
    /// A private key for key agreement (RFC 7518 §6.2.2, RFC 8037 §2).
    EcPrivate(EcPrivateKey),
    /// A symmetric key (RFC 7518 §6.4); for the PBES2 family, a password.
    Oct(OctKey),
}

impl KeyMaterial {
    /// The public half; `None` for a symmetric key and for a private key whose file left it out.
    pub(crate) fn public_half(&self) -> Option<Self> {
        Some(match self {
            Self::RsaPublic(key) => Self::RsaPublic(key.clone()),
            Self::RsaPrivate(key) => Self::RsaPublic(key.public().clone()),
            Self::EcPublic(key) => Self::EcPublic(key.clone()),
            Self::EcPrivate(key) => Self::EcPublic(key.public()?.clone()),
            Self::Oct(_) => return None,
        })
    }

    /// Whether both have the same public half.
    pub(crate) fn same_public_half(&self, other: &Self) -> bool {
        match (self.public_half(), other.public_half()) {
            (Some(Self::RsaPublic(one)), Some(Self::RsaPublic(two))) => one == two,
            (Some(Self::EcPublic(one)), Some(Self::EcPublic(two))) => one == two,
            _ => false,
        }
    }
}

impl fmt::Debug for KeyMaterial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RsaPublic(key) => key.fmt(f),
            Self::RsaPrivate(key) => key.fmt(f),
            Self::EcPublic(key) => key.fmt(f),
            Self::EcPrivate(key) => key.fmt(f),
            Self::Oct(key) => key.fmt(f),
        }
    }
}

/// A symmetric key, wiped on drop.
#[derive(Clone)]
pub struct OctKey(Zeroizing<Vec<u8>>);

impl OctKey {
    /// Takes the key's bytes.
    ///
    /// # Errors
    /// [`ImportError::WeakKey`] when `bytes` is empty or all zero.
    pub fn new(bytes: Zeroizing<Vec<u8>>) -> Result<Self, ImportError> {
        if bytes.iter().all(|byte| *byte == 0) {
            return Err(ImportError::WeakKey(
                "an empty or all-zero symmetric key protects nothing: generate one",
            ));
        }
        Ok(Self(bytes))
    }

    /// The key's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for OctKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OctKey").finish_non_exhaustive()
    }
}
