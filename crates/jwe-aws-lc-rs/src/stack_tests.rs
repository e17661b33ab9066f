//! Shows that no secret of key management is left on the stack; see
//! [`wiped::stack_after`](jwe_core::wiped::stack_after). What content encryption leaves is looked
//! at for all backends in one place, the package `tests`.

use core::num::NonZeroU32;

use jwe_conformance::remnants::{Needle, deep_down};
use jwe_core::aes_key_wrap::AesKeyWrap;
use jwe_core::pbes2::Pbkdf2Hash;
use jwe_core::{
    Alg, Curve, EcKeyGeneration, EcPrivateKey, EcPublicKey, Enc, EphemeralAgreement, KeyMaterial,
    OctKey, RandomSource, RecipientContext, RecipientKey, SenderContext, SenderKey,
    StaticAgreement, UNWRAP_BUFFER_LEN, Zeroizing,
};

use crate::AWS_LC_RS;
use crate::aes_key_wrap::KEY_WRAP;
use crate::concat_kdf::concat_kdf;
use crate::key_agreement::{AGREEMENT, CURVES};
use crate::key_generation::AWS_LC_KEY_GENERATION;
use crate::pbkdf2::derive;
use crate::random_source::AWS_LC_RANDOM;

fn random(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    AWS_LC_RANDOM.fill(&mut bytes).unwrap();
    bytes
}

/// How a library may keep what it is given: as the bytes stand, as the words of a hash, or as the
/// limbs of a big-endian number, each beginning with its lowest byte here.
const BYTES: usize = 1;
const WORDS_OF_SHA_256: usize = 4;
const WORDS_OF_SHA_512: usize = 8;
const NUMBER: usize = usize::MAX;

/// The first and the last 16 bytes of each secret, as they stand, and with groups of that many
/// bytes turned round.
fn needles(secrets: &[&[u8]], group: usize) -> Vec<Needle> {
    let mut needles = Vec::new();
    for secret in secrets {
        let turned: Vec<u8> =
            secret.chunks(group).flat_map(|bytes| bytes.iter().rev()).copied().collect();
        for bytes in if group == BYTES { vec![*secret] } else { vec![*secret, &turned] } {
            needles.push(Needle::new(&bytes[..16]));
            if bytes.len() > 16 {
                needles.push(Needle::new(&bytes[bytes.len() - 16..]));
            }
        }
    }
    needles
}

fn assert_none(needles: &[Needle], what: &str) {
    for needle in needles {
        // Where the process may not read its own memory there is nothing to be seen.
        assert_eq!(needle.count().unwrap_or(0), 0, "{what}");
    }
}

#[test]
fn no_key_is_left_by_aes_key_wrap() {
    for kek_len in [16, 24, 32] {
        for cek_len in [16, 32, 64] {
            let (kek, cek) = (random(kek_len), random(cek_len));
            let needles = needles(&[&kek, &cek], BYTES);
            let (mut wrapped, mut out) = (vec![0; cek_len + 8], vec![0; cek_len]);
            deep_down(|| KEY_WRAP.wrap(&kek, &cek, &mut wrapped)).unwrap();
            assert_none(&needles, &format!("{kek_len} {cek_len}: wrapped"));
            deep_down(|| KEY_WRAP.unwrap(&kek, &wrapped, &mut out)).unwrap();
            assert_none(&needles, &format!("{kek_len} {cek_len}: unwrapped"));
            wrapped[0] ^= 1;
            assert!(deep_down(|| KEY_WRAP.unwrap(&kek, &wrapped, &mut out)).is_err());
            assert_none(&needles, &format!("{kek_len} {cek_len}: refused"));
        }
    }
}

#[test]
fn no_key_is_left_by_aes_gcm_key_wrapping() {
    for (alg, kek_len) in [(Alg::A128GcmKw, 16), (Alg::A192GcmKw, 24), (Alg::A256GcmKw, 32)] {
        let (kek, cek, iv) = (random(kek_len), random(32), [7; 12]);
        let needles = needles(&[&kek, &cek], BYTES);
        let key = KeyMaterial::Oct(OctKey::new(Zeroizing::new(kek)).unwrap());
        let sender = AWS_LC_RS.encryption_key_import(alg, None).unwrap().1.import(&key);
        let recipient = AWS_LC_RS.decryption_key_import(alg, None).unwrap().1.import(&key);
        let (Ok(SenderKey::Wrap(sender)), Ok(RecipientKey::Unwrap(recipient))) =
            (sender, recipient)
        else {
            panic!("it wraps keys")
        };
        let mut wrapped = vec![0; 32];
        let tag = deep_down(|| {
            let mut context = SenderContext::new(Enc::A256Gcm, &AWS_LC_RANDOM).with_iv(iv);
            sender.wrap_key(&mut context, &cek, &mut wrapped).unwrap();
            context.tag()
        });
        assert_none(&needles, &format!("{alg}: wrapped"));
        let mut out = vec![0; UNWRAP_BUFFER_LEN];
        for (tag, expected) in [(tag, Ok(32)), ([0; 16], Err(jwe_core::BackendError))] {
            let context = RecipientContext::new(Enc::A256Gcm).with_iv_and_tag(&iv, &tag);
            let outcome = deep_down(|| recipient.unwrap_key(&context, &wrapped, &mut out));
            assert_eq!(outcome, expected);
            assert_none(&needles, &format!("{alg}: {expected:?}"));
        }
    }
}

#[test]
fn no_private_key_and_no_agreed_secret_is_left_by_key_agreement() {
    for curve in CURVES.iter().copied() {
        for _ in 0..2 {
            let own = private_key(curve);
            let prepared = deep_down(|| StaticAgreement::import(&AGREEMENT, &own)).unwrap();
            assert_none(&needles(&[own.secret()], NUMBER), &format!("{curve}: imported"));
            let mut public = vec![0; curve.public_len()];
            prepared.public_key(&mut public).unwrap();
            let public = EcPublicKey::new(curve, &public).unwrap();
            let sender = EphemeralAgreement::import(&AGREEMENT, &public).unwrap();

            let ephemeral = private_key(curve);
            let (mut epk, mut z) = (vec![0; curve.public_len()], vec![0; curve.secret_len()]);
            deep_down(|| sender.agree(Some(&ephemeral), &mut epk, &mut z)).unwrap();
            let secrets = needles(&[&z, ephemeral.secret(), own.secret()], NUMBER);
            assert_none(&secrets, &format!("{curve}: agreed with a given key pair"));
            deep_down(|| prepared.agree(&epk, &mut z)).unwrap();
            assert_none(&secrets, &format!("{curve}: agreed by the static key"));
            deep_down(|| sender.agree(None, &mut epk, &mut z)).unwrap();
            assert_none(&needles(&[&z], NUMBER), &format!("{curve}: agreed with a fresh key pair"));
        }
    }
}

/// Also looks at what its generation leaves.
fn private_key(curve: Curve) -> EcPrivateKey {
    let der = deep_down(|| EcKeyGeneration::generate(&AWS_LC_KEY_GENERATION, curve)).unwrap();
    // In all four structures the private key is the first OCTET STRING of its length.
    let len = curve.secret_len();
    let header = [0x04, u8::try_from(len).unwrap()];
    let at = der.windows(2).position(|two| two == header).unwrap() + 2;
    let secret = Zeroizing::new(der[at..at + len].to_vec());
    assert_none(&needles(&[&secret], NUMBER), &format!("{curve}: generated"));
    EcPrivateKey::new(curve, &secret, None).unwrap()
}

#[test]
fn no_secret_is_left_by_the_concat_kdf() {
    for (z_len, len) in [(32, 16), (32, 32), (48, 32), (66, 64)] {
        let (z, mut out) = (random(z_len), vec![0; len]);
        deep_down(|| concat_kdf(&z, &[7; 40], &mut out)).unwrap();
        let secrets = needles(&[&z, &out], WORDS_OF_SHA_256);
        assert_none(&secrets, &format!("{z_len} {len}"));
    }
}

#[test]
fn no_password_and_no_key_is_left_by_pbkdf2() {
    for (hash, words) in [
        (Pbkdf2Hash::Sha256, WORDS_OF_SHA_256),
        (Pbkdf2Hash::Sha384, WORDS_OF_SHA_512),
        (Pbkdf2Hash::Sha512, WORDS_OF_SHA_512),
    ] {
        for len in [16, 64, 300] {
            let (password, salt, mut out) = (random(len), random(30), vec![0; 32]);
            let count = NonZeroU32::new(1000).unwrap();
            deep_down(|| derive(hash, &password, &salt, count, &mut out)).unwrap();
            let secrets = needles(&[&password, &out], words);
            assert_none(&secrets, &format!("{hash:?} {len}"));
        }
    }
}
