//! Shows that no secret is left on the stack by key management; see
//! [`wiped::stack_after`](jwe_core::wiped::stack_after). What content encryption leaves is looked
//! at for all backends in one place, the package `tests`.

use core::num::NonZeroU32;

use jwe_conformance::remnants::{Needle, deep_down};
use jwe_core::aes_key_wrap::AesKeyWrap;
use jwe_core::pbes2::Pbkdf2Hash;
use jwe_core::{Alg, EcKeyGeneration, EcPublicKey, Enc, EphemeralAgreement, SenderContext};
use ring::{digest, hmac};

use crate::aes_key_wrap::KEY_WRAP;
use crate::key_agreement::ECDH;
use crate::key_generation::KEY_GENERATION;
use crate::oaep::Oaep;
use crate::test_data::{Given, encryption_key, odd_modulus, random};
use crate::{concat_kdf, pbkdf2, test_curves, test_data};

#[test]
fn no_encoded_message_is_left_by_key_encryption() {
    for bits in [2048, 3072, 4096, 6144, 8192] {
        let key = encryption_key(Alg::RsaOaep256, &odd_modulus(bits), &[1, 0, 1]);
        let (cek, seed) = (random(32), Given(random(32)));
        let mut encoded = vec![0; bits / 8];
        Oaep::new(&digest::SHA256).encode(&seed, &cek, &mut encoded).unwrap();
        // The encoded message as bytes and as limbs, which begin with the lowest byte here.
        let part = encoded[bits / 8 - 16..].to_vec();
        let limbs: Vec<u8> = part.iter().rev().copied().collect();
        let needles = [&cek[..16], &seed.0[..16], &part, &limbs].map(Needle::new);
        let mut encrypted_key = vec![0; bits / 8];
        deep_down(|| {
            let mut context = SenderContext::new(Enc::A256Gcm, &seed);
            key.wrap_key(&mut context, &cek, &mut encrypted_key)
        })
        .unwrap();
        for needle in &needles {
            // Where the process may not read its own memory there is nothing to be seen.
            assert_eq!(needle.count().unwrap_or(0), 0, "{bits} bits");
        }
    }
}

/// What is found of these secrets after the operation, in the order in which they stand. Where the
/// process may not read its own memory there is nothing to be seen.
fn left_by<T>(secrets: &[&[u8]], operation: impl FnOnce() -> T) -> Vec<usize> {
    let needles: Vec<_> = secrets.iter().map(|secret| Needle::new(&secret[..16])).collect();
    deep_down(operation);
    needles.iter().map(|needle| needle.count().unwrap_or(0)).collect()
}

fn reversed(secret: &[u8]) -> Vec<u8> {
    secret.iter().rev().copied().collect()
}

#[test]
fn no_key_is_left_by_aes_key_wrap() {
    for kek_len in [16, 24, 32] {
        let (kek, cek) = (random(kek_len), random(32));
        let (mut wrapped, mut unwrapped) = ([0; 40], [0; 32]);
        let secrets = [kek.as_slice(), &kek[kek_len - 16..], &cek, &cek[8..]];
        let left = left_by(&secrets, || KEY_WRAP.wrap(&kek, &cek, &mut wrapped).unwrap());
        assert_eq!(left, [0; 4], "wrapping, {kek_len} bytes");
        let left = left_by(&secrets, || KEY_WRAP.unwrap(&kek, &wrapped, &mut unwrapped).unwrap());
        assert_eq!(left, [0; 4], "unwrapping, {kek_len} bytes");
    }
}

#[test]
fn no_agreed_secret_is_left_by_key_agreement() {
    for curve in ECDH.curves() {
        let public = test_curves::public_key(*curve, &random(curve.secret_len()));
        let key = ECDH.import(&EcPublicKey::new(*curve, &public).unwrap()).unwrap();
        // The secret is known after the operation only.
        let (mut epk, mut z) = (vec![0; curve.public_len()], vec![0; curve.secret_len()]);
        deep_down(|| key.agree(None, &mut epk, &mut z)).unwrap();
        // As bytes and as limbs, which begin with the lowest byte here.
        for part in [&z[..16], &reversed(&z)[..16]] {
            assert_eq!(Needle::new(part).count().unwrap_or(0), 0, "{curve}");
        }
    }
}

#[test]
fn no_agreed_secret_and_no_key_is_left_by_the_concat_kdf() {
    let (z, mut key) = (random(48), [0; 64]);
    concat_kdf::derive(&z, b"info", &mut key).unwrap();
    let expected = key;
    let left = left_by(&[&z, &z[16..], &expected, &expected[32..]], || {
        concat_kdf::derive(&z, b"info", &mut key).unwrap();
    });
    assert_eq!(left, [0; 4]);
}

#[test]
fn no_password_and_no_key_is_left_by_pbkdf2() {
    for (hash, algorithm) in [
        (Pbkdf2Hash::Sha256, hmac::HMAC_SHA256),
        (Pbkdf2Hash::Sha384, hmac::HMAC_SHA384),
        (Pbkdf2Hash::Sha512, hmac::HMAC_SHA512),
    ] {
        let (password, count) = (random(40), NonZeroU32::new(1000).unwrap());
        let mut key = [0; 32];
        pbkdf2::derive(hash, &password, b"saltsalt", count, &mut key).unwrap();
        let expected = key;
        // The key of the HMAC is XORed with two constants (RFC 2104 §2).
        let [inner, outer] =
            [0x36, 0x5c].map(|pad| password.iter().map(|byte| byte ^ pad).collect::<Vec<u8>>());
        // The last of the values whose sum is the key (RFC 8018 §5.2): it tells a right guess of
        // the password as the key does.
        let mac = hmac::Key::new(algorithm, &password);
        let first = hmac::sign(&mac, b"saltsalt\0\0\0\x01");
        let last = (1..1000).fold(first, |u, _| hmac::sign(&mac, u.as_ref()));
        let left = left_by(&[&password, &inner, &outer, last.as_ref(), &expected], || {
            pbkdf2::derive(hash, &password, b"saltsalt", count, &mut key).unwrap();
        });
        assert_eq!(left, [0; 5], "{hash:?}");
    }
}

#[test]
fn no_private_key_is_left_by_key_generation() {
    for curve in KEY_GENERATION.curves() {
        let der = deep_down(|| KEY_GENERATION.generate(*curve)).unwrap();
        let private = test_data::private_part(*curve, &der);
        for part in [&private[..16], &reversed(private)[..16]] {
            assert_eq!(Needle::new(part).count().unwrap_or(0), 0, "{curve}");
        }
    }
}
