//! Marvin (2023) and its like: what is wrong with an encrypted key must not be seen in the time that
//! it takes to find out.
//!
//! Time on a machine that does other things at the same time proves nothing, so that this file shows
//! what leads to it: whatever is wrong, the key is used once, the content is opened once, with a
//! random CEK where there is none, and the same is allocated. The instructions of one decryption are
//! counted by `checks/constant-time`, with a control that must fail.

use std::collections::HashSet;

use allocation_counter::measure;
use jwe::{Alg, Backend, DecryptError, Enc, KeyMaterial};
use jwe_tests::base64url;
use jwe_tests::curve_points::{epk, strange_points};
use jwe_tests::parts::Parts;
use jwe_tests::textbook_rsa::{Oaep, TextbookRsa};
use serde_json::Value;

use crate::target::{PLAINTEXT, Target};
use crate::watched::{Work, work_of};

pub(crate) fn check(backend: &'static Backend) {
    let algs = |alg: Alg| alg == Alg::RsaOaep256;
    for target in Target::every(backend, &[Enc::A256Gcm, Enc::A128CbcHs256], algs) {
        classes_of_blocks(&target);
    }
    for target in Target::every(backend, &[Enc::A128Gcm, Enc::A256CbcHs512], |_| true) {
        every_failure(&target);
    }
}

/// What one refusal allocates, and what is done for it.
fn cost(target: &Target, token: &str) -> ((u64, u64, u64), Work) {
    let mut out = Vec::with_capacity(token.len());
    let mut work = Work::default();
    let mut outcome = Ok(());
    // The first time may set something up that stays.
    for _ in 0..2 {
        let used = measure(|| {
            (outcome, work) = work_of(|| target.decrypter.decrypt_into(token, &mut out));
        });
        assert_eq!(outcome, Err(DecryptError::DecryptionFailed));
        if work.opened == 1 && used.bytes_current == 0 {
            return ((used.count_total, used.bytes_total, used.bytes_max), work);
        }
    }
    panic!("{} {}: not one content opened, or something kept", target.backend, target.alg)
}

/// The blocks that Bleichenbacher, Manger and Marvin tell apart.
fn classes_of_blocks(target: &Target) {
    let rsa = TextbookRsa::of(&target.jwk);
    let k = rsa.modulus_len();
    let cek: Vec<u8> = (1..).take(target.enc.cek_len()).collect();
    let right = Oaep::default();
    let short = |zeros: usize| {
        let mut block = vec![0x2a; k];
        block[..zeros].fill(0);
        block
    };
    let mut foreign = right.block(k, &cek);
    foreign[0] = 1;
    let wrong = [
        ("m = 0", vec![0; k]),
        ("m = 1", short(k - 1).iter().map(|byte| u8::from(*byte > 0)).collect()),
        ("m of 16 bytes", short(k - 16)),
        ("m of half its length", short(k / 2)),
        ("Y = 00, and nothing else right", short(1)),
        ("Y = 00, another label", Oaep { label: 1, ..right.clone() }.block(k, &cek)),
        ("Y = 00, 09 in the padding", Oaep { padding: 9, ..right.clone() }.block(k, &cek)),
        ("Y = 00, no 01", Oaep { separator: 0, ..right.clone() }.block(k, &vec![0; cek.len()])),
        ("Y = 00, 02 for 01", Oaep { separator: 2, ..right.clone() }.block(k, &cek)),
        ("Y = 01, and nothing else wrong", Oaep { first: 1, ..right.clone() }.block(k, &cek)),
        ("Y = 01 over the mask", foreign),
        ("Y = 7f, and nothing else right", {
            let mut block = short(0);
            block[0] = 0x7f;
            block
        }),
    ];
    let of_wrong_length = [
        ("an empty CEK", right.block(k, &[])),
        ("a CEK that is too short", right.block(k, &cek[1..])),
        ("a CEK that is too long", right.block(k, &[&cek[..], &[1]].concat())),
        ("the longest CEK", right.block(k, &vec![1; k - 66])),
    ];
    let mut ceks = HashSet::new();
    let mut costs = Vec::new();
    for blocks in [&wrong[..], &of_wrong_length] {
        let mut first = None;
        for (what, block) in blocks {
            if num_bigint::BigUint::from_bytes_be(block) >= rsa.n {
                continue;
            }
            let parts = target.good.with_encrypted_key(&rsa.encrypt(block));
            target.refuses_parts(&parts, "decryption_failed");
            for _ in 0..4 {
                let (allocated, work) = cost(target, &parts.token());
                let first = *first.get_or_insert(allocated);
                assert_eq!(allocated, first, "{} {}: {what}", target.backend, target.enc);
                assert_eq!((work.keys, work.opened), (1, 1), "{what}");
                // In its place stands a CEK that nobody can know: another one each time.
                assert!(!work.cek.is_zero() && ceks.insert(work.cek), "{what}");
                assert!(!work.cek.first(16).starts_with(&cek[..8]), "{what}");
            }
        }
        costs.push(first.unwrap());
    }
    assert!(ceks.len() >= 4 * 14);
    // A CEK of the right length that is another one: the same, but for the CEK.
    let parts = target.good.with_encrypted_key(&rsa.encrypt(&right.block(k, &cek)));
    let (allocated, work) = cost(target, &parts.token());
    assert_eq!(work.cek.first(cek.len()), cek);
    assert_eq!(allocated, costs[1], "{} {}", target.backend, target.enc);
    if target.backend.name() == "josekit" {
        // The errors of OpenSSL are values on the heap; as many are made after a success, though not
        // to the byte.
        assert!(costs.iter().all(|(count, bytes, _)| *count <= 8 && *bytes < 512), "{costs:?}");
    } else {
        assert_eq!(costs[0], costs[1], "{} {}", target.backend, target.enc);
    }
}

/// Everything that a key decides: another key, a changed wrapped key, another parameter, a point
/// that is none. From outside it is one error.
fn every_failure(target: &Target) {
    let good = &target.good;
    let mut tokens = vec![
        ("a tag of zeros", good.with_tag(&vec![0; target.enc.tag_len()])),
        ("an IV of zeros", good.with_iv(&vec![0; target.enc.iv_len()])),
        ("another ciphertext", good.with_ciphertext(&[0; 16])),
        ("one more member", target.with_member("x", Some(1.into()))),
    ];
    let encrypted_key = base64url::decode(&good.encrypted_key);
    for at in [0, 7, encrypted_key.len() / 2, encrypted_key.len().saturating_sub(1)] {
        if at < encrypted_key.len() {
            let mut changed = encrypted_key.clone();
            changed[at] ^= 1;
            tokens.push(("an encrypted key that was changed", good.with_encrypted_key(&changed)));
        }
    }
    if target.alg.is_rsa() {
        for byte in [0, 0x42, 0xff] {
            tokens.push(("a filled encrypted key", good.with_encrypted_key(&[byte; 256])));
        }
    }
    let mut with = |what: &'static str, name: &str, value: Option<Value>| {
        tokens.push((what, target.with_member(name, value)));
    };
    if target.alg.is_gcm_kw() {
        for (name, len) in [("iv", 12), ("tag", 16)] {
            with("zeros in the header", name, Some(base64url::encode(&vec![0; len]).into()));
        }
    }
    if target.alg.is_pbes2() {
        with("another salt", "p2s", Some(base64url::encode(&[0; 16]).into()));
        with("another count", "p2c", Some(1001.into()));
    }
    if let Some(curve) = target.jwk.curve() {
        with("another apu", "apu", Some("Qm9i".into()));
        with("no apv", "apv", None);
        for point in strange_points(curve) {
            with("a strange point", "epk", Some(epk(curve, &point)));
        }
    }
    for (what, parts) in &tokens {
        target.refuses_parts(parts, "decryption_failed");
        let (_, work) = cost(target, &parts.token());
        assert_eq!((work.keys, work.opened), (1, 1), "{} {}: {what}", target.backend, target.alg);
        assert!(!work.cek.is_zero(), "{what}");
    }
    // Another key of the same kind: another password, another KEK.
    if let KeyMaterial::Oct(key) = target.jwk.material() {
        let mut other = key.as_bytes().to_vec();
        other[0] ^= 1;
        let json = format!(r#"{{"kty":"oct","k":"{}"}}"#, base64url::encode(&other));
        let other = jwe::Jwk::from_json(json.as_bytes()).unwrap();
        let other = other.with_kid(target.jwk.kid().unwrap()).unwrap();
        let other = Target::with_key(target.backend, target.alg, target.enc, other);
        other.refuses_parts(&target.good, "decryption_failed");
    }
    let opened = target.decrypter.decrypt(&Parts::token(good)).unwrap();
    assert_eq!(*opened, PLAINTEXT, "after all that");
}
