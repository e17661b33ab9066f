//! The fixtures of other projects' own tests, among them JOSESwift's. They are not ours to copy:
//! `JWE_PUBLISHED_VECTORS` is the path of a file of them, in the format of the vector files here.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

use jwe::{Alg, Backend, Direction};
use jwe_tests::capability::{backends, encs};
use jwe_tests::reading;
use jwe_tests::skip::{self, say};
use jwe_tests::vectors::{self, Vector};
use serde_json::json;

/// What became of one fixture, and with which code it was refused.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Read(Vec<u8>),
    Refused(&'static str),
}

/// The `alg` that the key of a fixture is bound to: its own, or one that the key can be for where
/// that is `RSA1_5` or can't be read.
fn alg(vector: &Vector) -> Alg {
    let fallback = if vector.key["kty"] == "RSA" { Alg::RsaOaep256 } else { Alg::Dir };
    vector.alg.as_deref().and_then(Alg::from_name).unwrap_or(fallback)
}

/// Reads a fixture as a recipient would who has its key and allows everything that can be allowed.
fn read(backend: &'static Backend, vector: &Vector) -> Verdict {
    match reading::decrypter(backend, vector, alg(vector), &encs(backend)) {
        Err((code, _)) => Verdict::Refused(code),
        Ok(decrypter) => match reading::open(&reading::allow_all(decrypter), &vector.jwe) {
            Ok(plaintext) => Verdict::Read(plaintext.to_vec()),
            Err(code) => Verdict::Refused(code),
        },
    }
}

/// The verdict that this project has on each fixture where the backend lists the algorithm.
///
/// Five are refused although their authors accept them: three of `RSA1_5`, and two under a
/// symmetric key of zero bytes only, which protects nothing. All that their authors refuse are
/// refused.
const VERDICTS: &[(&str, &str)] = &[
    ("jwcrypto-customhdr", "read"),
    ("jwcrypto-issue136", "read"),
    ("jwcrypto-mma-good-cek", "alg_not_accepted"),
    ("jwcrypto-mma-bad-cek", "alg_not_accepted"),
    ("joseswift-001", "read"),
    ("joseswift-002", "alg_not_accepted"),
    ("joseswift-003", "read"),
    ("joseswift-004", "read"),
    ("nimbus-001", "alg_not_accepted"),
    ("nimbus-002", "alg_not_accepted"),
    ("nimbus-010", "read"),
    ("jwcrypto-003", "read"),
    ("panva-001", "read"),
    ("panva-xbf98a5", "key_weak"),
    ("panva-x2c1e8b", "key_weak"),
    // Points of small order on other curves.
    ("nimbus-rej-3KKT6w-0", "decryption_failed"),
    ("nimbus-rej--Pkj8A-0", "decryption_failed"),
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
    ("node-jose-invalidecdh", "decryption_failed"),
];

/// What becomes of those with a key of zeros under another key, so that the key is not the reason:
/// the good ones are for nobody else, the others end by what is wrong with them.
const WITH_ANOTHER_KEY: &[(&str, &str)] = &[
    ("panva-xbf98a5", "decryption_failed"),
    ("panva-x2c1e8b", "decryption_failed"),
    ("panva-rej-xpxa8A-0", "crit_not_understood"),
    ("joseswift-rej-Jg1kUs-0", "zip_not_allowed"),
];

/// How the fixtures end on one backend.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    /// Accepted by their authors, and read.
    read: usize,
    /// Of these, published without the plaintext.
    without_plaintext: usize,
    /// Refused by their authors, and refused.
    refused: usize,
    /// Accepted by their authors, and refused.
    only_here: usize,
    /// The backend lists no such recipient.
    gap: usize,
}

fn fixtures() -> Option<Vec<Vector>> {
    let what = "a file of published tokens, one JSON object a line";
    let path = skip::path_from_env("JWE_PUBLISHED_VECTORS", what)?;
    Some(vectors::parse(&std::fs::read_to_string(path).unwrap()))
}

#[test]
fn every_published_fixture_has_its_verdict() {
    let Some(fixtures) = fixtures() else { return };
    assert_eq!(fixtures.len(), VERDICTS.len());
    let expected = [
        Count { read: 8, without_plaintext: 1, refused: 16, only_here: 5, gap: 0 },
        Count { read: 8, without_plaintext: 1, refused: 16, only_here: 5, gap: 0 },
        Count { read: 4, without_plaintext: 0, refused: 3, only_here: 2, gap: 20 },
    ];
    let mut unpublished = None;
    for (backend, expected) in backends().iter().copied().zip(expected) {
        let mut count = Count::default();
        for vector in &fixtures {
            let id = &vector.id;
            let (_, verdict) = VERDICTS.iter().find(|(known, _)| known == id).expect("it is known");
            match read(backend, vector) {
                Verdict::Refused("backend_gap") => {
                    let curve = reading::key(vector).unwrap().curve();
                    let listed =
                        reading::lists_key(backend, Direction::Decrypt, alg(vector), curve);
                    assert!(!listed, "{id} on {backend}");
                    count.gap += 1;
                }
                Verdict::Refused(code) => {
                    assert_eq!(code, *verdict, "{id} on {backend}");
                    if vector.is_good { count.only_here += 1 } else { count.refused += 1 }
                }
                Verdict::Read(plaintext) => {
                    assert_eq!(*verdict, "read", "{id} on {backend}");
                    assert!(vector.is_good, "{id}");
                    if vector.has_plaintext() {
                        assert_eq!(plaintext, vector.plaintext(backend), "{id}");
                    } else {
                        // Published without; then it is the same for everybody.
                        assert_eq!(
                            *unpublished.get_or_insert(plaintext.clone()),
                            plaintext,
                            "{id}"
                        );
                        count.without_plaintext += 1;
                    }
                    count.read += 1;
                }
            }
        }
        say(format_args!("published on {backend}: {count:?}"));
        assert_eq!(count, expected, "{backend}");
    }
}

#[test]
fn a_key_of_zeros_is_not_the_only_reason() {
    let Some(fixtures) = fixtures() else { return };
    for backend in backends().iter().copied() {
        let mut refused = 0;
        for vector in fixtures.iter().filter(|vector| !vector.key["k"].is_null()) {
            if read(backend, vector) != Verdict::Refused("key_weak") {
                continue;
            }
            let mut other = vector.clone();
            other.key["k"] = json!(vector.key["k"].as_str().unwrap().replacen('A', "B", 1));
            let (_, code) =
                WITH_ANOTHER_KEY.iter().find(|(id, _)| *id == vector.id).expect("it is known");
            assert_eq!(read(backend, &other), Verdict::Refused(code), "{} on {backend}", vector.id);
            refused += 1;
        }
        assert_eq!(refused, WITH_ANOTHER_KEY.len(), "{backend}");
    }
}
