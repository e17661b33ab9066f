//! Each part has one text (RFC 7515 §2, RFC 4648 §3.5): no padding, no other alphabet, no white
//! space, no stray bits. So no two tokens are the same message.

use jwe::{Alg, Backend, Enc};
use jwe_tests::base64url;
use jwe_tests::parts::Parts;
use jwe_tests::random;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use crate::target::Target;

type Get = fn(&mut Parts) -> &mut String;

const PARTS: [Get; 5] = [
    |parts| &mut parts.header,
    |parts| &mut parts.encrypted_key,
    |parts| &mut parts.iv,
    |parts| &mut parts.ciphertext,
    |parts| &mut parts.tag,
];

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub(crate) fn check(backend: &'static Backend) {
    for target in Target::all(backend) {
        for part in PARTS {
            strange_texts(&target, part);
        }
    }
    only_canonical_texts_are_read(&Target::new(backend, Alg::Dir, Enc::A256Gcm));
}

fn strange_texts(target: &Target, part: Get) {
    let change = |change: &dyn Fn(&mut String)| {
        let mut parts = target.good.clone();
        change(part(&mut parts));
        parts.token()
    };
    for stray in
        ["=", "==", "+", "/", " ", "\t", "\r", "\n", "\r\n", "\0", "é", "~", "%", "\u{feff}"]
    {
        target.refuses(&change(&|text| text.push_str(stray)), "base64url");
        target.refuses(&change(&|text| text.insert_str(0, stray)), "base64url");
        target.refuses(
            &change(&|text| {
                text.pop();
                text.push_str(stray);
            }),
            "base64url",
        );
        target.refuses(&change(&|text| text.insert_str(text.len() / 2, stray)), "base64url");
    }
    // A length that no bytes have.
    let token = change(&|text| {
        text.push('A');
        while text.len() % 4 != 1 {
            text.push('A');
        }
    });
    target.refuses(&token, "base64url");
    // The unused bits of the last character, each value of them.
    let unused = match part(&mut target.good.clone()).len() % 4 {
        0 => 1..1,
        2 => 1..16,
        _ => 1..4,
    };
    for bits in unused {
        let token = change(&|text| {
            let last = text.pop().unwrap();
            let at = ALPHABET.iter().position(|letter| *letter == last as u8).unwrap();
            text.push(ALPHABET[at | bits] as char);
        });
        assert_ne!(token, target.good.token());
        target.refuses(&token, "base64url");
    }
}

/// The bytes of a text, whatever the bits behind the last whole byte are.
fn lenient(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut bits, mut left) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter)?;
        bits = bits << 6 | value as u32;
        left += 6;
        if left >= 8 {
            left -= 8;
            bytes.push((bits >> left) as u8);
            bits &= (1 << left) - 1;
        }
    }
    (left < 6).then_some(bytes)
}

/// A text is read if and only if it is what its bytes are written as: here as the ciphertext, whose
/// length is free.
fn only_canonical_texts_are_read(target: &Target) {
    let letters = prop::sample::select(
        ALPHABET.iter().map(|letter| char::from(*letter)).collect::<Vec<char>>(),
    );
    let strange = prop_oneof![
        prop::sample::select(vec!['=', '+', '/', ' ', '\n', '\0', 'é']),
        any::<char>().prop_filter("parts the token", |letter| *letter != '.'),
    ];
    let text = prop_oneof![
        3 => prop::collection::vec(letters.clone(), 0..40),
        1 => prop::collection::vec(prop_oneof![20 => letters, 1 => strange], 0..40),
    ];
    let config = Config {
        cases: random::cases(2000),
        rng_seed: RngSeed::Fixed(random::seed()),
        failure_persistence: None,
        ..Config::default()
    };
    let counts = [std::cell::Cell::new(0), std::cell::Cell::new(0)];
    let outcome = TestRunner::new(config).run(&text, |letters| {
        let text: String = letters.into_iter().collect();
        let canonical = lenient(&text).is_some_and(|bytes| base64url::encode(&bytes) == text);
        let parts = Parts { ciphertext: text, ..target.good.clone() };
        target.refuses(&parts.token(), if canonical { "decryption_failed" } else { "base64url" });
        let count = &counts[usize::from(canonical)];
        count.set(count.get() + 1);
        Ok(())
    });
    outcome.unwrap();
    assert!(counts.iter().all(|count| count.get() > 300), "{counts:?}");
}
