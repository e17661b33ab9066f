//! `RSA-OAEP`, `RSA-OAEP-256`, `RSA-OAEP-384` and `RSA-OAEP-512` (RFC 7518 §4.3), the sender's
//! direction: EME-OAEP, then the public operation.

use std::sync::Arc;

use crypto_bigint::{U2048, U3072, U4096, U6144, U8192};
use jwe_core::{
    Alg, BackendError, EncryptionKeyImport, KeyMaterial, KeyRejected, SenderContext, SenderKey,
    WrapKey, wiped,
};
use ring::digest;
use zeroize::Zeroize;

use crate::oaep::Oaep;
use crate::rsa_public::RsaPublic;

/// One member of the family.
pub(crate) struct RsaOaep {
    alg: Alg,
    implementation: &'static str,
    hash: &'static digest::Algorithm,
}

/// With SHA-1 and MGF1 with SHA-1.
pub(crate) static RSA_OAEP: RsaOaep = RsaOaep {
    alg: Alg::RsaOaep,
    implementation: "EME-OAEP over ring SHA-1, crypto-bigint",
    hash: &digest::SHA1_FOR_LEGACY_USE_ONLY,
};
/// With SHA-256 and MGF1 with SHA-256.
pub(crate) static RSA_OAEP_256: RsaOaep = RsaOaep {
    alg: Alg::RsaOaep256,
    implementation: "EME-OAEP over ring SHA-2, crypto-bigint",
    hash: &digest::SHA256,
};
/// With SHA-384 and MGF1 with SHA-384.
pub(crate) static RSA_OAEP_384: RsaOaep = RsaOaep {
    alg: Alg::RsaOaep384,
    implementation: "EME-OAEP over ring SHA-2, crypto-bigint",
    hash: &digest::SHA384,
};
/// With SHA-512 and MGF1 with SHA-512.
pub(crate) static RSA_OAEP_512: RsaOaep = RsaOaep {
    alg: Alg::RsaOaep512,
    implementation: "EME-OAEP over ring SHA-2, crypto-bigint",
    hash: &digest::SHA512,
};

/// A public key with its arithmetic in `LIMBS` limbs.
struct RsaOaepKey<const LIMBS: usize> {
    oaep: Oaep,
    public: RsaPublic<LIMBS>,
}

impl EncryptionKeyImport for RsaOaep {
    fn alg(&self) -> Alg {
        self.alg
    }

    fn implementation(&self) -> &'static str {
        self.implementation
    }

    fn import(&self, key: &KeyMaterial) -> Result<SenderKey, KeyRejected> {
        let KeyMaterial::RsaPublic(key) = key else {
            return Err(KeyRejected::WRONG_KEY_TYPE);
        };
        let oaep = Oaep::new(self.hash);
        // The smallest size that holds the modulus: the work grows with the square of it.
        let prepared: Arc<dyn WrapKey> = match key.modulus_bits() {
            ..=2048 => {
                Arc::new(RsaOaepKey::<{ U2048::LIMBS }> { oaep, public: RsaPublic::new(key)? })
            }
            2049..=3072 => {
                Arc::new(RsaOaepKey::<{ U3072::LIMBS }> { oaep, public: RsaPublic::new(key)? })
            }
            3073..=4096 => {
                Arc::new(RsaOaepKey::<{ U4096::LIMBS }> { oaep, public: RsaPublic::new(key)? })
            }
            4097..=6144 => {
                Arc::new(RsaOaepKey::<{ U6144::LIMBS }> { oaep, public: RsaPublic::new(key)? })
            }
            _ => Arc::new(RsaOaepKey::<{ U8192::LIMBS }> { oaep, public: RsaPublic::new(key)? }),
        };
        Ok(SenderKey::Wrap(prepared))
    }
}

impl<const LIMBS: usize> WrapKey for RsaOaepKey<LIMBS> {
    fn encrypted_key_len(&self, _: usize) -> usize {
        self.public.modulus_len()
    }

    fn wrap_key(
        &self,
        context: &mut SenderContext<'_>,
        cek: &[u8],
        encrypted_key: &mut [u8],
    ) -> Result<(), BackendError> {
        if encrypted_key.len() != self.public.modulus_len() {
            return Err(BackendError);
        }
        // The encoded message is built in the output and replaced there by its power.
        let random = context.random();
        let wrapped = wiped::stack_after(|| {
            self.oaep.encode(random, cek, encrypted_key)?;
            self.public.raise(encrypted_key)
        });
        if wrapped.is_err() {
            encrypted_key.zeroize();
        }
        wrapped
    }
}

#[cfg(test)]
mod tests {
    use jwe_core::Enc;
    use num_bigint::BigUint;

    use super::*;
    use crate::random::RANDOM;
    use crate::test_data::{
        ALL_HASHES, Given, decode_oaep, encryption_key, hex, odd_modulus, random,
    };

    static ALL: [&RsaOaep; 4] = [&RSA_OAEP, &RSA_OAEP_256, &RSA_OAEP_384, &RSA_OAEP_512];

    /// RSADP (RFC 8017 §5.1.2), in plain arithmetic.
    fn private_operation(encrypted_key: &[u8], n: &BigUint, d: &BigUint) -> Vec<u8> {
        let m = BigUint::from_bytes_be(encrypted_key).modpow(d, n).to_bytes_be();
        let mut block = vec![0; encrypted_key.len() - m.len()];
        block.extend(m);
        block
    }

    /// Keys encrypted by others are opened with their private keys, which tells the seed; with
    /// that seed, the encrypted key must come out the same to the byte.
    #[test]
    fn known_answers() {
        let text = include_str!("../testdata/rsa_oaep.txt");
        let mut seen = Vec::new();
        for block in text.split("\n\n").skip(1) {
            let member = |name: &str| {
                block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "))
            };
            let object =
                ALL.into_iter().find(|object| object.alg.name() == member("alg").unwrap()).unwrap();
            let [n, d, encrypted_key] =
                ["n", "d", "encrypted_key"].map(|name| hex(member(name).unwrap()));
            let opened = private_operation(
                &encrypted_key,
                &BigUint::from_bytes_be(&n),
                &BigUint::from_bytes_be(&d),
            );
            let (seed, cek) = decode_oaep(object.hash, &opened).unwrap();
            if let Some(published) = member("cek") {
                assert_eq!(cek, hex(published));
            }
            let key = encryption_key(object.alg, &n, &[1, 0, 1]);
            let seed = Given(seed);
            let mut ours = vec![0xee; encrypted_key.len()];
            key.wrap_key(&mut SenderContext::new(Enc::A256Gcm, &seed), &cek, &mut ours).unwrap();
            assert_eq!(ours, encrypted_key, "{}", member("source").unwrap());
            seen.push((object.alg, n.len() * 8));
        }
        assert_eq!(
            seen,
            [
                (Alg::RsaOaep, 2048),
                (Alg::RsaOaep, 4096),
                (Alg::RsaOaep256, 3072),
                (Alg::RsaOaep384, 2048),
                (Alg::RsaOaep512, 2048),
            ]
        );
    }

    /// Products of Mersenne primes 2^a − 1 are keys that protect nothing, but that have the right
    /// arithmetic at odd lengths and a private exponent that can be written down.
    #[test]
    fn a_private_key_opens_what_was_encrypted_at_odd_lengths() {
        let e = BigUint::from(65_537_u32);
        for exponents in [[127, 2203], [1279, 2281], [2203, 2281], [3217, 4253]] {
            let one = BigUint::from(1_u8);
            let primes = exponents.map(|a: u32| (&one << a) - &one);
            let n = &primes[0] * &primes[1];
            let d = e.modinv(&((&primes[0] - &one) * (&primes[1] - &one))).unwrap();
            for object in ALL {
                let key = encryption_key(object.alg, &n.to_bytes_be(), &[1, 0, 1]);
                let mut encrypted_key = vec![0; n.to_bytes_be().len()];
                let cek = random(64);
                let mut context = SenderContext::new(Enc::A256CbcHs512, &RANDOM);
                key.wrap_key(&mut context, &cek, &mut encrypted_key).unwrap();
                let (_, opened) =
                    decode_oaep(object.hash, &private_operation(&encrypted_key, &n, &d)).unwrap();
                assert_eq!(opened, cek);
            }
        }
    }

    #[test]
    fn every_modulus_length_gives_that_length_and_the_right_power() {
        let edges = [2048, 3072, 4096, 6144, 8192].into_iter().flat_map(|edge| {
            [edge - 9, edge - 8, edge - 7, edge - 1, edge, edge + 1, edge + 7, edge + 8, edge + 9]
        });
        for bits in edges.filter(|bits| (2048..=8192).contains(bits)) {
            let n = odd_modulus(bits);
            for e in [&[3_u8][..], &[1, 0, 1]] {
                let key = encryption_key(Alg::RsaOaep256, &n, e);
                assert_eq!(key.encrypted_key_len(32), bits.div_ceil(8));
                let (seed, cek) = (Given(random(32)), random(32));
                let mut block = vec![0; n.len()];
                Oaep::new(&digest::SHA256).encode(&seed, &cek, &mut block).unwrap();
                let expected = BigUint::from_bytes_be(&block)
                    .modpow(&BigUint::from_bytes_be(e), &BigUint::from_bytes_be(&n));
                let mut encrypted_key = vec![0xee; n.len()];
                let mut context = SenderContext::new(Enc::A256Gcm, &seed);
                key.wrap_key(&mut context, &cek, &mut encrypted_key).unwrap();
                assert_eq!(
                    BigUint::from_bytes_be(&encrypted_key),
                    expected,
                    "{bits} bits, e {e:?}"
                );
            }
        }
    }

    #[test]
    fn a_short_power_is_padded_on_the_left() {
        // A modulus of 2049 bits has 257 bytes, of which a power hardly ever uses the first.
        let mut n = vec![0xff; 257];
        (n[0], n[1]) = (1, 0);
        let key = encryption_key(Alg::RsaOaep256, &n, &[1, 0, 1]);
        let mut context = SenderContext::new(Enc::A256Gcm, &RANDOM);
        let mut encrypted_key = vec![0xee; 257];
        let leading_zeros = (0..64)
            .filter(|_| {
                key.wrap_key(&mut context, &[1; 32], &mut encrypted_key).unwrap();
                encrypted_key[0] == 0
            })
            .count();
        assert!(leading_zeros > 32, "{leading_zeros}");
    }

    #[test]
    fn wrong_lengths_are_refused_and_the_output_is_wiped() {
        for (object, hash) in ALL.into_iter().zip(ALL_HASHES) {
            let key = encryption_key(object.alg, &odd_modulus(2048), &[1, 0, 1]);
            let mut context = SenderContext::new(Enc::A256Gcm, &RANDOM);
            for len in [0, 1, 255, 257, 512] {
                let mut out = vec![0xee; len];
                assert_eq!(key.wrap_key(&mut context, &[1; 32], &mut out), Err(BackendError));
            }
            let max_len = 256 - 2 * hash.output_len() - 2;
            let mut out = vec![0xee; 256];
            assert_eq!(key.wrap_key(&mut context, &vec![1; max_len], &mut out), Ok(()));
            for len in [max_len + 1, 256, 1000] {
                out.fill(0xee);
                let wrapped = key.wrap_key(&mut context, &vec![1; len], &mut out);
                assert_eq!(wrapped, Err(BackendError));
                assert_eq!(out, [0; 256]);
            }
            // A source without a seed fails in the middle.
            let no_seed = Given(Vec::new());
            let mut failing = SenderContext::new(Enc::A256Gcm, &no_seed);
            out.fill(0xee);
            assert_eq!(key.wrap_key(&mut failing, &[1; 32], &mut out), Err(BackendError));
            assert_eq!(out, [0; 256]);
        }
    }
}
