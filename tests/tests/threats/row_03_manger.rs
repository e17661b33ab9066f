//! Manger (2001) on RSAES-OAEP: whoever learns whether the first byte of a decrypted block is zero
//! reads the block within some thousand questions. The attack is run, and learns nothing.

use jwe::{Alg, Backend, Enc, Encrypter};
use jwe_tests::capability::backends;
use jwe_tests::parts::Parts;
use jwe_tests::textbook_rsa::{Oaep, TextbookRsa, oaep_message, pkcs1_block};
use jwe_tests::{base64url, keys};
use num_bigint::BigUint;

use crate::attacks::tried_one;
use crate::target::{PLAINTEXT, Target};

pub(crate) fn check(backend: &'static Backend) {
    for target in Target::rsa(backend) {
        special_numbers(&target);
    }
    for target in Target::every(backend, &[Enc::A256Gcm], |alg| alg == Alg::RsaOaep256) {
        let rsa = TextbookRsa::of(&target.jwk);
        let encrypted_key = base64url::decode(&target.good.encrypted_key);
        let mut answers = Vec::new();
        let read = manger(&rsa, &encrypted_key, |question| {
            tried_one();
            let token = target.good.with_encrypted_key(question).token();
            let mut out = b"before".to_vec();
            // Everything that a recipient could show of it.
            let error = target.decrypter.decrypt_into(&token, &mut out).expect_err("a refusal");
            let answer = format!("{error}|{error:?}|{}|{out:?}", error.code());
            answers.push(answer.clone());
            answer
        });
        assert_eq!(read, None, "{backend}");
        assert!(answers.len() > 500, "only {} questions", answers.len());
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{backend}: {:?}", answers[0]);
        assert!(answers[0].contains("|decryption_failed|"));
    }
}

/// Numbers whose decryption is known without the key, beyond the modulus, and blocks that break
/// one rule each: one error, with equal texts.
fn special_numbers(target: &Target) {
    let rsa = TextbookRsa::of(&target.jwk);
    let (n, k) = (&rsa.n, rsa.modulus_len());
    let good = BigUint::from_bytes_be(&base64url::decode(&target.good.encrypted_key));
    let cek: Vec<u8> = (1..).take(target.enc.cek_len()).collect();
    let right = Oaep::default();
    let mut numbers = vec![
        ("m = 0", vec![0; k]),
        ("m = 1", rsa.bytes(&BigUint::from(1u8))),
        ("m = n - 1", rsa.bytes(&(n - 1u8))),
        ("m = 2", rsa.encrypt(&rsa.bytes(&BigUint::from(2u8)))),
        ("c = n", rsa.bytes(n)),
        ("c = n + 1", rsa.bytes(&(n + 1u8))),
        ("c = 256^(k - 1)", rsa.bytes(&(BigUint::from(1u8) << (8 * (k - 1))))),
        ("c of bytes ff", vec![0xff; k]),
    ];
    let higher = &good + n;
    if higher.bits() <= 8 * k as u64 {
        numbers.push(("c + n", rsa.bytes(&higher)));
    }
    for (what, block) in [
        ("00 and any bytes", [0, 0x55].repeat(k / 2)),
        ("01 and any bytes", [1, 0x55].repeat(k / 2)),
        ("an OAEP block with 01 first", Oaep { first: 1, ..right.clone() }.block(k, &cek)),
        ("an OAEP block with 7f first", Oaep { first: 0x7f, ..right.clone() }.block(k, &cek)),
        ("another label", Oaep { label: 0x80, ..right.clone() }.block(k, &cek)),
        ("02 before the CEK", Oaep { separator: 2, ..right.clone() }.block(k, &cek)),
        ("another CEK", right.block(k, &cek)),
        ("a CEK of no bytes", right.block(k, &[])),
        ("PKCS #1 v1.5, 00 02", pkcs1_block(k, [0, 2], &cek)),
        ("PKCS #1 v1.5, 00 01", pkcs1_block(k, [0, 1], &cek)),
        ("PKCS #1 v1.5, 01 02", pkcs1_block(k, [1, 2], &cek)),
    ] {
        if BigUint::from_bytes_be(&block) < *n {
            numbers.push((what, rsa.encrypt(&block)));
        }
    }
    assert!(numbers.len() >= 17);
    for (what, number) in numbers {
        // `refuses` compares the texts.
        assert_eq!(number.len(), k, "{what}");
        target.refuses(&target.good.with_encrypted_key(&number).token(), "decryption_failed");
    }
}

/// How often the attacker asks in its first step before it gives up. If what is asked about means
/// anything, the first step takes as many questions as the block has zero bits behind its first
/// byte: more than these only once in 2^512.
const PATIENCE: usize = 512;

/// The attack: from answers to numbers it finds the block of `encrypted_key`, which is below
/// B = 256^(k - 1). It is told no more than what a recipient answers, and learns what the answers
/// mean from numbers that it encrypts itself. `None` where they mean nothing.
fn manger(
    rsa: &TextbookRsa,
    encrypted_key: &[u8],
    mut ask: impl FnMut(&[u8]) -> String,
) -> Option<BigUint> {
    let (n, k) = (&rsa.n, rsa.modulus_len());
    let b = BigUint::from(1u8) << (8 * (k - 1));
    let two = BigUint::from(2u8);
    // Blocks below B, and blocks that are not.
    let mut below = Vec::new();
    let mut above = Vec::new();
    for turn in 1..=16u8 {
        let block = [&[0][..], &vec![turn; k - 1]].concat();
        below.push(ask(&rsa.encrypt(&block)));
        let block = [&[turn][..], &vec![turn; k - 1]].concat();
        above.push(ask(&rsa.encrypt(&block)));
    }
    let tells = !below.iter().any(|answer| above.contains(answer));
    let c = BigUint::from_bytes_be(encrypted_key);
    let mut seen = Vec::new();
    let mut is_below = |factor: &BigUint| {
        let question = (&c * factor.modpow(&rsa.e, n)) % n;
        let answer = ask(&rsa.bytes(&question));
        if !seen.contains(&answer) {
            seen.push(answer.clone());
        }
        // Without a meaning, one that was given to itself: that of the first answer.
        if tells { below.contains(&answer) } else { answer == seen[0] }
    };
    // Step 1: the first power of two that takes the block beyond B.
    let mut f1 = two.clone();
    let mut asked = 1;
    while is_below(&f1) {
        f1 *= 2u8;
        asked += 1;
        if asked > PATIENCE {
            return None;
        }
    }
    // Step 2: the multiple of f1 / 2 that takes it beyond n.
    let half = &f1 / &two;
    let mut f2 = ((n + &b) / &b) * &half;
    asked = 0;
    while !is_below(&f2) {
        f2 += &half;
        asked += 1;
        if asked > PATIENCE {
            return None;
        }
    }
    // Step 3: the interval is halved until one number is left.
    let mut min = (n + &f2 - 1u8) / &f2;
    let mut max = (n + &b) / &f2;
    while min < max {
        let f = (&two * &b) / (&max - &min);
        let i = (&f * &min) / n;
        let border = &i * n + &b;
        let f3 = (&i * n + &min - 1u8) / &min;
        if is_below(&f3) {
            max = border / &f3;
        } else {
            min = (border + &f3 - 1u8) / &f3;
        }
        if min > max {
            return None;
        }
    }
    let block = rsa.bytes(&min);
    (rsa.encrypt(&block) == encrypted_key).then_some(min)
}

/// The same attack on a recipient that says which rule a block breaks reads the CEK and with it the
/// message, so that it is not the attack that fails above.
#[test]
fn the_attack_reads_a_message_where_the_error_tells() {
    let backend = backends()[0];
    let jwk = keys::rsa(2048);
    let rsa = TextbookRsa::of(&jwk);
    let sender = keys::sender(backend, &jwk, Alg::RsaOaep256);
    let encrypter = Encrypter::new(backend, &sender, Enc::A256Gcm).unwrap();
    let token = Parts::of(&encrypter.encrypt(PLAINTEXT).unwrap());
    let encrypted_key = base64url::decode(&token.encrypted_key);
    let mut questions = 0;
    let read = manger(&rsa, &encrypted_key, |question| {
        questions += 1;
        match oaep_message(&rsa.decrypt(question)) {
            Ok(_) => "opened".to_owned(),
            Err("the first byte is not zero") => "integer too large".to_owned(),
            Err(_) => "decoding error".to_owned(),
        }
    });
    let cek = oaep_message(&rsa.bytes(&read.expect("the attack works"))).unwrap();
    let content = backend.content_encryption(Enc::A256Gcm, jwe::Direction::Decrypt).unwrap();
    let mut text = base64url::decode(&token.ciphertext);
    let (iv, tag) = (base64url::decode(&token.iv), base64url::decode(&token.tag));
    let len = content.open(&cek, &iv, token.header.as_bytes(), &mut text, &tag).unwrap();
    assert_eq!(text[..len], *PLAINTEXT);
    assert!((1000..5000).contains(&questions), "{questions} questions");
}
