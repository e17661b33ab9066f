//! Diffie-Hellman on the NIST curves (SP 800-56A §5.7.1.2) and on X25519 (RFC 7748 §6.1).

use std::sync::Arc;

use jwe_core::{
    BackendError, Curve, EcPrivateKey, EcPublicKey, EphemeralAgreement, EphemeralAgreementKey,
    KeyRejected, StaticAgreement, StaticAgreementKey, wiped,
};
use openssl::error::ErrorStack;
use openssl::memcmp;
use openssl::pkey::{PKey, PKeyRef, Private, Public};
use openssl::pkey_ctx::PkeyCtx;
use zeroize::{Zeroize, Zeroizing};

use crate::curve_keys::{CURVES, Pair, generate, private_key, public_key};

/// OpenSSL's key agreement, in both directions.
pub(crate) struct OpensslAgreement;

pub(crate) static AGREEMENT: OpensslAgreement = OpensslAgreement;

impl EphemeralAgreement for OpensslAgreement {
    fn curves(&self) -> &'static [Curve] {
        CURVES
    }

    fn import(&self, key: &EcPublicKey) -> Result<Arc<dyn EphemeralAgreementKey>, KeyRejected> {
        let key = RecipientKey::prepare(key.curve(), key.as_bytes())?;
        key.agree_once()?;
        Ok(Arc::new(key))
    }
}

impl StaticAgreement for OpensslAgreement {
    fn curves(&self) -> &'static [Curve] {
        CURVES
    }

    fn import(&self, key: &EcPrivateKey) -> Result<Arc<dyn StaticAgreementKey>, KeyRejected> {
        wiped::stack_after(|| OwnKey::prepare(key)).map(|key| Arc::new(key) as _)
    }
}

/// Writes the secret that two keys agree on to the start of `z` and returns its length. A context is
/// made for each call, which costs about a hundredth of the agreement.
fn derive(
    own: &PKeyRef<Private>,
    peer: &PKeyRef<Public>,
    z: &mut [u8],
) -> Result<usize, ErrorStack> {
    let mut context = PkeyCtx::new(own)?;
    context.derive_init()?;
    // OpenSSL looks at the peer's key once more here.
    context.derive_set_peer(peer)?;
    context.derive(Some(z))
}

/// Takes over an agreed secret of `len` bytes that stands at the start of `z`.
fn finish(curve: Curve, z: &mut [u8], len: usize) -> Result<(), BackendError> {
    if len != z.len() {
        // SEC 1 §3.3.1 has the x-coordinate with its leading zeros; X25519 has no such numbers.
        let missing = z.len().checked_sub(len).ok_or(BackendError)?;
        if !curve.is_nist() {
            return Err(BackendError);
        }
        z.rotate_right(missing);
        z.get_mut(..missing).ok_or(BackendError)?.zeroize();
    }
    // RFC 7748 §6.1.
    let zeros = [0; Curve::MAX_SECRET_LEN];
    if memcmp::eq(z, zeros.get(..z.len()).ok_or(BackendError)?) {
        return Err(BackendError);
    }
    Ok(())
}

/// A recipient's public key, prepared for the sender.
struct RecipientKey {
    curve: Curve,
    key: PKey<Public>,
}

impl RecipientKey {
    fn prepare(curve: Curve, bytes: &[u8]) -> Result<Self, KeyRejected> {
        let key = public_key(curve, bytes).map_err(|BackendError| {
            KeyRejected::new(
                "its public part is no point of its curve, or the system's OpenSSL policy does not \
                 allow the curve: export the key again from its origin, or take one on P-256",
            )
        })?;
        Ok(Self { curve, key })
    }

    /// One agreement before the key is taken: a point of small order of X25519 shows in it, and
    /// OpenSSL works out what it keeps for the key.
    fn agree_once(&self) -> Result<(), KeyRejected> {
        let mut epk = vec![0; self.curve.public_len()];
        let mut z = Zeroizing::new(vec![0; self.curve.secret_len()]);
        self.agree(None, &mut epk, &mut z).map_err(|BackendError| NO_AGREEMENT)
    }

    fn try_agree(
        &self,
        ephemeral: Option<&EcPrivateKey>,
        epk: &mut [u8],
        z: &mut [u8],
    ) -> Result<(), BackendError> {
        if epk.len() != self.curve.public_len() || z.len() != self.curve.secret_len() {
            return Err(BackendError);
        }
        let own: Pair = match ephemeral {
            None => generate(self.curve)?,
            Some(ephemeral) if ephemeral.curve() == self.curve => private_key(ephemeral)?,
            Some(_) => return Err(BackendError),
        };
        if own.public.len() != epk.len() {
            return Err(BackendError);
        }
        epk.copy_from_slice(&own.public);
        let len = derive(&own.key, &self.key, z).map_err(|_| BackendError)?;
        finish(self.curve, z, len)
    }
}

/// Why a key is not taken whose agreement fails.
const NO_AGREEMENT: KeyRejected = KeyRejected::new(
    "OpenSSL can't agree with this key, whose public part may be of small order: make a new key, \
     or see whether the system's OpenSSL policy allows the curve",
);

impl EphemeralAgreementKey for RecipientKey {
    fn agree(
        &self,
        ephemeral: Option<&EcPrivateKey>,
        epk: &mut [u8],
        z: &mut [u8],
    ) -> Result<(), BackendError> {
        let outcome = wiped::stack_after(|| self.try_agree(ephemeral, epk, z));
        if outcome.is_err() {
            epk.zeroize();
            z.zeroize();
        }
        outcome
    }
}

/// A recipient's own private key.
struct OwnKey {
    curve: Curve,
    key: PKey<Private>,
    public: Vec<u8>,
}

impl OwnKey {
    fn prepare(key: &EcPrivateKey) -> Result<Self, KeyRejected> {
        let curve = key.curve();
        let pair = private_key(key).map_err(|BackendError| {
            KeyRejected::new(
                "its private part is not in the range of its curve, or the system's OpenSSL policy \
                 does not allow the curve: export the key again from its origin, or take one on \
                 P-256",
            )
        })?;
        let own = Self { curve, key: pair.key, public: pair.public };
        own.agree_with_a_sender()?;
        Ok(own)
    }

    /// One agreement of both sides before the key is taken. The first one costs more than the
    /// others, so that no message has to be it.
    fn agree_with_a_sender(&self) -> Result<(), KeyRejected> {
        let sender = RecipientKey::prepare(self.curve, &self.public)?;
        let mut epk = vec![0; self.curve.public_len()];
        let secret = || Zeroizing::new(vec![0; self.curve.secret_len()]);
        let (mut theirs, mut ours) = (secret(), secret());
        sender
            .agree(None, &mut epk, &mut theirs)
            .and_then(|()| self.agree(&epk, &mut ours))
            .map_err(|BackendError| NO_AGREEMENT)?;
        if memcmp::eq(&ours, &theirs) { Ok(()) } else { Err(KeyRejected::INCONSISTENT) }
    }

    fn try_agree(&self, epk: &[u8], z: &mut [u8]) -> Result<(), BackendError> {
        if z.len() != self.curve.secret_len() {
            return Err(BackendError);
        }
        let peer = public_key(self.curve, epk)?;
        let len = derive(&self.key, &peer, z).map_err(|_| BackendError)?;
        finish(self.curve, z, len)
    }
}

impl StaticAgreementKey for OwnKey {
    fn public_key(&self, out: &mut [u8]) -> Result<(), BackendError> {
        if out.len() != self.public.len() {
            return Err(BackendError);
        }
        out.copy_from_slice(&self.public);
        Ok(())
    }

    fn agree(&self, epk: &[u8], z: &mut [u8]) -> Result<(), BackendError> {
        let outcome = wiped::stack_after(|| self.try_agree(epk, z));
        if outcome.is_err() {
            z.zeroize();
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jwe_conformance::remnants::{Needle, deep_down};
    use jwe_core::{
        BackendError, Curve, EcPrivateKey, EcPublicKey, EphemeralAgreement, EphemeralAgreementKey,
        KeyRejected, StaticAgreement, StaticAgreementKey,
    };
    use openssl::bn::{BigNum, BigNumContext};
    use openssl::ec::EcGroup;
    use openssl::error::ErrorStack;
    use openssl::nid::Nid;

    use super::{AGREEMENT, finish};
    use crate::test_data::{hex, random};

    const NIST: [Curve; 3] = [Curve::P256, Curve::P384, Curve::P521];

    fn sender(curve: Curve, public: &[u8]) -> Result<Arc<dyn EphemeralAgreementKey>, KeyRejected> {
        EphemeralAgreement::import(&AGREEMENT, &EcPublicKey::new(curve, public).unwrap())
    }

    fn recipient(curve: Curve, secret: &[u8]) -> Result<Arc<dyn StaticAgreementKey>, KeyRejected> {
        StaticAgreement::import(&AGREEMENT, &EcPrivateKey::new(curve, secret, None).unwrap())
    }

    /// A private key in the range of any curve.
    fn random_secret(curve: Curve) -> Vec<u8> {
        let mut secret = random(curve.secret_len());
        secret[0] = 0;
        if curve == Curve::P521 {
            secret[1] &= 0x7f;
        }
        secret
    }

    fn public_of(key: &Arc<dyn StaticAgreementKey>, curve: Curve) -> Vec<u8> {
        let mut public = vec![0; curve.public_len()];
        key.public_key(&mut public).unwrap();
        public
    }

    fn agreed(
        key: &Arc<dyn StaticAgreementKey>,
        curve: Curve,
        epk: &[u8],
    ) -> Result<Vec<u8>, BackendError> {
        let mut z = vec![0xee; curve.secret_len()];
        let outcome = key.agree(epk, &mut z);
        assert!(outcome.is_ok() || z.iter().all(|byte| *byte == 0), "z is zero after an error");
        assert!(ErrorStack::get().errors().is_empty());
        outcome.map(|()| z)
    }

    /// Two key pairs, each a private key and the public key in the crate's form, and what they
    /// agree on.
    struct Example {
        curve: Curve,
        pairs: [(&'static str, &'static str); 2],
        z: &'static str,
    }

    const EXAMPLES: &[Example] = &[
        // RFC 5903 §8.1
        Example {
            curve: Curve::P256,
            pairs: [
                (
                    "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
                    "04 dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180
                     5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3",
                ),
                (
                    "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53",
                    "04 d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63
                     56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab",
                ),
            ],
            z: "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de",
        },
        // RFC 5903 §8.2
        Example {
            curve: Curve::P384,
            pairs: [
                (
                    "099f3c7034d4a2c699884d73a375a67f7624ef7c6b3c0f160647b67414dce655
                     e35b538041e649ee3faef896783ab194",
                    "04 667842d7d180ac2cde6f74f37551f55755c7645c20ef73e31634fe72b4c55ee6
                     de3ac808acb4bdb4c88732aee95f41aa
                     9482ed1fc0eeb9cafc4984625ccfc23f65032149e0e144ada024181535a0f38e
                     eb9fcff3c2c947dae69b4c634573a81c",
                ),
                (
                    "41cb0779b4bdb85d47846725fbec3c9430fab46cc8dc5060855cc9bda0aa2942
                     e0308312916b8ed2960e4bd55a7448fc",
                    "04 e558dbef53eecde3d3fccfc1aea08a89a987475d12fd950d83cfa41732bc509d
                     0d1ac43a0336def96fda41d0774a3571
                     dcfbec7aacf3196472169e838430367f66eebe3c6e70c416dd5f0c68759dd1ff
                     f83fa40142209dff5eaad96db9e6386c",
                ),
            ],
            z: "11187331c279962d93d604243fd592cb9d0a926f422e47187521287e7156c5c4
                d603135569b9e9d09cf5d4a270f59746",
        },
        // RFC 5903 §8.3
        Example {
            curve: Curve::P521,
            pairs: [
                (
                    "0037ade9319a89f4dabdb3ef411aaccca5123c61acab57b5393dce47608172a0
                     95aa85a30fe1c2952c6771d937ba9777f5957b2639bab072462f68c27a57382d
                     4a52",
                    "04 0015417e84dbf28c0ad3c278713349dc7df153c897a1891bd98bab4357c9ecbe
                     e1e3bf42e00b8e380aeae57c2d107564941885942af5a7f4601723c4195d176c
                     ed3e
                     017cae20b6641d2eeb695786d8c946146239d099e18e1d5a514c739d7cb4a10a
                     d8a788015ac405d7799dc75e7b7d5b6cf2261a6a7f1507438bf01beb6ca3926f
                     9582",
                ),
                (
                    "0145ba99a847af43793fdd0e872e7cdfa16be30fdc780f97bccc3f078380201e
                     9c677d600b343757a3bdbf2a3163e4c2f869cca7458aa4a4effc311f5cb15168
                     5eb9",
                    "04 00d0b3975ac4b799f5bea16d5e13e9af971d5e9b984c9f39728b5e5739735a21
                     9b97c356436adc6e95bb0352f6be64a6c2912d4ef2d0433ced2b6171640012d9
                     460f
                     015c68226383956e3bd066e797b623c27ce0eac2f551a10c2c724d9852077b87
                     220b6536c5c408a1d2aebb8e86d678ae49cb57091f4732296579ab44fcd17f0f
                     c56a",
                ),
            ],
            z: "01144c7d79ae6956bc8edb8e7c787c4521cb086fa64407f97894e5e6b2d79b04
                d1427e73ca4baa240a34786859810c06b3c715a3a8cc3151f2bee417996d19f3
                ddea",
        },
        // RFC 7748 §6.1
        Example {
            curve: Curve::X25519,
            pairs: [
                (
                    "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
                    "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
                ),
                (
                    "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
                    "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
                ),
            ],
            z: "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
        },
        // RFC 7518 Appendix C
        Example {
            curve: Curve::P256,
            pairs: [
                (
                    "d3f3716913d4310a0026de741b3f18893afc8114f0c84682ba677e313a13988a",
                    "04 808d060082c176eed3e776a4ac598cc8672c1779f974eecc9b03411ca5b9495d
                     48b5bfc527dfce53d6ac7115237d031ccff87a0570b77350a9e503ee7305a69b",
                ),
                (
                    "5449836690d75caf29f0dd029ddb31b3ddb8aba9d2d515c5012465e817d4a9dc",
                    "04 c1e349cb61ec70248ce801034c3834e1b88ebe1161cb25af38741f785fcfc4c4
                     7bc96708ef80952b53f8d2555fe72b841ed04588628b1d378a594939500ec9c9",
                ),
            ],
            z: "9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4",
        },
    ];

    /// Both sides of every example, the sender's with the example's ephemeral key.
    #[test]
    fn the_examples_of_rfc_5903_rfc_7748_and_rfc_7518() {
        for Example { curve, pairs, z } in EXAMPLES {
            let [one, other] = pairs.map(|(secret, public)| (hex(secret), hex(public)));
            let z = hex(z);
            for ((secret, public), (peer_secret, peer_public)) in [(&one, &other), (&other, &one)] {
                let key = recipient(*curve, secret).unwrap();
                assert_eq!(public_of(&key, *curve), *public, "{curve}");
                assert_eq!(agreed(&key, *curve, peer_public), Ok(z.clone()), "{curve}");

                let ephemeral = EcPrivateKey::new(*curve, peer_secret, None).unwrap();
                let (mut epk, mut secret) = (vec![0; public.len()], vec![0; z.len()]);
                let key = sender(*curve, public).unwrap();
                key.agree(Some(&ephemeral), &mut epk, &mut secret).unwrap();
                assert_eq!((&epk, &secret), (peer_public, &z), "{curve}");
            }
        }
    }

    #[test]
    fn both_sides_agree_and_every_message_has_a_fresh_pair() {
        for curve in Curve::ALL.iter().copied() {
            let key = recipient(curve, &random_secret(curve)).unwrap();
            let sender = sender(curve, &public_of(&key, curve)).unwrap();
            let mut before = vec![];
            for _ in 0..16 {
                let mut epk = vec![0; curve.public_len()];
                let mut z = vec![0; curve.secret_len()];
                sender.agree(None, &mut epk, &mut z).unwrap();
                assert_eq!(agreed(&key, curve, &epk), Ok(z), "{curve}");
                assert!(!before.contains(&epk));
                before.push(epk);
            }
        }
    }

    /// Changes of a good point that leave its curve, and points of others.
    fn bad_points(curve: Curve, good: &[u8]) -> Vec<Vec<u8>> {
        let len = curve.secret_len();
        let mut points = vec![];
        for place in [len, 2 * len] {
            let mut changed = good.to_vec();
            changed[place] ^= 1;
            points.push(changed);
        }
        // y = 0 has order 2 on the curve that it is on, which is none of these.
        let mut order_two = good.to_vec();
        order_two[1 + len..].fill(0);
        points.push(order_two);
        // x = 0 with y = 1.
        let mut few = vec![0; good.len()];
        (few[0], few[2 * len]) = (4, 1);
        points.push(few);
        if curve == Curve::P256 {
            // The generator of secp256k1 (SEC 2 §2.4.1), whose coordinates are as long.
            points.push(hex("04 79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798
                 483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"));
        }
        points
    }

    #[test]
    fn points_off_the_curve_are_refused() {
        for curve in NIST {
            let key = recipient(curve, &random_secret(curve)).unwrap();
            let good = public_of(&key, curve);
            for point in bad_points(curve, &good) {
                assert!(sender(curve, &point).is_err(), "{curve}");
                assert!(ErrorStack::get().errors().is_empty());
                assert_eq!(agreed(&key, curve, &point), Err(BackendError), "{curve}");
                assert!(agreed(&key, curve, &good).is_ok());
            }
        }
    }

    #[test]
    fn other_forms_infinity_and_other_curves_are_refused() {
        for curve in Curve::ALL.iter().copied() {
            let key = recipient(curve, &random_secret(curve)).unwrap();
            let good = public_of(&key, curve);
            let mut forms = vec![vec![], vec![0], vec![0; good.len()], good[1..].to_vec()];
            forms.push([good.as_slice(), &[0]].concat());
            forms.push([&[0], good.as_slice()].concat());
            if curve.is_nist() {
                let x = &good[1..=curve.secret_len()];
                for head in [2, 3] {
                    forms.push([&[head], x].concat());
                }
                for head in [0, 1, 2, 3, 5, 6, 7] {
                    forms.push([&[head], &good[1..]].concat());
                }
                // An infinity that is as long as a point.
                let mut infinity = vec![0; good.len()];
                infinity[0] = 4;
                forms.push(infinity);
                forms.push([&[4], &vec![0xff; good.len() - 1][..]].concat());
            }
            for other in Curve::ALL.iter().copied().filter(|other| *other != curve) {
                let other_key = recipient(other, &random_secret(other)).unwrap();
                forms.push(public_of(&other_key, other));
            }
            for form in forms {
                assert_eq!(agreed(&key, curve, &form), Err(BackendError), "{curve} {form:?}");
            }
            assert!(agreed(&key, curve, &good).is_ok());
        }
    }

    /// The points of Curve25519 and of its twist whose order divides the cofactor, in all their
    /// encodings but 0, which the engine refuses.
    #[test]
    fn points_of_small_order_are_refused() {
        let points = [
            "0100000000000000000000000000000000000000000000000000000000000000",
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ];
        let key = recipient(Curve::X25519, &random_secret(Curve::X25519)).unwrap();
        for point in points {
            for high_bit in [0, 0x80] {
                let mut point = hex(point);
                point[31] |= high_bit;
                assert!(sender(Curve::X25519, &point).is_err(), "{point:?}");
                assert_eq!(agreed(&key, Curve::X25519, &point), Err(BackendError), "{point:?}");
            }
        }
    }

    #[test]
    fn private_keys_out_of_range_are_refused() {
        for (curve, nid) in
            NIST.into_iter().zip([Nid::X9_62_PRIME256V1, Nid::SECP384R1, Nid::SECP521R1])
        {
            let group = EcGroup::from_curve_name(nid).unwrap();
            let mut order = BigNum::new().unwrap();
            group.order(&mut order, &mut BigNumContext::new().unwrap()).unwrap();
            let len = i32::try_from(curve.secret_len()).unwrap();
            let number = |order: &BigNum| order.to_vec_padded(len).unwrap();
            assert!(recipient(curve, &number(&order)).is_err(), "{curve}");
            order.add_word(1).unwrap();
            assert!(recipient(curve, &number(&order)).is_err(), "{curve}");
            order.sub_word(2).unwrap();
            assert!(recipient(curve, &number(&order)).is_ok(), "{curve}");
            assert!(recipient(curve, &vec![0xff; curve.secret_len()]).is_err(), "{curve}");
            let mut one = vec![0; curve.secret_len()];
            *one.last_mut().unwrap() = 1;
            assert!(recipient(curve, &one).is_ok(), "{curve}");
            assert!(ErrorStack::get().errors().is_empty());
        }
    }

    #[test]
    fn wrong_lengths_and_an_ephemeral_key_of_another_curve_are_refused() {
        for curve in Curve::ALL.iter().copied() {
            let key = recipient(curve, &random_secret(curve)).unwrap();
            let good = public_of(&key, curve);
            let sender = sender(curve, &good).unwrap();
            let (epk_len, z_len) = (curve.public_len(), curve.secret_len());
            for wrong in [0, z_len - 1, z_len + 1, Curve::MAX_SECRET_LEN + 1, 200] {
                let (mut epk, mut z) = (vec![0xee; epk_len], vec![0xee; wrong]);
                assert_eq!(sender.agree(None, &mut epk, &mut z), Err(BackendError));
                assert!(epk.iter().chain(&z).all(|byte| *byte == 0));
                z.fill(0xee);
                assert_eq!(key.agree(&good, &mut z), Err(BackendError));
                assert!(z.iter().all(|byte| *byte == 0));
            }
            for wrong in [0, epk_len - 1, epk_len + 1] {
                let (mut epk, mut z) = (vec![0xee; wrong], vec![0xee; z_len]);
                assert_eq!(sender.agree(None, &mut epk, &mut z), Err(BackendError));
                assert!(epk.iter().chain(&z).all(|byte| *byte == 0));
                assert_eq!(key.public_key(&mut epk), Err(BackendError));
            }
            for other in Curve::ALL.iter().copied().filter(|other| *other != curve) {
                let ephemeral = EcPrivateKey::new(other, &random_secret(other), None).unwrap();
                let (mut epk, mut z) = (vec![0xee; epk_len], vec![0xee; z_len]);
                let outcome = sender.agree(Some(&ephemeral), &mut epk, &mut z);
                assert_eq!(outcome, Err(BackendError));
                assert!(epk.iter().chain(&z).all(|byte| *byte == 0));
            }
        }
    }

    #[test]
    fn a_short_secret_is_padded_and_a_zero_one_refused() {
        for curve in Curve::ALL.iter().copied() {
            let len = curve.secret_len();
            let full: Vec<u8> = (1..=len).map(|byte| u8::try_from(byte).unwrap()).collect();
            let mut z = full.clone();
            assert_eq!(finish(curve, &mut z, len), Ok(()));
            assert_eq!(z, full);
            let outcome = finish(curve, &mut z, len - 2);
            if curve.is_nist() {
                assert_eq!(outcome, Ok(()));
                assert_eq!(z, [&[0, 0], &full[..len - 2]].concat());
            } else {
                assert_eq!(outcome, Err(BackendError));
            }
            assert_eq!(finish(curve, &mut z, len + 1), Err(BackendError));
            assert_eq!(finish(curve, &mut vec![0; len], len), Err(BackendError));
        }
    }

    /// Threads use one key at the same time.
    #[test]
    fn one_key_serves_many_threads() {
        for curve in [Curve::P256, Curve::X25519] {
            let key = recipient(curve, &random_secret(curve)).unwrap();
            let sender = sender(curve, &public_of(&key, curve)).unwrap();
            std::thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| {
                        for _ in 0..20 {
                            let mut epk = vec![0; curve.public_len()];
                            let mut z = vec![0; curve.secret_len()];
                            sender.agree(None, &mut epk, &mut z).unwrap();
                            assert_eq!(agreed(&key, curve, &epk), Ok(z));
                        }
                    });
                }
            });
        }
    }

    #[test]
    fn no_secret_is_left_on_the_stack() {
        for curve in Curve::ALL.iter().copied() {
            // As bytes and as limbs, which begin with the lowest byte here.
            let both = |secret: &[u8]| {
                let part = &secret[secret.len() - 16..];
                let reversed: Vec<u8> = part.iter().rev().copied().collect();
                [Needle::new(part), Needle::new(&reversed)]
            };
            let assert_none = |needles: &[Needle], what| {
                for needle in needles {
                    // Where the process may not read its own memory there is nothing to be seen.
                    assert_eq!(needle.count().unwrap_or(0), 0, "{what} {curve}");
                }
            };
            let mut secret = random_secret(curve);
            let secret_needles = both(&secret);
            let own = EcPrivateKey::new(curve, &secret, None).unwrap();
            secret.fill(0);
            let key = deep_down(|| StaticAgreement::import(&AGREEMENT, &own)).unwrap();
            assert_none(&secret_needles, "import");
            let sender = sender(curve, &public_of(&key, curve)).unwrap();
            let (mut epk, mut z) = (vec![0; curve.public_len()], vec![0; curve.secret_len()]);
            deep_down(|| sender.agree(None, &mut epk, &mut z)).unwrap();
            let z_needles = both(&z);
            z.fill(0);
            assert_none(&z_needles, "sender");
            deep_down(|| key.agree(&epk, &mut z)).unwrap();
            z.fill(0);
            assert_none(&z_needles, "recipient");
            assert_none(&secret_needles, "recipient");
            assert!(z.iter().all(|byte| *byte == 0));
        }
    }
}
