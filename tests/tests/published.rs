//! The fixtures of other projects' own tests, among them JOSESwift's. They are not ours to copy:
//! `JWE_PUBLISHED_VECTORS` is the path of a file of them, in the format of the vector files here.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed step has to stop the test"
)]

use jwe::{Alg, Backend, Decrypter, DecryptionKey, Jwk, KeyOptions};
use jwe_tests::capability::{backends, encs};
use jwe_tests::skip::{self, say};
use jwe_tests::vectors::{self, Vector};

/// What became of one fixture, and with which code it was refused.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Read(Vec<u8>),
    Refused(&'static str),
}

/// Reads a fixture as a recipient would who has its key and reads the `alg` that it is meant for.
/// Where that is no `alg` of this project, the key is bound to one that is.
fn read(backend: &'static Backend, vector: &Vector) -> Verdict {
    let jwk = match Jwk::from_json(vector.key.to_string().as_bytes()) {
        Ok(jwk) => jwk,
        Err(error) => return Verdict::Refused(error.code()),
    };
    let fallback = if jwk.kty() == "RSA" { Alg::RsaOaep256 } else { Alg::Dir };
    let alg = vector.alg.as_deref().and_then(Alg::from_name).unwrap_or(fallback);
    let key = match DecryptionKey::import(backend, &jwk, &KeyOptions::new().with_alg(alg)) {
        Ok(key) => key,
        Err(error) => return Verdict::Refused(error.code()),
    };
    let decrypter = match Decrypter::new(backend, [key], &encs(backend)) {
        Ok(decrypter) => decrypter,
        Err(error) => return Verdict::Refused(error.code()),
    };
    match decrypter.decrypt(&vector.jwe) {
        Ok(plaintext) => Verdict::Read(plaintext.to_vec()),
        Err(error) => Verdict::Refused(error.code()),
    }
}

/// The verdict that this project has on each fixture where the key is one of RSA and the backend
/// decrypts with those; `ring` has a gap there instead.
///
/// Refused although their authors accept them: RSA1_5 and the algorithms that are not of this
/// project; a JSON serialization; and two tokens under a symmetric key of zero bytes only, which
/// protects nothing. Two more with such a key are refused by their authors as well.
const VERDICTS: &[(&str, &str)] = &[
    ("jwcrypto-customhdr", "segment_count"),
    ("jwcrypto-issue136", "key_unsupported"),
    ("jwcrypto-mma-good-cek", "segment_count"),
    ("jwcrypto-mma-bad-cek", "segment_count"),
    ("joseswift-001", "read"),
    ("joseswift-002", "alg_not_accepted"),
    ("joseswift-003", "read"),
    ("joseswift-004", "read"),
    ("nimbus-001", "alg_not_accepted"),
    ("nimbus-002", "alg_not_accepted"),
    ("nimbus-010", "read"),
    ("jwcrypto-003", "alg_not_accepted"),
    ("panva-001", "read"),
    ("panva-xbf98a5", "key_weak"),
    ("panva-x2c1e8b", "key_weak"),
    ("nimbus-rej-3KKT6w-0", "key_unsupported"),
    ("nimbus-rej--Pkj8A-0", "key_unsupported"),
    ("panva-rej-xpxa8A-0", "key_weak"),
    ("joseswift-rej-Jg1kUs-0", "key_weak"),
    ("nimbus-rej-wMIyzk-0", "enc_not_accepted"),
    ("joseswift-rej-1", "decryption_failed"),
    ("joseswift-rej-2", "decryption_failed"),
    ("joseswift-rej-3", "alg_not_accepted"),
    ("joseswift-rej-dir-ek", "part_length"),
    ("joseswift-deser-0", "segment_count"),
    ("joseswift-deser-1", "base64url"),
    ("joseswift-deser-2", "header_not_json"),
    ("joseswift-deser-3", "header_not_json"),
    ("node-jose-invalidecdh", "key_unsupported"),
];

#[test]
fn every_published_fixture_has_its_verdict() {
    let what = "a file of published tokens, one JSON object a line";
    let Some(path) = skip::path_from_env("JWE_PUBLISHED_VECTORS", what) else { return };
    let fixtures = vectors::parse(&std::fs::read_to_string(path).unwrap());
    assert_eq!(fixtures.len(), VERDICTS.len());
    for backend in backends().iter().copied() {
        let has_rsa = backend.decryption_key_import(Alg::RsaOaep256, None).is_ok();
        let (mut read_count, mut refused, mut gaps) = (0, 0, 0);
        for vector in &fixtures {
            let (_, expected) =
                VERDICTS.iter().find(|(id, _)| *id == vector.id).expect("a fixture that is known");
            let is_rsa = vector.key["kty"] == "RSA";
            match read(backend, vector) {
                Verdict::Refused("backend_gap") => {
                    assert!(is_rsa && !has_rsa, "{}", vector.id);
                    gaps += 1;
                }
                Verdict::Refused(code) => {
                    assert_eq!(code, *expected, "{} on {backend}", vector.id);
                    refused += 1;
                }
                Verdict::Read(plaintext) => {
                    assert_eq!(*expected, "read", "{} on {backend}", vector.id);
                    assert!(vector.is_good, "{}", vector.id);
                    assert_eq!(plaintext, vector.plaintext(backend), "{}", vector.id);
                    read_count += 1;
                }
            }
        }
        say(format_args!(
            "published on {backend}: {read_count} read, {refused} refused, {gaps} gaps"
        ));
        let expected = if has_rsa { (5, 24, 0) } else { (2, 11, 16) };
        assert_eq!((read_count, refused, gaps), expected, "{backend}");
    }
}
