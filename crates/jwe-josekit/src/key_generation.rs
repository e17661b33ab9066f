//! Making RSA keys.

use josekit::jwk::alg::rsa::RsaKeyPair;
use jwe_core::{BackendError, MAX_MODULUS_BITS, MIN_MODULUS_BITS, RsaKeyGeneration};
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use zeroize::Zeroizing;

/// josekit's RSA key generation, with e = 65537.
pub(crate) struct JosekitKeyGeneration;

pub(crate) static JOSEKIT_KEY_GENERATION: JosekitKeyGeneration = JosekitKeyGeneration;

const MODULUS_BITS: &[usize] = &[MIN_MODULUS_BITS, 3072, 4096, MAX_MODULUS_BITS];

impl RsaKeyGeneration for JosekitKeyGeneration {
    fn implementation(&self) -> &'static str {
        "josekit on OpenSSL"
    }

    fn modulus_bits(&self) -> &'static [usize] {
        MODULUS_BITS
    }

    fn generate(&self, modulus_bits: usize) -> Result<Zeroizing<Vec<u8>>, BackendError> {
        if !MODULUS_BITS.contains(&modulus_bits) {
            return Err(BackendError);
        }
        let bits = u32::try_from(modulus_bits).map_err(|_| BackendError)?;
        let pair = RsaKeyPair::generate(bits).map_err(|_| BackendError)?;
        // Taken over as PKCS #1, the key lies in buffers that are wiped here.
        let pkcs1 = Zeroizing::new(pair.to_raw_private_key());
        Rsa::private_key_from_der(&pkcs1)
            .and_then(PKey::from_rsa)
            .and_then(|key| key.private_key_to_pkcs8())
            .map(Zeroizing::new)
            .map_err(|_| BackendError)
    }
}

#[cfg(test)]
mod tests {
    use jwe_core::{BackendError, RsaKeyGeneration};
    use pkcs8::der::Decode;

    use super::JOSEKIT_KEY_GENERATION;

    #[test]
    fn a_generated_key_has_the_length_asked_for_and_two_primes() {
        for bits in [2048, 3072] {
            let der = JOSEKIT_KEY_GENERATION.generate(bits).unwrap();
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
        assert_eq!(JOSEKIT_KEY_GENERATION.modulus_bits(), [2048, 3072, 4096, 8192]);
        for bits in [0, 512, 1024, 2047, 2049, 2056, 16384, usize::MAX] {
            assert_eq!(JOSEKIT_KEY_GENERATION.generate(bits), Err(BackendError));
        }
    }
}
