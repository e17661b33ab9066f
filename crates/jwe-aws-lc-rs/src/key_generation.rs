//! Making keys: RSA keys, and key pairs for key agreement.

use aws_lc_rs::agreement::{PrivateKey, X25519};
use aws_lc_rs::encoding::{AsBigEndian, AsDer, Curve25519SeedBin, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};
use jwe_core::{BackendError, Curve, EcKeyGeneration, RsaKeyGeneration, wiped};
use zeroize::Zeroizing;

use crate::key_agreement::{CURVES, algorithm};

const IMPLEMENTATION: &str = "AWS-LC";

/// AWS-LC's RSA key generation (FIPS 186-5 §A.1), with e = 65537, and its generation of key pairs
/// on curves (FIPS 186-5 §A.2, RFC 7748 §5).
pub(crate) struct AwsLcKeyGeneration;

pub(crate) static AWS_LC_KEY_GENERATION: AwsLcKeyGeneration = AwsLcKeyGeneration;

impl RsaKeyGeneration for AwsLcKeyGeneration {
    fn implementation(&self) -> &'static str {
        IMPLEMENTATION
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

/// What stands before the 32 bytes of a private key for X25519 in its `PrivateKeyInfo` without
/// attributes and public key (RFC 8410 §7): version 0, id-X25519, and the private key as an OCTET
/// STRING within an OCTET STRING. AWS-LC gives out the bare bytes.
const X25519_PKCS8_PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20,
];

impl EcKeyGeneration for AwsLcKeyGeneration {
    fn implementation(&self) -> &'static str {
        IMPLEMENTATION
    }

    fn curves(&self) -> &'static [Curve] {
        CURVES
    }

    fn generate(&self, curve: Curve) -> Result<Zeroizing<Vec<u8>>, BackendError> {
        wiped::stack_after(|| match curve {
            Curve::X25519 => generate_x25519(),
            nist => generate_nist(nist),
        })
    }
}

fn generate_nist(curve: Curve) -> Result<Zeroizing<Vec<u8>>, BackendError> {
    let algorithm = algorithm(curve).ok_or(BackendError)?;
    let key = PrivateKey::generate(algorithm).map_err(|_| BackendError)?;
    let der: Pkcs8V1Der<'_> = key.as_der().map_err(|_| BackendError)?;
    Ok(Zeroizing::new(der.as_ref().to_vec()))
}

fn generate_x25519() -> Result<Zeroizing<Vec<u8>>, BackendError> {
    let key = PrivateKey::generate(&X25519).map_err(|_| BackendError)?;
    let secret: Curve25519SeedBin<'_> = key.as_be_bytes().map_err(|_| BackendError)?;
    let secret: &[u8; 32] = secret.as_ref().try_into().map_err(|_| BackendError)?;
    // In one allocation, so that nothing is left behind by growing.
    let len = X25519_PKCS8_PREFIX.len().saturating_add(secret.len());
    let mut der = Zeroizing::new(Vec::with_capacity(len));
    der.extend_from_slice(&X25519_PKCS8_PREFIX);
    der.extend_from_slice(secret);
    Ok(der)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::agreement::PrivateKey;
    use jwe_core::{
        Curve, EcKeyGeneration, EcPrivateKey, Jwk, KeyMaterial, StaticAgreement, Zeroizing,
    };

    use super::{AWS_LC_KEY_GENERATION, X25519_PKCS8_PREFIX, algorithm};
    use crate::key_agreement::{AGREEMENT, CURVES};
    use crate::test_data::hex;

    fn generate(curve: Curve) -> Zeroizing<Vec<u8>> {
        EcKeyGeneration::generate(&AWS_LC_KEY_GENERATION, curve).unwrap()
    }

    /// As the engine reads it.
    fn read(der: &[u8]) -> EcPrivateKey {
        match Jwk::from_der(der).unwrap().material() {
            KeyMaterial::EcPrivate(key) => key.clone(),
            other => panic!("not a private key for key agreement: {other:?}"),
        }
    }

    #[test]
    fn the_engine_reads_a_key_of_the_curve_which_agrees() {
        for curve in CURVES.iter().copied() {
            let key = read(&generate(curve));
            assert_eq!(key.curve(), curve);
            let prepared = StaticAgreement::import(&AGREEMENT, &key).unwrap();
            let mut public = vec![0; curve.public_len()];
            prepared.public_key(&mut public).unwrap();
            if curve.is_nist() {
                assert_eq!(key.public().unwrap().as_bytes(), public, "{curve}");
            }
            let mut z = vec![0; curve.secret_len()];
            assert_eq!(prepared.agree(&public, &mut z), Ok(()), "{curve}");
        }
    }

    #[test]
    fn no_key_comes_twice() {
        for curve in CURVES.iter().copied() {
            let mut seen = Vec::new();
            for _ in 0..20 {
                let secret = read(&generate(curve)).secret().to_vec();
                assert!(!seen.contains(&secret), "{curve}");
                seen.push(secret);
            }
        }
    }

    #[test]
    fn aws_lc_reads_the_keys_on_nist_curves_itself() {
        for curve in CURVES.iter().copied().filter(|curve| curve.is_nist()) {
            let der = generate(curve);
            let key = PrivateKey::from_private_key_der(algorithm(curve).unwrap(), &der).unwrap();
            assert_eq!(key.compute_public_key().unwrap().as_ref().len(), curve.public_len());
        }
    }

    /// RFC 7748 §6.1 has Alice's key pair. RFC 8410 has no example of a private key for X25519, but
    /// one for Ed25519 (§10.3), from which the prefix differs in the last byte of the object
    /// identifier alone (§3).
    #[test]
    fn the_structure_for_x25519_is_that_of_rfc_8410() {
        let der = generate(Curve::X25519);
        assert_eq!((der.len(), &der[..16]), (48, &X25519_PKCS8_PREFIX[..]));
        let ed25519 = hex("302e020100300506032b657004220420");
        let differing: Vec<_> =
            (0..16).filter(|place| ed25519[*place] != X25519_PKCS8_PREFIX[*place]).collect();
        assert_eq!(differing, [11]);

        let secret = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
        let key = read(&[&X25519_PKCS8_PREFIX[..], &secret].concat());
        assert_eq!((key.curve(), key.secret()), (Curve::X25519, &secret[..]));
    }
}
