//! Making key pairs for key agreement.

use jwe_core::{BackendError, Curve, EcKeyGeneration, Zeroizing, wiped};

use crate::curve_keys::{CURVES, generate};

/// OpenSSL's key generation on the NIST curves and X25519.
pub(crate) struct OpensslEcKeyGeneration;

pub(crate) static EC_KEY_GENERATION: OpensslEcKeyGeneration = OpensslEcKeyGeneration;

impl EcKeyGeneration for OpensslEcKeyGeneration {
    fn implementation(&self) -> &'static str {
        "OpenSSL"
    }

    fn curves(&self) -> &'static [Curve] {
        CURVES
    }

    fn generate(&self, curve: Curve) -> Result<Zeroizing<Vec<u8>>, BackendError> {
        wiped::stack_after(|| {
            let key = generate(curve)?.key;
            key.private_key_to_pkcs8().map(Zeroizing::new).map_err(|_| BackendError)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use jwe_core::{Curve, EcKeyGeneration, EcPrivateKey, Jwk, KeyMaterial, StaticAgreement};
    use openssl::bn::BigNumContext;
    use openssl::ec::PointConversionForm;
    use openssl::nid::Nid;
    use openssl::pkey::{Id, PKey, Private};

    use super::EC_KEY_GENERATION;
    use crate::key_agreement::AGREEMENT;

    /// The private and the public half within PKCS #8, as OpenSSL reads it.
    fn halves(curve: Curve, key: &PKey<Private>) -> (Vec<u8>, Vec<u8>) {
        let nid = match curve {
            Curve::P256 => Nid::X9_62_PRIME256V1,
            Curve::P384 => Nid::SECP384R1,
            Curve::P521 => Nid::SECP521R1,
            _ => {
                assert_eq!(key.id(), Id::X25519);
                return (key.raw_private_key().unwrap(), key.raw_public_key().unwrap());
            }
        };
        let ec = key.ec_key().unwrap();
        ec.check_key().unwrap();
        assert_eq!(ec.group().curve_name(), Some(nid));
        let len = i32::try_from(curve.secret_len()).unwrap();
        let mut context = BigNumContext::new().unwrap();
        let form = PointConversionForm::UNCOMPRESSED;
        let public = ec.public_key().to_bytes(ec.group(), form, &mut context).unwrap();
        (ec.private_key().to_vec_padded(len).unwrap(), public)
    }

    #[test]
    fn pairs_on_every_curve_are_read_back_and_all_different() {
        for curve in Curve::ALL.iter().copied() {
            let mut seen = HashSet::new();
            for _ in 0..8 {
                let der = EC_KEY_GENERATION.generate(curve).unwrap();
                let key = PKey::private_key_from_pkcs8(&der).unwrap();
                let (secret, public) = halves(curve, &key);
                // The engine reads the same.
                let jwk = Jwk::from_der(&der).unwrap();
                let KeyMaterial::EcPrivate(read) = jwk.material() else {
                    panic!("a private key for key agreement");
                };
                assert_eq!((read.curve(), read.secret()), (curve, secret.as_slice()));
                assert!(read.public().is_none_or(|read| read.as_bytes() == public));

                let key = EcPrivateKey::new(curve, &secret, None).unwrap();
                let key = StaticAgreement::import(&AGREEMENT, &key).unwrap();
                let mut own = vec![0; curve.public_len()];
                key.public_key(&mut own).unwrap();
                assert_eq!(own, public, "{curve}");
                assert!(seen.insert(secret), "{curve}");
            }
        }
    }
}
