//! What operations leave on the stack: nothing of a CEK, nor of what it is wrapped with, on any
//! backend.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

use std::hint::black_box;
use std::sync::OnceLock;

use jwe::{
    Alg, Backend, BackendError, Decrypter, DecryptionKey, Direction, Enc, Encrypter, EncryptionKey,
    Jwk, KeyMaterial, KeyOptions, Kid, OctKey, Zeroizing, backends,
};
use jwe_conformance::remnants::{Needle, deep_down};
use jwe_core::RandomSource;
use jwe_core::wiped::stack_after;
use jwe_tests::forge::{self, Agreement, Forge, agreed};
use jwe_tests::parts::Parts;
use jwe_tests::skip::skipped;
use jwe_tests::{base64url, keys};

/// Whether the process may look at its own memory; else says that the test is skipped.
fn can_look() -> bool {
    let can = Needle::new(&[0xa7; 16]).count();
    if let Err(error) = &can {
        skipped(format_args!("the process can't read its own memory: {error}"));
    }
    can.is_ok()
}

/// Fresh random bytes.
fn random(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    jwe::default_backend().random().fill(&mut bytes).unwrap();
    bytes
}

/// The first and the last 16 bytes: parts of MAC_KEY and ENC_KEY, or of round keys.
fn needles(cek: &[u8]) -> [Needle; 2] {
    [Needle::new(&cek[..16]), Needle::new(&cek[cek.len() - 16..])]
}

fn assert_none(needles: &[Needle], what: &str) {
    for needle in needles {
        assert_eq!(needle.count().unwrap(), 0, "{what}");
    }
}

#[test]
fn the_search_finds_what_is_not_wiped() {
    #[inline(never)]
    fn leave_behind(secret: &[u8]) {
        let mut frame = [0; 16];
        frame.copy_from_slice(secret);
        black_box(&mut frame);
    }
    if !can_look() {
        return;
    }
    let secret = random(16);
    let needle = Needle::new(&secret);
    deep_down(|| leave_behind(&secret));
    assert_ne!(needle.count().unwrap(), 0);
    let secret = random(16);
    let needle = Needle::new(&secret);
    deep_down(|| stack_after(|| leave_behind(&secret)));
    assert_eq!(needle.count().unwrap(), 0);
}

#[test]
fn no_cek_is_left_by_the_content_encryption_of_a_backend() {
    if !can_look() {
        return;
    }
    for backend in backends() {
        for enc in Enc::ALL {
            let Ok(object) = backend.content_encryption(*enc, Direction::Encrypt) else { continue };
            let (cek, iv) = (random(enc.cek_len()), random(enc.iv_len()));
            let needles = needles(&cek);
            for len in [16, 4096] {
                let mut buf = vec![1; enc.ciphertext_len(len).unwrap()];
                let mut tag = vec![0; enc.tag_len()];
                deep_down(|| object.seal(&cek, &iv, b"aad", &mut buf, len, &mut tag)).unwrap();
                assert_none(&needles, &format!("{backend} {enc}: sealed"));
                let opened = deep_down(|| object.open(&cek, &iv, b"aad", &mut buf, &tag));
                assert_eq!(opened, Ok(len));
                assert_none(&needles, &format!("{backend} {enc}: opened"));
                assert!(deep_down(|| object.open(&cek, &iv, b"other", &mut buf, &tag)).is_err());
                assert_none(&needles, &format!("{backend} {enc}: refused"));
            }
        }
    }
}

#[test]
fn no_cek_is_left_by_the_engine() {
    if !can_look() {
        return;
    }
    for backend in backends() {
        for enc in Enc::ALL {
            if backend.content_encryption(*enc, Direction::Encrypt).is_err() {
                continue;
            }
            let cek = random(enc.cek_len());
            let needles = needles(&cek);
            let key = OctKey::new(Zeroizing::new(cek)).unwrap();
            let jwk = Jwk::from_material(KeyMaterial::Oct(key));
            let options = KeyOptions::new().with_alg(Alg::Dir).with_kid(Kid::Omit);
            let sender = EncryptionKey::import(backend, &jwk, &options).unwrap();
            let recipient = DecryptionKey::import(backend, &jwk, &options).unwrap();
            let encrypter = Encrypter::new(backend, &sender, *enc).unwrap();
            let decrypter = Decrypter::new(backend, [recipient], &[*enc]).unwrap();
            let mut token = Vec::new();
            deep_down(|| encrypter.encrypt_into(b"plaintext", &mut token)).unwrap();
            assert_none(&needles, &format!("{backend} {enc}: encrypt_into"));
            let (mut buffer, mut other) = (b"plaintext".to_vec(), Vec::new());
            deep_down(|| encrypter.encrypt_in_place(&mut buffer, &mut other)).unwrap();
            assert_none(&needles, &format!("{backend} {enc}: encrypt_in_place"));
            let token = String::from_utf8(token).unwrap();
            let mut plaintext = Vec::new();
            deep_down(|| decrypter.decrypt_into(&token, &mut plaintext)).unwrap();
            assert_eq!(plaintext, b"plaintext");
            assert_none(&needles, &format!("{backend} {enc}: decrypt_into"));
            let changed = format!("{token}A");
            assert!(deep_down(|| decrypter.decrypt_into(&changed, &mut plaintext)).is_err());
            assert_none(&needles, &format!("{backend} {enc}: refused"));
        }
    }
}

/// The same bytes each time, so that a test knows the CEK.
struct Known;

static KNOWN: OnceLock<Vec<u8>> = OnceLock::new();

impl RandomSource for Known {
    fn fill(&self, dest: &mut [u8]) -> Result<(), BackendError> {
        let known = KNOWN.get_or_init(|| random(128));
        // A CEK, with an initialization vector or without, begins at the start; what is shorter
        // comes from elsewhere, as it is public.
        let start = if dest.len() < 32 { 100 } else { 0 };
        dest.copy_from_slice(&known[start..start + dest.len()]);
        Ok(())
    }
}

static KNOWN_RANDOM: Backend = Backend::new("known", &Known, |_| [0; 32]);

/// The backends with random bytes that are known.
static WITH_KNOWN_RANDOM: [OnceLock<Backend>; 3] = [const { OnceLock::new() }; 3];

#[test]
fn no_key_is_left_by_key_wrapping() {
    if !can_look() {
        return;
    }
    let mut looked = 0;
    assert_eq!(backends().len(), WITH_KNOWN_RANDOM.len());
    for (backend, composed) in backends().iter().copied().zip(&WITH_KNOWN_RANDOM) {
        let backend = composed.get_or_init(|| KNOWN_RANDOM.or(backend));
        for alg in Alg::ALL.iter().copied().filter(|alg| !alg.is_rsa() && !alg.is_ecdh()) {
            let Some(kek_len) = alg.kek_len() else { continue };
            let kek = random(if alg.is_pbes2() { 40 } else { kek_len });
            let of_kek = [Needle::new(&kek[..16])];
            let jwk =
                Jwk::from_material(KeyMaterial::Oct(OctKey::new(Zeroizing::new(kek)).unwrap()));
            let options = KeyOptions::new().with_alg(alg).with_kid(Kid::Omit);
            let Ok(sender) = EncryptionKey::import(backend, &jwk, &options) else { continue };
            let recipient = DecryptionKey::import(backend, &jwk, &options).unwrap();
            let encs: &[Enc] = match alg {
                Alg::A256Kw => &[Enc::A256Gcm, Enc::A256CbcHs512],
                _ => &[Enc::A256CbcHs512],
            };
            for enc in encs.iter().copied() {
                let encrypter = Encrypter::builder(backend, &sender, enc)
                    .with_iterations(1000)
                    .build()
                    .unwrap();
                let decrypter =
                    Decrypter::new(backend, [recipient.clone()], &[enc]).unwrap().allow_pbes2(1000);
                let mut token = Vec::new();
                deep_down(|| encrypter.encrypt_into(b"plaintext", &mut token)).unwrap();
                // What is drawn for a message begins with the CEK.
                let of_cek = needles(&KNOWN.get().unwrap()[..enc.cek_len()]);
                let none = |what: &str| {
                    assert_none(&of_kek, &format!("{backend} {alg} {enc}: key, {what}"));
                    assert_none(&of_cek, &format!("{backend} {alg} {enc}: CEK, {what}"));
                };
                none("encrypted");
                let token = String::from_utf8(token).unwrap();
                let mut plaintext = Vec::new();
                deep_down(|| decrypter.decrypt_into(&token, &mut plaintext)).unwrap();
                assert_eq!(plaintext, b"plaintext");
                none("decrypted");
                let parts = Parts::of(&token);
                let len = base64url::decode(&parts.encrypted_key).len();
                // The tag too, as the CEK that is drawn instead is the known one.
                let changed = parts.with_encrypted_key(&vec![0; len]);
                let changed = changed.with_tag(&vec![0; enc.tag_len()]).token();
                assert!(deep_down(|| decrypter.decrypt_into(&changed, &mut plaintext)).is_err());
                none("refused");
                looked += 1;
            }
        }
    }
    // Nine algorithms, of which ring lacks one, and one of them twice.
    assert_eq!(looked, (9 + 9 + 8) + 3);
}

#[test]
fn no_key_is_left_by_key_agreement() {
    if !can_look() {
        return;
    }
    let Agreement { recipient, epk, z } = Agreement::of_the_rfc();
    let mut looked = 0;
    for backend in backends().iter().copied() {
        for alg in [Alg::EcdhEs, Alg::EcdhEsA256Kw] {
            if !keys::takes(backend, Direction::Decrypt, alg, &recipient) {
                continue;
            }
            let enc = Enc::A256Gcm;
            let good = agreed(backend, alg, enc, (&epk, &z), b"plaintext");
            let derived = forge::derived(backend, alg, enc, &z);
            let cek = Forge::wrapped(backend, enc, &keys::oct(32)).cek;
            let key = keys::recipient(backend, &recipient, alg);
            let decrypter = Decrypter::new(backend, [key], &[enc]).unwrap();
            let all = [needles(&z), needles(&derived), needles(&cek)];
            let mut plaintext = Vec::new();
            for (token, opens) in [
                (good.token(), true),
                (good.with_tag(&[0; 16]).token(), false),
                (
                    good.with_header(good.header_json().replace("gI0", "AAA").as_bytes()).token(),
                    false,
                ),
            ] {
                // What was made for the test stands lower than what is looked at, by then.
                let outcome = deep_down(|| decrypter.decrypt_into(&token, &mut plaintext));
                assert_eq!(outcome.is_ok(), opens);
                for needles in &all {
                    assert_none(needles, &format!("{backend} {alg}: {opens}"));
                }
            }
            assert_eq!(plaintext, b"plaintext");
            looked += 1;
        }
    }
    assert_eq!(looked, 4);
}
