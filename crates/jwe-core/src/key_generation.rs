//! Making new keys, for backends whose library can.

use zeroize::Zeroizing;

use crate::backend::Backend;
use crate::curve::Curve;
use crate::error::{BackendError, GenerateError};
use crate::jwk::Jwk;
use crate::key_material::{KeyMaterial, OctKey};
use crate::rsa_key::RsaPrivateKey;

/// Generates RSA key pairs.
///
/// Symmetric keys need no backend object: the engine draws them from the
/// [`RandomSource`](crate::RandomSource).
pub trait RsaKeyGeneration: Send + Sync {
    /// The name of the code that does the work, such as `"AWS-LC"`.
    fn implementation(&self) -> &'static str;

    /// The lengths of the modulus in bits that can be generated, ascending.
    fn modulus_bits(&self) -> &'static [usize];

    /// Generates a key pair of one of [`modulus_bits`](Self::modulus_bits) with e = 65537 and
    /// returns it as a PKCS #8 `PrivateKeyInfo` in DER (RFC 5208 §5).
    ///
    /// # Errors
    /// [`BackendError`] for another length or a failure of the library.
    fn generate(&self, modulus_bits: usize) -> Result<Zeroizing<Vec<u8>>, BackendError>;
}

impl Jwk {
    /// Generates an RSA key pair; `modulus_bits` is one that the backend's library can make.
    ///
    /// # Errors
    /// [`GenerateError`].
    pub fn generate_rsa(backend: &Backend, modulus_bits: usize) -> Result<Self, GenerateError> {
        let generation = backend
            .rsa_key_generation()
            .ok_or_else(|| GenerateError::NotOffered { backend: backend.name() })?;
        if !generation.modulus_bits().contains(&modulus_bits) {
            return Err(GenerateError::Length { possible: generation.modulus_bits() });
        }
        let der = generation.generate(modulus_bits)?;
        let key = RsaPrivateKey::from_pkcs8_der(&der).map_err(|_| GenerateError::Failed)?;
        Ok(Self::from_material(KeyMaterial::RsaPrivate(key)))
    }

    /// Generates a key pair for key agreement.
    ///
    /// # Errors
    /// [`GenerateError`].
    pub fn generate_ec(backend: &Backend, curve: Curve) -> Result<Self, GenerateError> {
        let generation = backend
            .ec_key_generation(curve)
            .ok_or_else(|| GenerateError::CurveNotOffered { backend: backend.name(), curve })?;
        let der = generation.generate(curve)?;
        Self::from_der(&der)
            .and_then(|key| key.with_public_half(backend))
            .map_err(|_| GenerateError::Failed)
    }

    /// Generates a symmetric key of `len` bytes, as long as the CEK of an `enc` for `dir`.
    ///
    /// # Errors
    /// [`GenerateError::OctLength`] when `len` is less than 16 or more than 1024;
    /// [`GenerateError::Failed`] when the random source fails.
    pub fn generate_oct(backend: &Backend, len: usize) -> Result<Self, GenerateError> {
        if !(16..=1024).contains(&len) {
            return Err(GenerateError::OctLength);
        }
        let mut bytes = Zeroizing::new(vec![0; len]);
        backend.random().fill(&mut bytes)?;
        let key = OctKey::new(bytes).map_err(|_| GenerateError::Failed)?;
        Ok(Self::from_material(KeyMaterial::Oct(key)))
    }
}
