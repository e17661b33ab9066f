//! Decryption in two steps, for private keys that are held elsewhere: here in a prepared key that
//! is called through the backend's trait, as a hardware module or a key service would be.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

use std::sync::Arc;

use jwe::{
    Alg, Backend, DecryptError, Decrypter, DecryptionKey, Direction, Enc, Encrypter, EncryptionKey,
    GeneralJson, Jwk, KeyOptions, Limits, Message, MessageEncrypter, Rejected,
};
use jwe_core::{RecipientContext, RecipientKey, UNWRAP_BUFFER_LEN, UnwrapKey};
use jwe_tests::capability::{backends, lists, rsa_recipients};
use jwe_tests::keys;
use jwe_tests::parts::Parts;

/// What stands for the hardware module.
fn elsewhere(backend: &'static Backend, jwk: &Jwk, alg: Alg) -> Arc<dyn UnwrapKey> {
    let (_, import) = backend.decryption_key_import(alg, None).unwrap();
    match import.import(jwk.material()).unwrap() {
        RecipientKey::Unwrap(key) => key,
        _ => panic!("an RSA key unwraps"),
    }
}

fn unwrap(key: &dyn UnwrapKey, enc: Enc, encrypted_key: &[u8]) -> Option<Vec<u8>> {
    let mut out = [0; UNWRAP_BUFFER_LEN];
    let len = key.unwrap_key(&RecipientContext::new(enc), encrypted_key, &mut out).ok()?;
    Some(out[..len].to_vec())
}

fn held_elsewhere(backend: &'static Backend, jwk: &Jwk, alg: Alg) -> Decrypter {
    let public = jwk.to_public().unwrap();
    let options = KeyOptions::new().with_alg(alg).ignore_declared_usage();
    let key = DecryptionKey::held_elsewhere(backend, &public, &options).unwrap();
    let accepted = jwe_tests::capability::encs(backend);
    Decrypter::new(backend, [key], &accepted).unwrap()
}

/// Every backend serves the two outer steps, also one that has no private RSA keys itself.
#[test]
fn the_middle_step_is_done_elsewhere() {
    let mut opened = 0;
    for holder in rsa_recipients() {
        for bits in [2048, 3072, 4096] {
            let jwk = keys::rsa(bits);
            for alg in Alg::ALL.iter().copied().filter(|alg| alg.is_rsa()) {
                let key = elsewhere(holder, &jwk, alg);
                for backend in backends().iter().copied() {
                    let decrypter = held_elsewhere(backend, &jwk, alg);
                    let sender = keys::sender(backend, &jwk, alg);
                    for enc in Enc::ALL.iter().copied() {
                        if !lists(backend, Direction::Encrypt, alg, enc) {
                            continue;
                        }
                        let token = Encrypter::new(backend, &sender, enc)
                            .unwrap()
                            .encrypt(b"in two steps")
                            .unwrap();
                        let pending = decrypter.begin(&token).unwrap();
                        assert_eq!((pending.alg(), pending.enc()), (alg, enc));
                        assert_eq!(pending.key().kid(), jwk.kid());
                        assert_eq!(pending.header().unwrap().kid(), jwk.kid());
                        assert_eq!(pending.encrypted_key().len() * 8, bits);
                        let cek = unwrap(&*key, enc, pending.encrypted_key()).unwrap();
                        assert_eq!(cek.len(), enc.cek_len());
                        let mut out = b"before".to_vec();
                        pending.complete(Some(&cek), &mut out).unwrap();
                        assert_eq!(out, b"beforein two steps");
                        opened += 1;
                    }
                }
            }
        }
    }
    // Two holders, three lengths, four algs; two backends with six enc and one with five.
    assert_eq!(opened, 2 * 3 * 4 * 17);
}

#[test]
fn every_wrong_cek_is_the_one_error_of_a_wrong_key() {
    let jwk = keys::rsa(2048);
    for backend in rsa_recipients() {
        for enc in Enc::ALL.iter().copied() {
            let alg = Alg::RsaOaep256;
            let decrypter = held_elsewhere(backend, &jwk, alg);
            let sender = keys::sender(backend, &jwk, alg);
            let token = Encrypter::new(backend, &sender, enc).unwrap().encrypt(b"x").unwrap();
            let key = elsewhere(backend, &jwk, alg);
            let encrypted_key = decrypter.begin(&token).unwrap().encrypted_key().to_vec();
            let right = unwrap(&*key, enc, &encrypted_key).unwrap();

            let mut flipped = right.clone();
            flipped[0] ^= 1;
            let mut longer = right.clone();
            longer.push(0);
            let long = [right.as_slice(), &[7; 4096]].concat();
            let wrong: &[Option<&[u8]>] = &[
                None,
                Some(&[]),
                Some(&flipped),
                Some(&right[..right.len() - 1]),
                Some(&longer),
                Some(&long),
                Some(&vec![0; right.len()]),
            ];
            // The same as in one step, with a key that is held here, for a changed message.
            let held = keys::recipient(backend, &jwk, alg);
            let here = Decrypter::new(backend, [held], &[enc]).unwrap();
            let changed = Parts::of(&token).with_encrypted_key(&vec![1; 256]).token();
            let expected = here.decrypt(&changed).unwrap_err();
            assert_eq!(expected, DecryptError::DecryptionFailed);
            for cek in wrong {
                let mut out = b"before".to_vec();
                let pending = decrypter.begin(&token).unwrap();
                let error = pending.complete(*cek, &mut out).unwrap_err();
                assert_eq!(error, expected);
                assert_eq!(format!("{error} {error:?}"), format!("{expected} {expected:?}"));
                assert_eq!(out, b"before");
            }
        }
    }
}

#[test]
fn one_step_is_refused_for_a_key_that_is_not_here() {
    let jwk = keys::rsa(2048);
    for backend in backends().iter().copied() {
        let alg = Alg::RsaOaep256;
        let decrypter = held_elsewhere(backend, &jwk, alg);
        let sender: EncryptionKey = keys::sender(backend, &jwk, alg);
        let token = Encrypter::new(backend, &sender, Enc::A256Gcm).unwrap().encrypt(b"x").unwrap();
        let mut out = b"before".to_vec();
        let error = decrypter.decrypt_into(&token, &mut out).unwrap_err();
        assert_eq!(error, DecryptError::Rejected(Rejected::KeyHeldElsewhere));
        assert_eq!(out, b"before");
    }
}

/// The checks of the first step are those of one-step decryption.
#[test]
fn the_first_step_checks_everything_public() {
    let jwk = keys::rsa(2048);
    for backend in rsa_recipients() {
        let alg = Alg::RsaOaep256;
        let decrypter = held_elsewhere(backend, &jwk, alg);
        let sender = keys::sender(backend, &jwk, alg);
        let token = Encrypter::new(backend, &sender, Enc::A256Gcm).unwrap().encrypt(b"x").unwrap();
        let good = Parts::of(&token);
        for (token, code) in [
            (good.with_encrypted_key(&[1; 255]).token(), "part_length"),
            (good.with_encrypted_key(&[1; 257]).token(), "part_length"),
            (good.with_iv(&[0; 11]).token(), "part_length"),
            (good.with_tag(&[0; 15]).token(), "part_length"),
            (good.with_header(br#"{"alg":"RSA1_5","enc":"A256GCM"}"#).token(), "alg_not_accepted"),
        ] {
            assert_eq!(decrypter.begin(&token).unwrap_err().code(), code);
        }
        let oct = keys::oct(32);
        let options = KeyOptions::new().with_alg(Alg::Dir);
        let error = DecryptionKey::held_elsewhere(backend, &oct, &options).unwrap_err();
        assert_eq!(error.code(), "key_unsupported");
    }
}

/// Of several recipients, the one whose key is held elsewhere, beside others that are here.
#[test]
fn one_of_several_recipients_is_held_elsewhere() {
    let (alg, enc) = (Alg::RsaOaep256, Enc::A256Gcm);
    let jwk = keys::rsa(2048);
    let shared = keys::oct(32);
    for holder in rsa_recipients() {
        let module = elsewhere(holder, &jwk, alg);
        for backend in backends().iter().copied() {
            let rsa = keys::sender(backend, &jwk, alg);
            let kw = keys::sender(backend, &shared, Alg::A256Kw);
            let encrypter = MessageEncrypter::builder(backend, enc)
                .with_recipient(&kw)
                .with_recipient(&rsa)
                .build()
                .unwrap();
            let text = encrypter.encrypt(&GeneralJson, b"in two steps", b"aad").unwrap();
            let message = Message::parse(&text, &Limits::default()).unwrap();
            let decrypter = held_elsewhere(backend, &jwk, alg);
            let pending = decrypter.begin_message(message.clone()).unwrap();
            assert_eq!(pending.header().unwrap().kid(), jwk.kid());
            let cek = unwrap(&*module, enc, pending.encrypted_key()).unwrap();
            let mut out = b"before".to_vec();
            pending.complete(Some(&cek), &mut out).unwrap();
            assert_eq!(out, b"beforein two steps");
            let error = decrypter.decrypt_message(message.clone()).unwrap_err();
            assert_eq!(error, DecryptError::Rejected(Rejected::KeyHeldElsewhere));

            // Where keys are tried, one that is not here is passed over.
            let options = KeyOptions::new().with_alg(alg).ignore_declared_usage();
            let public = jwk.to_public().unwrap();
            let elsewhere = DecryptionKey::held_elsewhere(backend, &public, &options).unwrap();
            let here = keys::recipient(backend, &shared, Alg::A256Kw);
            let trying = Decrypter::trying_keys(backend, [elsewhere, here], &[enc]).unwrap();
            assert_eq!(*trying.decrypt_message(message).unwrap(), b"in two steps");
        }
    }
}
