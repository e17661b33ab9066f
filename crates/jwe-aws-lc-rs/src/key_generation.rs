//! Making RSA keys.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};
use jwe_core::{BackendError, RsaKeyGeneration};
use zeroize::Zeroizing;

/// AWS-LC's RSA key generation (FIPS 186-5 §A.1), with e = 65537.
pub(crate) struct AwsLcKeyGeneration;

pub(crate) static AWS_LC_KEY_GENERATION: AwsLcKeyGeneration = AwsLcKeyGeneration;

impl RsaKeyGeneration for AwsLcKeyGeneration {
    fn implementation(&self) -> &'static str {
        "AWS-LC"
    }

    fn modulus_bits(&self) -> &'static [usize] {
        &[2048, 3072, 4096, 8192]
    }

    fn generate(&self, modulus_bits: usize) -> Result<Zeroizing<Vec<u8>>, BackendError> {
        let size = match modulus_bits {
            2048 => KeySize::Rsa2048,
            3072 => KeySize::Rsa3072,
            4096 => KeySize::Rsa4096,
            8192 => KeySize::Rsa8192,
            _ => return Err(BackendError),
        };
        let key = PrivateDecryptingKey::generate(size).map_err(|_| BackendError)?;
        let der = key.as_der().map_err(|_| BackendError)?;
        Ok(Zeroizing::new(der.as_ref().to_vec()))
    }
}
