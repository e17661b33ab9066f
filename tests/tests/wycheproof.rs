//! The JSON files of [Wycheproof](https://github.com/C2SP/wycheproof). `WYCHEPROOF_DIR` is the
//! folder `testvectors_v1` of a checkout.
//!
//! Every test of the three files gets a verdict. Those of an algorithm that is not of this
//! project must end before any key operation. The tests of `json_web_key_test.json` and the first
//! half of `json_web_crypto_test.json` are about signatures: here their keys must not become keys
//! for encryption, and their tokens are handed to a decrypter, which must not take them for JWE.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

use std::path::PathBuf;

use jwe::{Alg, Backend, Decrypter, DecryptionKey, Enc, EncryptionKey, Jwk, KeyOptions};
use jwe_tests::capability::{backends, encs};
use jwe_tests::keys;
use jwe_tests::skip::{self, say};
use serde_json::Value;

fn folder() -> Option<PathBuf> {
    skip::path_from_env("WYCHEPROOF_DIR", "the folder testvectors_v1 of a checkout of Wycheproof")
}

/// The test groups of a file, and that the file has the number of tests that it should have.
fn groups(folder: &std::path::Path, file: &str, tests: usize) -> Vec<Value> {
    let json = std::fs::read(folder.join(file)).unwrap();
    let value: Value = serde_json::from_slice(&json).unwrap();
    let groups = value["testGroups"].as_array().unwrap().clone();
    let count: usize = groups.iter().map(|group| group["tests"].as_array().unwrap().len()).sum();
    assert_eq!(count, tests, "{file} has another number of tests: look at the new ones");
    groups
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// The key of a group as a decrypter for everything that the backend lists, or the code of the
/// error that it ends in. The key is taken as it labels itself.
fn decrypter(backend: &'static Backend, key: &Value) -> Result<Decrypter, &'static str> {
    let jwk = Jwk::from_json(key.to_string().as_bytes()).map_err(|error| error.code())?;
    let key =
        DecryptionKey::import(backend, &jwk, &KeyOptions::new()).map_err(|error| error.code())?;
    Decrypter::new(backend, [key], &encs(backend)).map_err(|error| error.code())
}

/// A token of the file: compact, or the JSON text of another serialization.
fn token(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    /// Valid, and opened with the right plaintext.
    valid: usize,
    /// Invalid, and refused.
    invalid: usize,
    /// The key is for an algorithm that is not of this project, and is refused.
    other_alg: usize,
    /// The backend has a gap.
    gap: usize,
}

#[test]
fn json_web_encryption() {
    let Some(folder) = folder() else { return };
    let expected = [
        Count { valid: 15, invalid: 14, other_alg: 110, gap: 0 },
        Count { valid: 15, invalid: 14, other_alg: 110, gap: 0 },
        Count { valid: 1, invalid: 0, other_alg: 110, gap: 28 },
    ];
    for (backend, expected) in backends().iter().copied().zip(expected) {
        let mut count = Count::default();
        for group in groups(&folder, "json_web_encryption_test.json", 139) {
            let tests = group["tests"].as_array().unwrap();
            let decrypter = match decrypter(backend, &group["private"]) {
                Ok(decrypter) => decrypter,
                Err("backend_gap") => {
                    count.gap += tests.len();
                    continue;
                }
                // Elliptic curve keys; keys for AES key wrapping and for RSA1_5.
                Err("key_unsupported" | "key_alg_conflict") => {
                    let name = group["private"]["alg"].as_str().unwrap();
                    assert!(Alg::from_name(name).is_none(), "{name}");
                    count.other_alg += tests.len();
                    continue;
                }
                Err(code) => panic!("{code}: {}", group["comment"]),
            };
            for test in tests {
                let outcome = decrypter.decrypt(&token(&test["jwe"]));
                match test["result"].as_str().unwrap() {
                    "valid" => {
                        let plaintext = outcome.unwrap_or_else(|error| panic!("{error}: {test}"));
                        assert_eq!(*plaintext, unhex(test["pt"].as_str().unwrap()), "{test}");
                        count.valid += 1;
                    }
                    "invalid" => {
                        // All of those with an algorithm of this project name RSA1_5.
                        assert_eq!(outcome.unwrap_err().code(), "alg_not_accepted", "{test}");
                        count.invalid += 1;
                    }
                    other => panic!("{other}"),
                }
            }
        }
        say(format_args!("json_web_encryption_test.json on {backend}: {count:?}"));
        assert_eq!(count, expected, "{backend}");
    }
}

/// The same tests with the key bound to another `alg` of RSA than its token's: nothing is read.
#[test]
fn no_token_is_read_with_the_key_bound_to_another_alg() {
    let Some(folder) = folder() else { return };
    for backend in jwe_tests::capability::rsa_recipients() {
        let mut refused = 0;
        for group in groups(&folder, "json_web_encryption_test.json", 139) {
            let own = group["private"]["alg"].as_str().unwrap();
            if group["private"]["kty"] != "RSA" {
                continue;
            }
            let jwk = Jwk::from_json(group["private"].to_string().as_bytes()).unwrap();
            for alg in Alg::ALL.iter().filter(|alg| alg.is_rsa() && alg.name() != own) {
                let key = keys::recipient(backend, &jwk, *alg);
                let decrypter = Decrypter::new(backend, [key], Enc::ALL).unwrap().ignore_kid();
                for test in group["tests"].as_array().unwrap() {
                    let code = decrypter.decrypt(&token(&test["jwe"])).unwrap_err().code();
                    assert_eq!(code, "alg_not_accepted", "{test}");
                    refused += 1;
                }
            }
        }
        say(format_args!(
            "json_web_encryption_test.json, key bound to another alg on {backend}: {refused}"
        ));
        assert_eq!(refused, 28 * 3 + 16 * 4);
    }
}

/// What each key of `json_web_key_test.json` is refused with as a key for encryption, on every
/// backend, by the number of its test. All of them are signing keys, and most tests are about what
/// is wrong with one. Where `parse` says so, the key is refused whatever it is labelled.
const KEYS: &[(u64, &[&str])] = &[
    (1, &["key_usage", "key_unsupported"]),
    (2, &["key_usage", "key_usage"]),
    (3, &["key_usage", "key_usage"]),
    // Its second key has a text with stray bits behind the last byte.
    (4, &["key_usage", "key_invalid_member"]),
    (5, &["key_usage"]),
    (6, &["key_alg_conflict"]),
    (7, &["key_usage"]),
    (8, &["key_weak"]),
    (9, &["key_weak"]),
    (10, &["key_usage"]),
    (11, &["key_usage"]),
    (12, &["key_usage"]),
    (13, &["key_usage"]),
    (14, &["key_usage"]),
    (15, &["key_usage"]),
    (16, &["key_weak"]),
    (17, &["key_weak"]),
    (18, &["key_weak"]),
    (19, &["key_unsupported"]),
    (20, &["key_unsupported"]),
    (21, &["key_unsupported"]),
    (22, &["key_unsupported"]),
    (23, &["key_unsupported"]),
    (24, &["key_missing_member"]),
    (25, &["key_usage"]),
    (26, &["key_usage"]),
];

#[test]
fn json_web_key() {
    let Some(folder) = folder() else { return };
    let groups = groups(&folder, "json_web_key_test.json", 26);
    for backend in backends().iter().copied() {
        let mut refused = 0;
        for group in &groups {
            for test in group["tests"].as_array().unwrap() {
                let id = test["tcId"].as_u64().unwrap();
                let (_, expected) = KEYS.iter().find(|(known, _)| *known == id).unwrap();
                let keys = group["private"]["keys"].as_array().unwrap();
                let codes: Vec<&str> = keys.iter().map(|key| refusal(backend, key)).collect();
                assert_eq!(codes, *expected, "test {id} on {backend}");
                refused += codes.len();
            }
        }
        say(format_args!("json_web_key_test.json on {backend}: {refused} keys refused"));
        assert_eq!(refused, 30);
    }
}

/// The code with which a key is refused as one of a sender.
fn refusal(backend: &'static Backend, key: &Value) -> &'static str {
    match Jwk::from_json(key.to_string().as_bytes()) {
        Err(error) => error.code(),
        Ok(jwk) => EncryptionKey::import(backend, &jwk, &KeyOptions::new()).unwrap_err().code(),
    }
}

#[test]
fn json_web_crypto() {
    let Some(folder) = folder() else { return };
    let groups = groups(&folder, "json_web_crypto_test.json", 83);
    for backend in backends().iter().copied() {
        let key = keys::recipient(backend, &keys::oct(32), Alg::Dir);
        let somebody = Decrypter::new(backend, [key], &[Enc::A256Gcm]).unwrap();
        let (mut keys_refused, mut jwe, mut jws) = (0, 0, 0);
        for group in &groups {
            let private = &group["private"];
            let list = private["keys"].as_array().cloned().unwrap_or(vec![private.clone()]);
            for key in &list {
                // Signing keys; keys for AES key wrapping; elliptic curve keys.
                let code = refusal(backend, key);
                assert!(
                    matches!(code, "key_usage" | "key_alg_conflict" | "key_unsupported"),
                    "{code}: {}",
                    group["comment"]
                );
                keys_refused += 1;
            }
            for test in group["tests"].as_array().unwrap() {
                if test.get("jws").is_some() {
                    let code = somebody.decrypt(&token(&test["jws"])).unwrap_err().code();
                    assert_eq!(code, "segment_count", "{test}");
                    jws += 1;
                } else {
                    let code = somebody.decrypt(&token(&test["jwe"])).unwrap_err().code();
                    assert_ne!(code, "decryption_failed", "{test}");
                    jwe += 1;
                }
            }
        }
        say(format_args!(
            "json_web_crypto_test.json on {backend}: {keys_refused} keys, {jwe} JWE and {jws} JWS refused"
        ));
        assert_eq!((keys_refused, jwe, jws), (10, 34, 49));
    }
}
