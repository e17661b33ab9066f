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
