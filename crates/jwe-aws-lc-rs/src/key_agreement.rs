//! Diffie-Hellman on the NIST curves (SP 800-56A §5.7.1.2) and on X25519 (RFC 7748 §6.1).

use std::sync::Arc;

use aws_lc_rs::agreement::{
    self, Algorithm, ECDH_P256, ECDH_P384, ECDH_P521, ParsedPublicKey, PrivateKey,
    UnparsedPublicKey, X25519,
};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use jwe_core::{
    BackendError, Curve, EcPrivateKey, EcPublicKey, EphemeralAgreement, EphemeralAgreementKey,
    KeyRejected, StaticAgreement, StaticAgreementKey, Zeroizing, is_well_formed, wiped,
};

/// Key agreement by AWS-LC.
pub(crate) struct AwsLcAgreement;

pub(crate) static AGREEMENT: AwsLcAgreement = AwsLcAgreement;

/// The curves that AWS-LC agrees on.
pub(crate) const CURVES: &[Curve] = &[Curve::P256, Curve::P384, Curve::P521, Curve::X25519];

/// The algorithm of a curve; `None` for one that is not of [`CURVES`].
pub(crate) fn algorithm(curve: Curve) -> Option<&'static Algorithm> {
    match curve {
        Curve::P256 => Some(&ECDH_P256),
        Curve::P384 => Some(&ECDH_P384),
        Curve::P521 => Some(&ECDH_P521),
        Curve::X25519 => Some(&X25519),
        _ => None,
    }
}

const OTHER_CURVE: KeyRejected =
    KeyRejected::new("AWS-LC has no key agreement on this curve: take a key on another");

impl EphemeralAgreement for AwsLcAgreement {
    fn curves(&self) -> &'static [Curve] {
        CURVES
    }

    fn import(&self, key: &EcPublicKey) -> Result<Arc<dyn EphemeralAgreementKey>, KeyRejected> {
        Ok(Arc::new(PeerKey::prepare(key)?))
    }
}

impl StaticAgreement for AwsLcAgreement {
    fn curves(&self) -> &'static [Curve] {
        CURVES
    }

    fn import(&self, key: &EcPrivateKey) -> Result<Arc<dyn StaticAgreementKey>, KeyRejected> {
        Ok(Arc::new(OwnKey::prepare(key)?))
    }
}

/// A recipient's public key, parsed and found to be on its curve.
struct PeerKey {
    curve: Curve,
    algorithm: &'static Algorithm,
    key: ParsedPublicKey,
}

impl PeerKey {
    fn prepare(key: &EcPublicKey) -> Result<Self, KeyRejected> {
        const REFUSED: KeyRejected = KeyRejected::new(
            "its public part is no point of its curve, or one that gives all senders the same \
             secret: check the key at its origin, or make a new one",
        );
        let curve = key.curve();
        let algorithm = algorithm(curve).ok_or(OTHER_CURVE)?;
        let unparsed = UnparsedPublicKey::new(algorithm, key.as_bytes());
        let parsed = ParsedPublicKey::try_from(unparsed).map_err(|_| REFUSED)?;
        let prepared = Self { curve, algorithm, key: parsed };
        // Every u-coordinate is one of X25519 or of its twist; those of small order are found by
        // agreeing, with any private key (RFC 7748 §6.1).
        let mut epk = [0; Curve::MAX_PUBLIC_LEN];
        let mut z = Zeroizing::new([0; Curve::MAX_SECRET_LEN]);
        let epk = epk.get_mut(..curve.public_len()).ok_or(REFUSED)?;
        let z = z.get_mut(..curve.secret_len()).ok_or(REFUSED)?;
        prepared.agree(None, epk, z).map_err(|BackendError| REFUSED)?;
        Ok(prepared)
    }

    fn try_agree(
        &self,
        ephemeral: Option<&EcPrivateKey>,
        epk: &mut [u8],
        z: &mut [u8],
    ) -> Result<(), BackendError> {
        let own = match ephemeral {
            None => PrivateKey::generate(self.algorithm).map_err(|_| BackendError)?,
            Some(given) if given.curve() == self.curve => {
                PrivateKey::from_private_key(self.algorithm, given.secret())
                    .map_err(|_| BackendError)?
            }
            Some(_) => return Err(BackendError),
        };
        write_public(&own, epk)?;
        // The clone shares the parsed key.
        agree(&own, self.key.clone(), z)
    }
}

impl EphemeralAgreementKey for PeerKey {
    fn agree(
        &self,
        ephemeral: Option<&EcPrivateKey>,
        epk: &mut [u8],
        z: &mut [u8],
    ) -> Result<(), BackendError> {
        // The scalar multiplication leaves the private key and the secret on the stack.
        let result = wiped::stack_after(|| self.try_agree(ephemeral, epk, z));
        if result.is_err() {
            epk.fill(0);
            z.fill(0);
        }
        result
    }
}

/// A private key, parsed, with its public half worked out.
struct OwnKey {
    curve: Curve,
    algorithm: &'static Algorithm,
    key: PrivateKey,
}

impl OwnKey {
    fn prepare(key: &EcPrivateKey) -> Result<Self, KeyRejected> {
        const REFUSED: KeyRejected = KeyRejected::new(
            "its private part is not less than the order of its curve: check the key at its \
             origin, or make a new one",
        );
        let curve = key.curve();
        let algorithm = algorithm(curve).ok_or(OTHER_CURVE)?;
        let parsed = wiped::stack_after(|| PrivateKey::from_private_key(algorithm, key.secret()))
            .map_err(|_| REFUSED)?;
        Ok(Self { curve, algorithm, key: parsed })
    }
}

impl StaticAgreementKey for OwnKey {
    fn public_key(&self, out: &mut [u8]) -> Result<(), BackendError> {
        write_public(&self.key, out)
    }

    fn agree(&self, epk: &[u8], z: &mut [u8]) -> Result<(), BackendError> {
        // AWS-LC also reads compressed points and whole SPKI; a JWK has neither (RFC 7518 §6.2.1).
        let result = if is_well_formed(self.curve, epk) {
            let epk = UnparsedPublicKey::new(self.algorithm, epk);
            wiped::stack_after(|| agree(&self.key, epk, z))
        } else {
            Err(BackendError)
        };
        if result.is_err() {
            z.fill(0);
        }
        result
    }
}

/// Writes the public half of a key, which must fill `out`.
fn write_public(key: &PrivateKey, out: &mut [u8]) -> Result<(), BackendError> {
    let public = key.compute_public_key().map_err(|_| BackendError)?;
    let public = public.as_ref();
    if public.len() != out.len() {
        return Err(BackendError);
    }
    out.copy_from_slice(public);
    Ok(())
}

/// Agrees on a secret, which must fill `z` and not be all zero.
fn agree(
    own: &PrivateKey,
    peer: impl TryInto<ParsedPublicKey>,
    z: &mut [u8],
) -> Result<(), BackendError> {
    agreement::agree(own, peer, BackendError, |secret| {
        let zeros = [0; Curve::MAX_SECRET_LEN];
        let zeros = zeros.get(..secret.len()).ok_or(BackendError)?;
        if secret.len() != z.len() || verify_slices_are_equal(secret, zeros).is_ok() {
            return Err(BackendError);
        }
        z.copy_from_slice(secret);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jwe_core::{
        BackendError, Curve, EcPrivateKey, EcPublicKey, EphemeralAgreement, EphemeralAgreementKey,
        KeyRejected, StaticAgreement, StaticAgreementKey,
    };

    use super::{AGREEMENT, CURVES, OTHER_CURVE};
    use crate::test_data::hex;

    /// Both key pairs, private and public, and the agreed secret.
    struct Vector {
        curve: Curve,
        private: [&'static str; 2],
        public: [&'static str; 2],
        z: &'static str,
    }

    const VECTORS: [Vector; 5] = [
        // RFC 5903 §8.1.
        Vector {
            curve: Curve::P256,
            private: [
                "C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433",
                "C6EF9C5D78AE012A011164ACB397CE2088685D8F06BF9BE0B283AB46476BEE53",
            ],
            public: [
                "04 DAD0B65394221CF9B051E1FECA5787D098DFE637FC90B9EF945D0C3772581180
                 5271A0461CDB8252D61F1C456FA3E59AB1F45B33ACCF5F58389E0577B8990BB3",
                "04 D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF63
                 56FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB",
            ],
            z: "D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE",
        },
        // RFC 5903 §8.2.
        Vector {
            curve: Curve::P384,
            private: [
                "099F3C7034D4A2C699884D73A375A67F7624EF7C6B3C0F160647B67414DCE655
                 E35B538041E649EE3FAEF896783AB194",
                "41CB0779B4BDB85D47846725FBEC3C9430FAB46CC8DC5060855CC9BDA0AA2942
                 E0308312916B8ED2960E4BD55A7448FC",
            ],
            public: [
                "04 667842D7D180AC2CDE6F74F37551F55755C7645C20EF73E31634FE72B4C55EE6
                 DE3AC808ACB4BDB4C88732AEE95F41AA
                 9482ED1FC0EEB9CAFC4984625CCFC23F65032149E0E144ADA024181535A0F38E
                 EB9FCFF3C2C947DAE69B4C634573A81C",
                "04 E558DBEF53EECDE3D3FCCFC1AEA08A89A987475D12FD950D83CFA41732BC509D
                 0D1AC43A0336DEF96FDA41D0774A3571
                 DCFBEC7AACF3196472169E838430367F66EEBE3C6E70C416DD5F0C68759DD1FF
                 F83FA40142209DFF5EAAD96DB9E6386C",
            ],
            z: "11187331C279962D93D604243FD592CB9D0A926F422E47187521287E7156C5C4
                D603135569B9E9D09CF5D4A270F59746",
        },
        // RFC 5903 §8.3.
        Vector {
            curve: Curve::P521,
            private: [
                "0037ADE9319A89F4DABDB3EF411AACCCA5123C61ACAB57B5393DCE47608172A0
                 95AA85A30FE1C2952C6771D937BA9777F5957B2639BAB072462F68C27A57382D4A52",
                "0145BA99A847AF43793FDD0E872E7CDFA16BE30FDC780F97BCCC3F078380201E
                 9C677D600B343757A3BDBF2A3163E4C2F869CCA7458AA4A4EFFC311F5CB151685EB9",
            ],
            public: [
                "04 0015417E84DBF28C0AD3C278713349DC7DF153C897A1891BD98BAB4357C9ECBE
                 E1E3BF42E00B8E380AEAE57C2D107564941885942AF5A7F4601723C4195D176CED3E
                 017CAE20B6641D2EEB695786D8C946146239D099E18E1D5A514C739D7CB4A10A
                 D8A788015AC405D7799DC75E7B7D5B6CF2261A6A7F1507438BF01BEB6CA3926F9582",
                "04 00D0B3975AC4B799F5BEA16D5E13E9AF971D5E9B984C9F39728B5E5739735A21
                 9B97C356436ADC6E95BB0352F6BE64A6C2912D4EF2D0433CED2B6171640012D9460F
                 015C68226383956E3BD066E797B623C27CE0EAC2F551A10C2C724D9852077B87
                 220B6536C5C408A1D2AEBB8E86D678AE49CB57091F4732296579AB44FCD17F0FC56A",
            ],
            z: "01144C7D79AE6956BC8EDB8E7C787C4521CB086FA64407F97894E5E6B2D79B04
                D1427E73CA4BAA240A34786859810C06B3C715A3A8CC3151F2BEE417996D19F3DDEA",
        },
        // RFC 7748 §6.1.
        Vector {
            curve: Curve::X25519,
            private: [
                "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
                "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
            ],
            public: [
                "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
                "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
            ],
            z: "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
        },
        // RFC 7518 Appendix C.
        Vector {
            curve: Curve::P256,
            private: [
                "d3f3716913d4310a0026de741b3f18893afc8114f0c84682ba677e313a13988a",
                "5449836690d75caf29f0dd029ddb31b3ddb8aba9d2d515c5012465e817d4a9dc",
            ],
            public: [
                "04 808d060082c176eed3e776a4ac598cc8672c1779f974eecc9b03411ca5b9495d
                 48b5bfc527dfce53d6ac7115237d031ccff87a0570b77350a9e503ee7305a69b",
                "04 c1e349cb61ec70248ce801034c3834e1b88ebe1161cb25af38741f785fcfc4c4
                 7bc96708ef80952b53f8d2555fe72b841ed04588628b1d378a594939500ec9c9",
            ],
            z: "9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4",
        },
    ];

    /// The u-coordinates of points of small order but zero, which the engine refuses: 1, two of
    /// order 8, and p - 1, p and p + 1.
    const SMALL_ORDER: [&str; 6] = [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];

    fn public(curve: Curve, bytes: &[u8]) -> Result<Arc<dyn EphemeralAgreementKey>, KeyRejected> {
        EphemeralAgreement::import(&AGREEMENT, &EcPublicKey::new(curve, bytes).unwrap())
    }

    fn private(curve: Curve, secret: &[u8]) -> Result<Arc<dyn StaticAgreementKey>, KeyRejected> {
        StaticAgreement::import(&AGREEMENT, &EcPrivateKey::new(curve, secret, None).unwrap())
    }

    fn public_key(key: &dyn StaticAgreementKey, curve: Curve) -> Vec<u8> {
        let mut out = vec![0; curve.public_len()];
        assert_eq!(key.public_key(&mut out), Ok(()));
        out
    }

    /// That it refuses this `epk` and leaves zeros.
    fn refuses(key: &dyn StaticAgreementKey, epk: &[u8], z_len: usize) {
        let mut z = vec![0xee; z_len];
        assert_eq!(key.agree(epk, &mut z), Err(BackendError), "{epk:02x?}");
        assert!(z.iter().all(|byte| *byte == 0), "{epk:02x?}");
    }

    #[test]
    fn both_sides_agree_on_the_published_secret() {
        for Vector { curve, private: secrets, public: points, z } in VECTORS {
            for (own, other) in [(0, 1), (1, 0)] {
                let recipient = private(curve, &hex(secrets[own])).unwrap();
                assert_eq!(public_key(&*recipient, curve), hex(points[own]), "{curve}");
                let mut agreed = vec![0; curve.secret_len()];
                assert_eq!(recipient.agree(&hex(points[other]), &mut agreed), Ok(()));
                assert_eq!(agreed, hex(z), "{curve}");

                let sender = public(curve, &hex(points[own])).unwrap();
                let ephemeral = EcPrivateKey::new(curve, &hex(secrets[other]), None).unwrap();
                let mut epk = vec![0; curve.public_len()];
                let mut agreed = vec![0; curve.secret_len()];
                assert_eq!(sender.agree(Some(&ephemeral), &mut epk, &mut agreed), Ok(()));
                assert_eq!((epk, agreed), (hex(points[other]), hex(z)), "{curve}");
            }
        }
    }

    #[test]
    fn every_message_has_a_key_pair_of_its_own_that_the_recipient_agrees_with() {
        for Vector { curve, private: secrets, public: points, .. } in VECTORS {
            let recipient = private(curve, &hex(secrets[0])).unwrap();
            let sender = public(curve, &hex(points[0])).unwrap();
            let mut seen = Vec::new();
            for _ in 0..20 {
                let (mut epk, mut z) = (vec![0; curve.public_len()], vec![0; curve.secret_len()]);
                assert_eq!(sender.agree(None, &mut epk, &mut z), Ok(()));
                let mut agreed = vec![0; curve.secret_len()];
                assert_eq!(recipient.agree(&epk, &mut agreed), Ok(()));
                assert_eq!(z, agreed, "{curve}");
                assert!(!seen.contains(&epk) && !seen.contains(&z), "{curve}");
                seen.extend([epk, z]);
            }
        }
    }

    /// Also for one key on several threads.
    #[test]
    fn keys_can_be_shared() {
        for Vector { curve, private: secrets, public: points, .. } in VECTORS {
            let recipient = private(curve, &hex(secrets[0])).unwrap();
            let sender = public(curve, &hex(points[0])).unwrap();
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        for _ in 0..50 {
                            let mut epk = vec![0; curve.public_len()];
                            let mut z = [vec![0; curve.secret_len()], vec![0; curve.secret_len()]];
                            assert_eq!(sender.agree(None, &mut epk, &mut z[0]), Ok(()));
                            assert_eq!(recipient.agree(&epk, &mut z[1]), Ok(()));
                            assert_eq!(z[0], z[1]);
                        }
                    });
                }
            });
        }
    }

    /// Points that have the form of the curve and are not on it: one with another y, and the base
    /// point of secp256k1 (SEC 2 §2.4.1), whose coordinates are of the same length.
    #[test]
    fn points_that_are_not_on_the_curve_are_refused() {
        for Vector { curve, private: secrets, public: points, .. } in VECTORS {
            if !curve.is_nist() {
                continue;
            }
            let recipient = private(curve, &hex(secrets[0])).unwrap();
            for place in [1, curve.secret_len(), curve.secret_len() + 1, curve.public_len() - 1] {
                let mut point = hex(points[1]);
                point[place] ^= 1;
                assert!(jwe_core::is_well_formed(curve, &point));
                assert!(public(curve, &point).is_err(), "{curve}");
                refuses(&*recipient, &point, curve.secret_len());
            }
        }
        let koblitz = hex("04 79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798
             483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8");
        assert!(public(Curve::P256, &koblitz).is_err());
        let recipient = private(Curve::P256, &hex(VECTORS[0].private[0])).unwrap();
        refuses(&*recipient, &koblitz, 32);
    }

    #[test]
    fn points_of_small_order_are_refused() {
        let recipient = private(Curve::X25519, &hex(VECTORS[3].private[0])).unwrap();
        refuses(&*recipient, &[0; 32], 32);
        for point in SMALL_ORDER {
            let mut point = hex(point);
            // The highest bit does not count (RFC 7748 §5).
            for top in [0, 0x80] {
                point[31] |= top;
                assert!(public(Curve::X25519, &point).is_err(), "{point:02x?}");
                refuses(&*recipient, &point, 32);
            }
        }
    }

    #[test]
    fn points_on_another_curve_and_in_other_forms_are_refused() {
        for Vector { curve, private: secrets, public: points, .. } in VECTORS {
            let recipient = private(curve, &hex(secrets[0])).unwrap();
            for other in VECTORS {
                if other.curve != curve {
                    refuses(&*recipient, &hex(other.public[1]), curve.secret_len());
                }
            }
            let point = hex(points[1]);
            // Infinity (SEC 1 §2.3.3), nothing, both coordinates zero, too short, too long.
            refuses(&*recipient, &[0], curve.secret_len());
            refuses(&*recipient, &[], curve.secret_len());
            refuses(&*recipient, &vec![0; point.len()], curve.secret_len());
            refuses(&*recipient, &point[..point.len() - 1], curve.secret_len());
            refuses(&*recipient, &[&point[..], &[0]].concat(), curve.secret_len());
            if curve.is_nist() {
                let odd = point[point.len() - 1] & 1;
                let compressed = [&[2 + odd], &point[1..=curve.secret_len()]].concat();
                refuses(&*recipient, &compressed, curve.secret_len());
                let hybrid = [&[6 + odd], &point[1..]].concat();
                refuses(&*recipient, &hybrid, curve.secret_len());
                let zero = [&[4][..], &vec![0; point.len() - 1]].concat();
                refuses(&*recipient, &zero, curve.secret_len());
            }
        }
        let spki = hex("3059301306072A8648CE3D020106082A8648CE3D030107034200
             04D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF63
             56FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB");
        let recipient = private(Curve::P256, &hex(VECTORS[0].private[0])).unwrap();
        refuses(&*recipient, &spki, 32);
    }

    #[test]
    fn wrong_lengths_of_outputs_are_refused_and_left_zero() {
        for Vector { curve, private: secrets, public: points, .. } in VECTORS {
            let recipient = private(curve, &hex(secrets[0])).unwrap();
            let sender = public(curve, &hex(points[0])).unwrap();
            let (public_len, secret_len) = (curve.public_len(), curve.secret_len());
            for z_len in [0, 1, secret_len - 1, secret_len + 1, 200] {
                refuses(&*recipient, &hex(points[1]), z_len);
                let (mut epk, mut z) = (vec![0xee; public_len], vec![0xee; z_len]);
                assert_eq!(sender.agree(None, &mut epk, &mut z), Err(BackendError));
                assert!(epk.iter().chain(&z).all(|byte| *byte == 0));
            }
            for epk_len in [0, 1, public_len - 1, public_len + 1, 200] {
                let (mut epk, mut z) = (vec![0xee; epk_len], vec![0xee; secret_len]);
                assert_eq!(sender.agree(None, &mut epk, &mut z), Err(BackendError));
                assert!(epk.iter().chain(&z).all(|byte| *byte == 0));
                assert_eq!(recipient.public_key(&mut epk), Err(BackendError));
            }
        }
    }

    #[test]
    fn an_ephemeral_key_pair_on_another_curve_is_refused() {
        for Vector { curve, public: points, .. } in VECTORS {
            let sender = public(curve, &hex(points[0])).unwrap();
            for other in VECTORS.iter().filter(|other| other.curve != curve) {
                let given = EcPrivateKey::new(other.curve, &hex(other.private[0]), None).unwrap();
                let mut epk = vec![0xee; curve.public_len()];
                let mut z = vec![0xee; curve.secret_len()];
                assert_eq!(sender.agree(Some(&given), &mut epk, &mut z), Err(BackendError));
                assert!(epk.iter().chain(&z).all(|byte| *byte == 0));
            }
        }
    }

    /// The orders of the curves are in SP 800-186 §3.2.1.
    #[test]
    fn private_keys_are_less_than_the_order() {
        for (curve, order) in [
            (Curve::P256, "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"),
            (
                Curve::P384,
                "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF
                 581A0DB248B0A77AECEC196ACCC52973",
            ),
            (
                Curve::P521,
                "01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF
                 FA51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409",
            ),
        ] {
            let order = hex(order);
            let mut last = order.clone();
            last[curve.secret_len() - 1] -= 1;
            let mut beyond = order.clone();
            beyond[curve.secret_len() - 1] += 1;
            assert!(private(curve, &last).is_ok(), "{curve}");
            for secret in [order, beyond, vec![0xff; curve.secret_len()]] {
                let refused = private(curve, &secret).err();
                assert!(refused.is_some() && refused != Some(OTHER_CURVE), "{curve}");
            }
        }
        // For X25519 every text of the length is a private key.
        assert!(private(Curve::X25519, &[0xff; 32]).is_ok());
    }

    #[test]
    fn every_curve_of_the_engine_is_listed() {
        assert_eq!(CURVES, Curve::ALL);
    }
}
