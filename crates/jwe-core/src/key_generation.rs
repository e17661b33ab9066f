//! Making new keys, for backends whose library can.

use zeroize::Zeroizing;

use crate::error::BackendError;

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
