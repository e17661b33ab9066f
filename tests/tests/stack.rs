//! What operations leave on the stack: nothing of a CEK, on any backend.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

use std::hint::black_box;

use jwe::{
    Alg, Decrypter, DecryptionKey, Direction, Enc, Encrypter, EncryptionKey, Jwk, KeyMaterial,
    KeyOptions, Kid, OctKey, Zeroizing, backends,
};
use jwe_conformance::remnants::{Needle, deep_down};
use jwe_core::wiped::stack_after;
use jwe_tests::skip::skipped;

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
