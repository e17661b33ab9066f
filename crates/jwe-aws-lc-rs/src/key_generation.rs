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

#[cfg(test)]
mod tests {
    use jwe_core::{BackendError, RsaKeyGeneration};
    use pkcs8::der::Decode;

    use super::AWS_LC_KEY_GENERATION;

    #[test]
    fn a_generated_key_has_the_length_asked_for_and_two_primes() {
        for bits in [2048, 3072] {
            let der = AWS_LC_KEY_GENERATION.generate(bits).unwrap();
            let info = pkcs8::PrivateKeyInfoRef::from_der(&der).unwrap();
            let key = pkcs1::RsaPrivateKeyRef::from_der(info.private_key.as_bytes()).unwrap();
            assert_eq!(key.modulus.as_bytes().len() * 8, bits);
            assert!(key.modulus.as_bytes()[0] & 0x80 != 0);
            assert_eq!(key.public_exponent.as_bytes(), [1, 0, 1]);
            assert!(key.other_prime_infos.is_none());
        }
    }

    #[test]
    fn other_lengths_are_refused() {
        assert_eq!(AWS_LC_KEY_GENERATION.modulus_bits(), [2048, 3072, 4096, 8192]);
        for bits in [0, 512, 1024, 2047, 2049, 2056, 16384, usize::MAX] {
            assert_eq!(AWS_LC_KEY_GENERATION.generate(bits), Err(BackendError));
        }
    }
}
