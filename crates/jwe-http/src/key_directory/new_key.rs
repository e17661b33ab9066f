//! What keys are made.

use jwe_core::{Alg, Backend, Curve, ImportError, Jwk};

use super::error::KeyDirectoryError;

/// What key pair a directory makes when it needs one. Each gets its thumbprint (RFC 7638) as `kid`.
#[derive(Clone, Copy, Debug)]
pub struct NewKey {
    alg: Alg,
    bits: usize,
    curve: Curve,
}

impl NewKey {
    /// The length of an RSA modulus in bits if not set.
    pub const DEFAULT_BITS: usize = 3072;

    /// A key pair for this algorithm, which has to be of the RSA-OAEP or ECDH-ES family: of a symmetric key
    /// nothing can be published.
    ///
    /// # Errors
    /// [`KeyDirectoryError::NotPublic`] for another algorithm.
    pub fn new(alg: Alg) -> Result<Self, KeyDirectoryError> {
        if alg.is_rsa() || alg.is_ecdh() {
            Ok(Self { alg, bits: Self::DEFAULT_BITS, curve: Curve::P256 })
        } else {
            Err(KeyDirectoryError::NotPublic { alg })
        }
    }

    /// The same with another length of an RSA modulus, in bits.
    #[must_use]
    pub fn with_bits(mut self, bits: usize) -> Self {
        self.bits = bits;
        self
    }

    /// The same on another curve, for ECDH-ES; P-256 if not set.
    #[must_use]
    pub fn with_curve(mut self, curve: Curve) -> Self {
        self.curve = curve;
        self
    }

    pub(crate) fn make(&self, backend: &Backend) -> Result<Jwk, KeyDirectoryError> {
        let made = if self.alg.is_rsa() {
            Jwk::generate_rsa(backend, self.bits)
        } else {
            Jwk::generate_ec(backend, self.curve)
        };
        let jwk = made.map_err(KeyDirectoryError::Generate)?;
        let kid = jwk.thumbprint(backend).ok_or(ImportError::MissingPublicHalf);
        kid.and_then(|kid| jwk.with_alg(self.alg).with_kid(&kid)).map_err(KeyDirectoryError::Made)
    }
}

impl Default for NewKey {
    /// RSA-OAEP-256 with 3072 bits.
    fn default() -> Self {
        Self { alg: Alg::RsaOaep256, bits: Self::DEFAULT_BITS, curve: Curve::P256 }
    }
}
