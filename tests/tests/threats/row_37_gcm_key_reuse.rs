//! AES-GCM with random initialization vectors: one key encrypts at most 2^32 messages (NIST SP
//! 800-38D §8.3, RFC 7518 §8.4), be it the CEK itself (`dir`), what wraps one (`A256GCMKW`), or a CEK
//! that is shared by the values of a document. By default each token has a CEK of its own.

use std::collections::HashSet;

use jwe::{Alg, Backend, Direction, Enc, EncryptError, Encrypter, EncryptionKey, SharedCekMemory};
use jwe_core::hazmat;
use jwe_tests::keys;
use jwe_tests::parts::Parts;

use crate::attacks::tried_one;
use crate::target::{MEMORY, PLAINTEXT, TIME, within};

const MOST: u64 = 1 << 32;

pub(crate) fn check(backend: &'static Backend) {
    let mut counted = 0;
    for alg in Alg::ALL.iter().copied() {
        for enc in Enc::ALL.iter().copied() {
            if backend.content_encryption(enc, Direction::Encrypt).is_err() {
                continue;
            }
            for jwk in keys::of_every_kind(alg, enc) {
                if keys::takes(backend, Direction::Encrypt, alg, &jwk) {
                    let is_counted = alg.is_gcm_kw() || alg == Alg::Dir && !enc.is_cbc();
                    let sender = keys::sender(backend, &jwk, alg);
                    key_is_exhausted(backend, &sender, enc, is_counted);
                    counted += usize::from(is_counted);
                }
            }
        }
    }
    // Three kinds of key wrapping with each of six enc, and three enc with which the key is the CEK.
    // ring has none of them that takes 24 bytes.
    let all = if backend.name() == "ring" { 2 * 5 + 2 } else { 3 * 6 + 3 };
    assert_eq!(counted, all, "{backend}");
    for enc in [Enc::A128Gcm, Enc::A256Gcm, Enc::A256CbcHs512] {
        shared_cek_is_exhausted(backend, enc);
        each_token_has_its_own_cek(backend, enc);
    }
}

/// The last messages of a key, over all its clones and encrypters, and those that are refused.
fn key_is_exhausted(backend: &'static Backend, sender: &EncryptionKey, enc: Enc, is_counted: bool) {
    let encrypter =
        || Encrypter::builder(backend, &sender.clone(), enc).with_iterations(1000).build().unwrap();
    let (first, second) = (encrypter(), encrypter());
    first.encrypt(PLAINTEXT).unwrap();
    hazmat::count_messages(sender, MOST - 3);
    first.encrypt(PLAINTEXT).unwrap();
    second.encrypt(PLAINTEXT).unwrap();
    let third = encrypter();
    for encrypter in [&first, &second, &third] {
        if !is_counted {
            encrypter.encrypt(PLAINTEXT).unwrap();
            continue;
        }
        tried_one();
        let mut out = b"before".to_vec();
        let outcome =
            within("a refusal", MEMORY, TIME, || encrypter.encrypt_into(PLAINTEXT, &mut out));
        assert_eq!(outcome, Err(EncryptError::KeyExhausted), "{backend} {} {enc}", sender.alg());
        assert_eq!(out, b"before");
        let mut buffer = PLAINTEXT.to_vec();
        let outcome = encrypter.encrypt_in_place(&mut buffer, &mut out);
        assert_eq!(outcome, Err(EncryptError::KeyExhausted));
        assert_eq!((out.as_slice(), buffer.as_slice()), (&b"before"[..], &b""[..]));
        let mut memory = SharedCekMemory::default();
        let outcome = encrypter
            .share_cek(&mut memory, 1)
            .and_then(|mut shared| shared.encrypt_into(PLAINTEXT, &mut out));
        assert_eq!(outcome, Err(EncryptError::KeyExhausted));
        let message = jwe::MessageEncrypter::builder(backend, enc).with_recipient(sender);
        let outcome = message.build().unwrap().encrypt(&jwe::FlattenedJson, PLAINTEXT, b"");
        assert_eq!(outcome.err(), Some(EncryptError::KeyExhausted));
        assert_eq!(EncryptError::KeyExhausted.code(), "key_exhausted");
    }
    // The count does not come round.
    hazmat::count_messages(sender, u64::MAX - 2 * MOST);
    assert_eq!(first.encrypt(PLAINTEXT).is_err(), is_counted);
}

fn shared_cek_is_exhausted(backend: &'static Backend, enc: Enc) {
    let sender = keys::sender(backend, &keys::oct(32), Alg::A256Kw);
    let encrypter = Encrypter::new(backend, &sender, enc).unwrap();
    let mut memory = SharedCekMemory::default();
    let mut shared = encrypter.share_cek(&mut memory, 3).unwrap();
    let mut token = Vec::new();
    shared.encrypt_into(PLAINTEXT, &mut token).unwrap();
    hazmat::count_shared_messages(&mut shared, MOST - 2);
    shared.encrypt_into(PLAINTEXT, &mut token).unwrap();
    let mut out = b"before".to_vec();
    let mut buffer = PLAINTEXT.to_vec();
    tried_one();
    let outcome =
        [shared.encrypt_into(PLAINTEXT, &mut out), shared.encrypt_in_place(&mut buffer, &mut out)];
    if enc.is_cbc() {
        assert_eq!(outcome, [Ok(()), Ok(())]);
    } else {
        assert_eq!(outcome, [Err(EncryptError::KeyExhausted); 2]);
        assert_eq!((out.as_slice(), buffer.as_slice()), (&b"before"[..], &b""[..]));
    }
    drop(shared);
    // Another document has another CEK.
    let mut shared = encrypter.share_cek(&mut memory, 1).unwrap();
    shared.encrypt_into(PLAINTEXT, &mut token).unwrap();
}

/// Equal CEKs would be seen as equal encrypted keys.
fn each_token_has_its_own_cek(backend: &'static Backend, enc: Enc) {
    let sender = keys::sender(backend, &keys::oct(32), Alg::A256Kw);
    let encrypter = Encrypter::new(backend, &sender, enc).unwrap();
    let mut seen = HashSet::new();
    for _ in 0..1000 {
        let parts = Parts::of(&encrypter.encrypt(PLAINTEXT).unwrap());
        assert!(seen.insert(parts.encrypted_key) && seen.insert(parts.iv));
    }
}
