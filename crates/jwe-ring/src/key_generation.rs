//! Key pairs for key agreement on P-256 and P-384, by ring.
//!
//! They come from ring's `EcdsaKeyPair`, because ring's `agreement` lets no private key out. What
//! it returns is an ordinary key pair of the curve in PKCS #8, a random number d and the point
//! d·G, and names no scheme of signing: the same that `openssl genpkey -algorithm EC` writes.
//! X25519 has no such way out, and RSA keys ring does not generate.

use jwe_core::{BackendError, Curve, EcKeyGeneration, Zeroizing, wiped};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair,
};

/// Generates EC key pairs.
pub(crate) struct KeyGeneration;

/// The one value of [`KeyGeneration`].
pub(crate) static KEY_GENERATION: KeyGeneration = KeyGeneration;

impl EcKeyGeneration for KeyGeneration {
    fn implementation(&self) -> &'static str {
        "ring"
    }

    fn curves(&self) -> &'static [Curve] {
        &[Curve::P256, Curve::P384]
    }

    /// The DER holds the public half.
    fn generate(&self, curve: Curve) -> Result<Zeroizing<Vec<u8>>, BackendError> {
        let algorithm = match curve {
            Curve::P256 => &ECDSA_P256_SHA256_ASN1_SIGNING,
            Curve::P384 => &ECDSA_P384_SHA384_ASN1_SIGNING,
            _ => return Err(BackendError),
        };
        // The document is returned by value, so that copies of it stay behind on the stack.
        wiped::stack_after(|| {
            EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new())
                .map(|document| Zeroizing::new(document.as_ref().to_vec()))
                .map_err(|_| BackendError)
        })
    }
}

#[cfg(test)]
mod tests {
    use jwe_core::{EphemeralAgreement, Jwk, KeyMaterial};

    use super::*;
    use crate::RING;
    use crate::key_agreement::ECDH;
    use crate::test_curves as curves;
    use crate::test_data::private_part;

    #[test]
    fn the_halves_of_a_pair_belong_together_and_no_two_pairs_are_alike() {
        for curve in KEY_GENERATION.curves() {
            let pairs = [(); 3].map(|()| KEY_GENERATION.generate(*curve).unwrap());
            for der in &pairs {
                // The public key is the end of the document.
                let public = &der[der.len() - curve.public_len()..];
                assert_eq!(curves::public_key(*curve, private_part(*curve, der)), public);
            }
            assert!(pairs[0] != pairs[1] && pairs[1] != pairs[2] && pairs[0] != pairs[2]);
        }
    }

    #[test]
    fn the_engine_reads_them_and_both_halves_serve() {
        for curve in KEY_GENERATION.curves() {
            let jwk = Jwk::generate_ec(&RING, *curve).unwrap();
            let KeyMaterial::EcPrivate(key) = jwk.material() else { panic!("an EC key") };
            let public = key.public().unwrap();
            assert_eq!(curves::public_key(*curve, key.secret()), public.as_bytes());
            assert!(ECDH.import(public).is_ok());
        }
        for curve in [Curve::P521, Curve::X25519] {
            assert!(Jwk::generate_ec(&RING, curve).is_err());
        }
    }

    #[test]
    fn other_curves_are_refused() {
        for curve in [Curve::P521, Curve::X25519] {
            assert_eq!(KEY_GENERATION.generate(curve), Err(BackendError));
        }
    }
}
