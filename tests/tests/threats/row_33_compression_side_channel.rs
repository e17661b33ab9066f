//! The length of what was compressed tells how well it compresses, and so what is in it (RFC 8725
//! §3.6): without being asked to, nobody compresses, and the length of a token follows from that of
//! its plaintext alone.

use jwe::{
    Alg, Backend, Direction, Enc, Encrypter, FlattenedJson, GeneralJson, MessageEncrypter,
    SharedCekMemory,
};
use jwe_tests::parts::Parts;
use jwe_tests::{keys, random};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use crate::attacks::tried_one;

pub(crate) fn check(backend: &'static Backend) {
    // Every algorithm of a sender, with a content encryption of each kind.
    for alg in Alg::ALL.iter().copied() {
        for enc in [Enc::A256Gcm, Enc::A128CbcHs256] {
            for jwk in keys::of_every_kind(alg, enc) {
                if keys::takes(backend, Direction::Encrypt, alg, &jwk) {
                    lengths_are_equal(backend, &jwk, alg, enc);
                }
            }
        }
    }
    asked_for_it_tells(backend);
}

/// Two plaintexts of one length: what is long and simple, and anything at all.
fn two() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let simple = (prop::collection::vec(any::<u8>(), 1..4), 0_usize..3000)
        .prop_map(|(word, len)| word.into_iter().cycle().take(len).collect::<Vec<u8>>());
    simple.prop_flat_map(|simple| {
        let len = simple.len();
        (Just(simple), prop::collection::vec(any::<u8>(), len))
    })
}

fn lengths_are_equal(backend: &'static Backend, jwk: &jwe::Jwk, alg: Alg, enc: Enc) {
    let sender = keys::sender(backend, jwk, alg);
    let encrypter =
        Encrypter::builder(backend, &sender, enc).with_iterations(1000).build().unwrap();
    let message = MessageEncrypter::builder(backend, enc)
        .with_recipient(&sender)
        .with_iterations(1000)
        .build()
        .unwrap();
    let config = Config {
        cases: random::cases(6),
        rng_seed: RngSeed::Fixed(random::seed()),
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&two(), |(one, other)| {
        tried_one();
        let expected = encrypter.encrypted_len(one.len()).unwrap();
        for plaintext in [&one, &other] {
            let token = encrypter.encrypt(plaintext).unwrap();
            prop_assert_eq!(token.len(), expected);
            prop_assert!(!Parts::of(&token).header_json().contains("\"zip\":"));
            let ciphertext = jwe_tests::base64url::decode(&Parts::of(&token).ciphertext);
            prop_assert_eq!(Some(ciphertext.len()), enc.ciphertext_len(one.len()));
            let mut memory = SharedCekMemory::default();
            let mut shared = encrypter.share_cek(&mut memory, 1).unwrap();
            let mut out = Vec::new();
            shared.encrypt_into(plaintext, &mut out).unwrap();
            prop_assert_eq!(out.len(), expected);
        }
        for json in [&FlattenedJson as &dyn jwe::Serialization, &GeneralJson] {
            let lens =
                [&one, &other].map(|text| message.encrypt(json, text, b"aad").unwrap().len());
            prop_assert_eq!(lens[0], lens[1]);
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{backend} {alg} {enc}: {error}");
    }
}

/// The control: with compression the lengths differ, and one that guesses right is shorter.
fn asked_for_it_tells(backend: &'static Backend) {
    let jwk = keys::oct(32);
    let sender = keys::sender(backend, &jwk, Alg::A256Kw);
    let encrypter = Encrypter::builder(backend, &sender, Enc::A256Gcm).compress().build().unwrap();
    let len = |guess: &str| {
        let text = format!("q={guess}&secret=correct-horse-battery");
        encrypter.encrypt(text.as_bytes()).unwrap().len()
    };
    assert!(len("secret=correct-horse-battery") < len("gurcyr=kbeervp7-ubefr4onggrel"));
}
