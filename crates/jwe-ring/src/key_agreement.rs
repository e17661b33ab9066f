//! The sender's half of Diffie-Hellman on P-256, P-384 and X25519, by ring.
//!
//! There is no recipient's half: private keys of ring's `agreement` are born inside of it, used
//! once, and never come in or go out.

use std::sync::Arc;

use jwe_core::{
    BackendError, Curve, EcPrivateKey, EcPublicKey, EphemeralAgreement, EphemeralAgreementKey,
    KeyRejected, wiped,
};
use ring::agreement::{self, Algorithm, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::error::Unspecified;
use ring::rand::SystemRandom;
use zeroize::Zeroize;

/// Ephemeral key agreement on the curves that ring has.
pub(crate) struct Ecdh;

/// The one value of [`Ecdh`].
pub(crate) static ECDH: Ecdh = Ecdh;

fn algorithm(curve: Curve) -> Option<&'static Algorithm> {
    match curve {
        Curve::P256 => Some(&agreement::ECDH_P256),
        Curve::P384 => Some(&agreement::ECDH_P384),
        Curve::X25519 => Some(&agreement::X25519),
        _ => None,
    }
}

impl EphemeralAgreement for Ecdh {
    fn curves(&self) -> &'static [Curve] {
        &[Curve::P256, Curve::P384, Curve::X25519]
    }

    fn import(&self, key: &EcPublicKey) -> Result<Arc<dyn EphemeralAgreementKey>, KeyRejected> {
        const NOT_OFFERED: KeyRejected = KeyRejected::new(
            "ring has no ECDH on the curve of this key: use the backend aws-lc-rs or josekit",
        );
        const NO_RANDOM: KeyRejected =
            KeyRejected::new("the system's random source failed: try again");
        const NO_POINT: KeyRejected = KeyRejected::new(
            "the key is not a point on its curve, or one of small order, with which every agreed \
             secret is zero: export it again from its origin",
        );
        let algorithm = algorithm(key.curve()).ok_or(NOT_OFFERED)?;
        let public = UnparsedPublicKey::new(algorithm, key.as_bytes().to_vec());
        // ring looks at a public key when it agrees with it, which would be at the first message.
        // An agreement whose secret is thrown away moves that to the import, where a key's owner
        // can still mend it. It costs less than one message, because nobody needs the public half
        // of the key pair: 50 µs of 60 on P-256, 300 of 900 on P-384, 65 of 130 on X25519 were
        // measured. Whether it succeeds depends on the public key alone: on the NIST curves it
        // fails for what is no point, and on X25519, where all numbers are points, for those whose
        // product with every private key is zero.
        let own = EphemeralPrivateKey::generate(algorithm, &SystemRandom::new())
            .map_err(|Unspecified| NO_RANDOM)?;
        agree_ephemeral(own, &public, |_| ()).map_err(|Unspecified| NO_POINT)?;
        Ok(Arc::new(PeerKey { curve: key.curve(), public }))
    }
}

/// A recipient's public key, with which ring has agreed once.
struct PeerKey {
    curve: Curve,
    public: UnparsedPublicKey<Vec<u8>>,
}

impl PeerKey {
    fn agree_now(&self, epk: &mut [u8], z: &mut [u8]) -> Result<(), Unspecified> {
        let own = EphemeralPrivateKey::generate(self.public.algorithm(), &SystemRandom::new())?;
        // As long as the curve has it, which is the length of `epk` and, below, of `z`.
        epk.copy_from_slice(own.compute_public_key()?.as_ref());
        agree_ephemeral(own, &self.public, |secret| z.copy_from_slice(secret))?;
        // RFC 7748 §6.1. The sum of all bits tells nothing but whether there is any.
        if z.iter().fold(0, |any, byte| any | byte) == 0 { Err(Unspecified) } else { Ok(()) }
    }
}

impl EphemeralAgreementKey for PeerKey {
    /// A given `ephemeral` is refused, because ring imports no key pair. On an error `epk` and `z`
    /// are all zero.
    fn agree(
        &self,
        ephemeral: Option<&EcPrivateKey>,
        epk: &mut [u8],
        z: &mut [u8],
    ) -> Result<(), BackendError> {
        let right = ephemeral.is_none()
            && epk.len() == self.curve.public_len()
            && z.len() == self.curve.secret_len();
        let agreed =
            if right { wiped::stack_after(|| self.agree_now(epk, z)) } else { Err(Unspecified) };
        agreed.map_err(|Unspecified| {
            epk.zeroize();
            z.zeroize();
            BackendError
        })
    }
}

#[cfg(test)]
mod tests {
    use jwe_core::{Alg, Enc, KeyMaterial, SenderContext, SenderKey};
    use num_bigint::BigUint;

    use super::*;
    use crate::RING;
    use crate::random::RANDOM;
    use crate::test_curves as curves;
    use crate::test_data::{hex, oct, random};

    /// Private keys of published examples with their public halves: RFC 7518 Appendix C (Bob),
    /// RFC 8037 §A.6 (Bob); for P-384 the private key is that of RFC 6979 §A.2.6.
    fn recipients() -> [(Curve, Vec<u8>, Vec<u8>); 3] {
        [
            (
                Curve::P256,
                hex("5449836690d75caf29f0dd029ddb31b3ddb8aba9d2d515c5012465e817d4a9dc"),
                hex("04 c1e349cb61ec70248ce801034c3834e1b88ebe1161cb25af38741f785fcfc4c4
                     7bc96708ef80952b53f8d2555fe72b841ed04588628b1d378a594939500ec9c9"),
            ),
            (
                Curve::P384,
                hex("6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA
                     9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5"),
                hex("04 EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E
                     06AAE5286B300C64DEF8F0EA9055866064A254515480BC13
                     8015D9B72D7D57244EA8EF9AC0C621896708A59367F9DFB9
                     F54CA84B3F1C9DB1288B231C3AE0D4FE7344FD2533264720"),
            ),
            (
                Curve::X25519,
                hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"),
                hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"),
            ),
        ]
    }

    fn import(curve: Curve, public: &[u8]) -> Result<Arc<dyn EphemeralAgreementKey>, KeyRejected> {
        ECDH.import(&EcPublicKey::new(curve, public).unwrap())
    }

    /// The arithmetic of the tests itself: the agreed secrets of RFC 7518 Appendix C and RFC 8037
    /// §A.6, and that every public half above belongs to its private key.
    #[test]
    fn known_answers_of_the_second_implementation() {
        for (curve, private, public) in recipients() {
            assert_eq!(curves::public_key(curve, &private), public);
        }
        let epk = hex("04 808d060082c176eed3e776a4ac598cc8672c1779f974eecc9b03411ca5b9495d
                       48b5bfc527dfce53d6ac7115237d031ccff87a0570b77350a9e503ee7305a69b");
        let z = hex("9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4");
        assert_eq!(curves::agree(Curve::P256, &recipients()[0].1, &epk), z);
        let epk = hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
        let z = hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
        assert_eq!(curves::agree(Curve::X25519, &recipients()[2].1, &epk), z);
    }

    #[test]
    fn the_recipient_agrees_on_the_same_secret() {
        for (curve, private, public) in recipients() {
            let key = import(curve, &public).unwrap();
            let mut seen = Vec::new();
            for _ in 0..3 {
                let (mut epk, mut z) = (vec![0; curve.public_len()], vec![0; curve.secret_len()]);
                key.agree(None, &mut epk, &mut z).unwrap();
                assert!(EcPublicKey::new(curve, &epk).is_ok());
                assert_eq!(curves::agree(curve, &private, &epk), z, "{curve}");
                assert!(!seen.contains(&epk), "each message has its own key pair");
                seen.push(epk);
            }
        }
    }

    /// The whole of the four algorithms, opened in plain arithmetic with the parts that have their
    /// own known answers.
    #[test]
    fn the_recipient_gets_the_key() {
        use jwe_core::aes_key_wrap::AesKeyWrap;
        use jwe_core::concat_kdf::OtherInfo;
        for (curve, private, public) in recipients() {
            let key = KeyMaterial::EcPublic(EcPublicKey::new(curve, &public).unwrap());
            for (alg, kek_len) in [
                (Alg::EcdhEs, None),
                (Alg::EcdhEsA128Kw, Some(16)),
                (Alg::EcdhEsA192Kw, Some(24)),
                (Alg::EcdhEsA256Kw, Some(32)),
            ] {
                let import = RING.encryption_key_import(alg, Some(curve)).unwrap().1;
                let mut context = SenderContext::new(Enc::A128CbcHs256, &RANDOM)
                    .with_agreement_info(b"Alice", b"Bob");
                let mut agreed = vec![0; kek_len.unwrap_or(32)];
                let derive = |context: &SenderContext<'_>, name: &str, agreed: &mut [u8]| {
                    let z = curves::agree(curve, &private, context.epk());
                    let info = OtherInfo::new(name, b"Alice", b"Bob", agreed.len()).unwrap();
                    crate::concat_kdf::derive(&z, info.as_bytes(), agreed).unwrap();
                };
                match (import.import(&key).unwrap(), kek_len) {
                    (SenderKey::Derive(key), None) => {
                        let mut cek = [0; 32];
                        key.derive_key(&mut context, &mut cek).unwrap();
                        derive(&context, "A128CBC-HS256", &mut agreed);
                        assert_eq!(agreed, cek);
                    }
                    (SenderKey::Wrap(key), Some(_)) => {
                        let (cek, mut encrypted_key) = (random(32), [0; 40]);
                        key.wrap_key(&mut context, &cek, &mut encrypted_key).unwrap();
                        derive(&context, alg.name(), &mut agreed);
                        let mut opened = [0; 32];
                        crate::aes_key_wrap::KEY_WRAP
                            .unwrap(&agreed, &encrypted_key, &mut opened)
                            .unwrap();
                        assert_eq!(opened, *cek);
                    }
                    _ => panic!("{alg} is another kind of key"),
                }
            }
        }
    }

    #[test]
    fn what_is_no_point_is_refused_at_import() {
        for (curve, _, public) in recipients().into_iter().filter(|(curve, ..)| curve.is_nist()) {
            // One bit off in either coordinate. The top byte stays, so that both stay in the field.
            for bit in 8..curve.secret_len() * 8 {
                for at in [1, 1 + curve.secret_len()] {
                    let mut off = public.clone();
                    off[at + bit / 8] ^= 0x80 >> (bit % 8);
                    let Err(refused) = import(curve, &off) else { panic!("{curve}: {bit}") };
                    assert!(refused.to_string().contains("not a point on its curve"));
                }
            }
            // Coordinates the other way round; and with y = 0, a point of order 2 on a curve with
            // another b: the attack by invalid curves would learn a bit of a private key with it.
            let (x, y) = public[1..].split_at(curve.secret_len());
            let zero = vec![0; curve.secret_len()];
            for (x, y) in [(y, x), (x, zero.as_slice()), (&zero, y)] {
                assert!(import(curve, &[&[4], x, y].concat()).is_err());
            }
            for _ in 0..20 {
                let mut any = random(curve.public_len());
                (any[0], any[1], any[1 + curve.secret_len()]) = (4, 1, 1);
                assert!(import(curve, &any).is_err());
            }
        }
    }

    #[test]
    fn a_point_of_another_curve_is_refused_at_import() {
        // P-256 and secp256k1 have coordinates of one length: the base point of SEC 2 §2.4.1, and
        // the base point of brainpoolP256r1 (RFC 5639 §3.4).
        for point in [
            "04 79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798
                483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8",
            "04 8BD2AEB9CB7E57CB2C4B482FFC81B7AFB9DE27E1E3BD23C23A4453BD9ACE3262
                547EF835C3DAC4FD97F8461A14611DC9C27745132DED8E545C1D54C72F046997",
        ] {
            assert!(import(Curve::P256, &hex(point)).is_err());
        }
        // P-521 has a backend, but not this one.
        let mut p521 = vec![0; Curve::P521.public_len()];
        (p521[0], p521[1 + 65]) = (4, 1);
        let Err(refused) = import(Curve::P521, &p521) else { panic!("P-521") };
        for way_out in ["aws-lc-rs", "josekit"] {
            assert!(refused.to_string().contains(way_out));
        }
        // Material of another type.
        for curve in ECDH.curves() {
            for alg in Alg::ALL.iter().filter(|alg| alg.is_ecdh()) {
                let import = RING.encryption_key_import(*alg, Some(*curve)).unwrap().1;
                let outcome = import.import(&oct(&[1; 32]));
                assert_eq!(outcome.err(), Some(KeyRejected::WRONG_KEY_TYPE));
            }
        }
    }

    /// The points of small order on Curve25519 and its twist (RFC 7748 §6.1), in all forms in
    /// which they can be written: not reduced, and with the unused bit set.
    #[test]
    fn points_of_small_order_are_refused_at_import() {
        let p = (BigUint::from(1_u8) << 255) - 19_u8;
        let order_8 = [
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        ];
        let mut points = vec![BigUint::from(0_u8), BigUint::from(1_u8), &p - 1_u8];
        points.extend(order_8.map(|u| BigUint::from_bytes_le(&hex(u))));
        let mut refused = 0;
        for point in &points {
            for form in [point.clone(), point + &p] {
                for unused_bit in [0, 0x80] {
                    let mut u = form.to_bytes_le();
                    u.resize(32, 0);
                    if form.bits() > 255 {
                        continue;
                    }
                    u[31] |= unused_bit;
                    // All zero bytes are refused before the backend is asked.
                    let Ok(key) = EcPublicKey::new(Curve::X25519, &u) else { continue };
                    let Err(why) = ECDH.import(&key) else { panic!("{u:02x?}") };
                    assert!(why.to_string().contains("small order"));
                    refused += 1;
                }
            }
        }
        assert_eq!(refused, 13);
    }

    #[test]
    fn other_numbers_are_points_of_x25519() {
        for _ in 0..20 {
            let u = random(32);
            assert!(import(Curve::X25519, &u).is_ok(), "{u:02x?}");
        }
    }

    #[test]
    fn wrong_lengths_and_given_key_pairs_are_refused_and_the_outputs_are_wiped() {
        for (curve, private, public) in recipients() {
            let key = import(curve, &public).unwrap();
            let (epk_len, z_len) = (curve.public_len(), curve.secret_len());
            let given = EcPrivateKey::new(curve, &private, None).unwrap();
            for (given, epk_len, z_len) in [
                (None, 0, z_len),
                (None, epk_len - 1, z_len),
                (None, epk_len + 1, z_len),
                (None, Curve::MAX_PUBLIC_LEN, z_len),
                (None, epk_len, 0),
                (None, epk_len, z_len - 1),
                (None, epk_len, z_len + 1),
                (None, epk_len, Curve::MAX_SECRET_LEN),
                (Some(&given), epk_len, z_len),
            ] {
                let (mut epk, mut z) = (vec![0xee; epk_len], vec![0xee; z_len]);
                assert_eq!(key.agree(given, &mut epk, &mut z), Err(BackendError));
                assert!(epk.iter().chain(&z).all(|byte| *byte == 0));
            }
        }
    }
}
