//! Counts the allocations of one call.
//!
//! Counted is what Rust code asks of the global allocator. What AWS-LC and OpenSSL allocate in C
//! goes past it, and is the same for everybody who calls them.
#![allow(clippy::unwrap_used, reason = "tests may stop a test program")]

use std::io::{Write, stderr};

use allocation_counter::measure;
use aws_lc_rs::agreement::{
    ECDH_P256, ECDH_P384, ECDH_P521, ParsedPublicKey, PrivateKey, UnparsedPublicKey, X25519, agree,
};
use aws_lc_rs::cipher::{
    AES_256, DecryptionContext, EncryptingKey, EncryptionContext, PaddedBlockDecryptingKey,
    UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::key_wrap::{
    AES_128, AES_256 as AES_256_KEK, AesBlockCipher, AesKek, BlockCipher, KeyWrap,
};
use jwe::{Alg, Backend, Curve, Direction, Enc, SharedCekMemory, UnwrappedMemory};
use jwe_benches::key_management::{Subject, subjects};
use jwe_benches::subjects::{decrypter, encrypter, private_key, recipients, senders};
use jwe_benches::{LONG, SHORT, by_hand, josekit_api};

/// Writes a line that is seen when the test passes, too, unlike what the print macros write.
fn say(line: &str) {
    // A closed standard error is no reason to fail.
    let _ = stderr().lock().write_all(format!("{line}\n").as_bytes());
}

/// The allocations of one call, after a call that warms up.
fn allocations<T>(mut work: impl FnMut() -> T) -> u64 {
    drop(work());
    measure(|| drop(work())).count_total
}

/// The allocations in Rust that the library makes by itself, found by calling it alone.
fn of_the_library(backend: &Backend, enc: Enc, direction: Direction) -> u64 {
    // aws-lc-rs makes an object for a key of AES-CBC. Everything else allocates in C or nowhere.
    if backend.name() != "aws-lc-rs" || enc != Enc::A256CbcHs512 {
        return 0;
    }
    let key = || UnboundCipherKey::new(&AES_256, &[0; 32]).unwrap();
    let iv = || FixedLength::from([0; 16]);
    let mut block = [16; 16];
    allocations(|| match direction {
        Direction::Encrypt => {
            let key = EncryptingKey::cbc(key()).unwrap();
            key.less_safe_encrypt(&mut block, EncryptionContext::Iv128(iv())).unwrap();
        }
        Direction::Decrypt => {
            let key = PaddedBlockDecryptingKey::cbc_pkcs7(key()).unwrap();
            // Whether the padding is right does not matter here.
            let _ = key.decrypt(&mut block, DecryptionContext::Iv128(iv()));
        }
    })
}

const VALUES: [(&str, &[u8]); 2] = [("16 B", SHORT), ("64 KiB", &LONG)];
const ENCS: [Enc; 2] = [Enc::A256Gcm, Enc::A256CbcHs512];

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| ()), 0);
    assert_eq!(allocations(|| vec![1_u8; 100]), 1);
}

#[test]
fn a_token_is_one_allocation() {
    let jwk = private_key(2048);
    for enc in ENCS {
        for (name, value) in VALUES {
            let by_hand = by_hand::Sender::new(&jwk, enc);
            let peer = josekit_api::Sender::new(&jwk, enc);
            say(&format!(
                "{enc} {name}: by hand {}",
                allocations(|| by_hand.encrypt(value).unwrap())
            ));
            say(&format!(
                "{enc} {name}: josekit's own API {}",
                allocations(|| peer.encrypt(value))
            ));
            for backend in senders() {
                let encrypter = encrypter(backend, &jwk, enc);
                let all = allocations(|| encrypter.encrypt(value).unwrap());
                let library = of_the_library(backend, enc, Direction::Encrypt);
                say(&format!("{enc} {name}: {backend} {all}, of which {library} the library's"));
                assert_eq!(all - library, 1, "{enc} {name} {backend}");
            }
        }
    }
}

#[test]
fn a_buffer_with_room_is_not_allocated_anew() {
    let jwk = private_key(2048);
    let mut on_josekit = Vec::new();
    for enc in ENCS {
        for (name, value) in VALUES {
            for backend in senders() {
                let encrypter = encrypter(backend, &jwk, enc);
                let (mut buffer, mut token) = (Vec::new(), Vec::new());
                let into = allocations(|| {
                    token.clear();
                    encrypter.encrypt_into(value, &mut token).unwrap();
                });
                let in_place = allocations(|| {
                    token.clear();
                    buffer.extend_from_slice(value);
                    encrypter.encrypt_in_place(&mut buffer, &mut token).unwrap();
                });
                let library = of_the_library(backend, enc, Direction::Encrypt);
                assert_eq!((into, in_place), (library, library), "{enc} {name} {backend}");
            }
            let token = by_hand::Sender::new(&jwk, enc).encrypt(value).unwrap();
            for backend in recipients() {
                let decrypter = decrypter(backend, &jwk, enc);
                let mut plaintext = Vec::new();
                let into = allocations(|| {
                    plaintext.clear();
                    decrypter.decrypt_into(&token, &mut plaintext).unwrap();
                });
                if backend.name() == "josekit" {
                    on_josekit.push(into);
                } else {
                    let library = of_the_library(backend, enc, Direction::Decrypt);
                    assert_eq!(into, library, "{enc} {name} {backend}");
                }
                assert_eq!(plaintext, value);
            }
        }
    }
    // The josekit backend allocates after each RSA decryption what OpenSSL's wrapper allocates
    // after a failed one, lest the two differ in time: so many for every message.
    say(&format!("josekit decrypt_into: {on_josekit:?}"));
    assert!(on_josekit.windows(2).all(|pair| pair[0] == pair[1]), "{on_josekit:?}");
}

/// The allocations in Rust of a library in the key management of one message; those of aws-lc-rs
/// are found by calling it alone. Everything else allocates in C or nowhere.
fn of_key_management(backend: &str, subject: &Subject, direction: Direction) -> u64 {
    // OpenSSL's wrapper hands out a public key as a vector.
    if backend == "josekit" && subject.jwk.curve().is_some() && direction == Direction::Encrypt {
        return 1;
    }
    if backend != "aws-lc-rs" {
        return 0;
    }
    let agreement = subject.jwk.curve().map_or(0, |curve| agreement(curve, direction));
    let cipher = match subject.alg {
        Alg::A128Kw | Alg::Pbes2Hs256A128Kw => Some(&AES_128),
        Alg::A256Kw | Alg::EcdhEsA256Kw => Some(&AES_256_KEK),
        _ => None,
    };
    agreement + cipher.map_or(0, |cipher| key_wrap(cipher, direction))
}

/// aws-lc-rs takes a copy of the key for each call, in both directions.
fn key_wrap(cipher: &'static AesBlockCipher, direction: Direction) -> u64 {
    let len = if cipher.id() == AES_128.id() { 16 } else { 32 };
    let key = vec![0; len];
    let kek = || AesKek::new(cipher, &key).unwrap();
    let (cek, mut wrapped) = ([7; 32], [0; 40]);
    kek().wrap(&cek, &mut wrapped).unwrap();
    let mut out = [0; 40];
    allocations(|| match direction {
        Direction::Encrypt => drop(kek().wrap(&cek, &mut out).unwrap()),
        Direction::Decrypt => drop(kek().unwrap(&wrapped, &mut out).unwrap()),
    })
}

/// aws-lc-rs keeps the text of a parsed public key, which is copied with it, and allocates the
/// agreed secret.
fn agreement(curve: Curve, direction: Direction) -> u64 {
    let algorithm = match curve {
        Curve::P256 => &ECDH_P256,
        Curve::P384 => &ECDH_P384,
        Curve::P521 => &ECDH_P521,
        _ => &X25519,
    };
    let own = PrivateKey::generate(algorithm).unwrap();
    let public = PrivateKey::generate(algorithm).unwrap().compute_public_key().unwrap();
    let unparsed = || UnparsedPublicKey::new(algorithm, public.as_ref());
    let parsed = ParsedPublicKey::try_from(unparsed()).unwrap();
    allocations(|| match direction {
        Direction::Encrypt => {
            let ephemeral = PrivateKey::generate(algorithm).unwrap();
            drop(ephemeral.compute_public_key().unwrap());
            agree(&ephemeral, parsed.clone(), (), |_| Ok(())).unwrap();
        }
        Direction::Decrypt => agree(&own, unparsed(), (), |_| Ok(())).unwrap(),
    })
}

#[test]
fn a_token_is_one_allocation_with_every_algorithm() {
    for subject in subjects() {
        let name = subject.name();
        for (backend, encrypter) in subject.senders() {
            let all = allocations(|| encrypter.encrypt(SHORT).unwrap());
            let mut token = Vec::new();
            let into = allocations(|| {
                token.clear();
                encrypter.encrypt_into(SHORT, &mut token).unwrap();
            });
            let library = of_key_management(&backend, &subject, Direction::Encrypt);
            say(&format!("{name}: {backend} {all}, of which {library} the library's"));
            assert_eq!((all - library, into), (1, library), "{name} {backend}");
        }
    }
}

#[test]
fn a_plaintext_with_room_is_not_allocated_anew_with_every_algorithm() {
    for subject in subjects() {
        let (name, token) = (subject.name(), subject.token());
        for (backend, decrypter) in subject.recipients() {
            let mut plaintext = Vec::new();
            let into = allocations(|| {
                plaintext.clear();
                decrypter.decrypt_into(&token, &mut plaintext).unwrap();
            });
            assert_eq!(plaintext, SHORT, "{name} {backend}");
            let library = of_key_management(&backend, &subject, Direction::Decrypt);
            say(&format!("{name}: {backend} decrypts with {into}, {library} the library's"));
            if backend == "josekit" && subject.alg == Alg::RsaOaep256 {
                // A number of its own, the same for every message: see above.
                continue;
            }
            // The salt of a password may be long, and is nothing beside the iterations.
            let salt = u64::from(subject.alg == Alg::Pbes2Hs256A128Kw);
            assert_eq!(into, library + salt, "{name} {backend}");
        }
    }
}

/// The messages of one document in the tests of what they share.
const MESSAGES: usize = 8;

/// A document whose messages share a CEK allocates what the library does for one key operation, and
/// a message nothing.
#[test]
fn messages_that_share_a_cek_are_no_allocation() {
    for subject in subjects() {
        let name = subject.name();
        for (backend, encrypter) in subject.senders() {
            let (mut memory, mut token) = (SharedCekMemory::default(), Vec::new());
            let mut buffer = Vec::new();
            let mut document = |messages: usize| {
                let mut shared = encrypter.share_cek(&mut memory, MESSAGES).unwrap();
                for _ in 0..messages {
                    token.clear();
                    shared.encrypt_into(SHORT, &mut token).unwrap();
                    token.clear();
                    buffer.extend_from_slice(SHORT);
                    shared.encrypt_in_place(&mut buffer, &mut token).unwrap();
                }
            };
            let library = of_key_management(&backend, &subject, Direction::Encrypt);
            // More than were announced take another draw, into the same memory.
            for messages in [MESSAGES / 2, MESSAGES, 100, 1, 0] {
                let all = allocations(|| document(messages));
                assert_eq!(all, library, "{name} {backend} {messages}");
            }
        }
    }
}

/// A recipient of it likewise, once its memory has grown.
#[test]
fn equal_encrypted_keys_are_unwrapped_without_an_allocation() {
    for subject in subjects() {
        let name = subject.name();
        let (_, encrypter) = subject.senders().next().unwrap();
        let mut cek = SharedCekMemory::default();
        let mut document = |messages: usize| -> Vec<String> {
            let mut shared = encrypter.share_cek(&mut cek, messages).unwrap();
            let tokens = (0..messages).map(|_| {
                let mut token = Vec::new();
                shared.encrypt_into(SHORT, &mut token).unwrap();
                String::from_utf8(token).unwrap()
            });
            tokens.collect()
        };
        let tokens = [document(MESSAGES), document(MESSAGES)].concat();
        for (backend, decrypter) in subject.recipients() {
            let (mut memory, mut plaintext) = (UnwrappedMemory::default(), Vec::new());
            let mut of = |tokens: &[String]| {
                allocations(|| {
                    let mut once = decrypter.unwrapping_once(&mut memory);
                    for token in tokens {
                        plaintext.clear();
                        once.decrypt_into(token, &mut plaintext).unwrap();
                    }
                })
            };
            let (one, all, both) = (of(&tokens[..1]), of(&tokens[..MESSAGES]), of(&tokens));
            assert_eq!(one, all, "{name} {backend}");
            // The key of `dir` is the CEK of both documents.
            let operations = if subject.alg == Alg::Dir { 1 } else { 2 };
            assert_eq!(both, operations * one, "{name} {backend}");
            let mut alone = Vec::new();
            let plain = allocations(|| {
                alone.clear();
                decrypter.decrypt_into(&tokens[0], &mut alone).unwrap();
            });
            assert_eq!(one, plain, "{name} {backend}");
        }
    }
}
