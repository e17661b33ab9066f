//! The JOSE files of [Wycheproof](https://github.com/C2SP/wycheproof). `WYCHEPROOF_DIR` is the
//! folder `testvectors_v1` of a checkout. Those of the primitives are in `wycheproof_steps.rs`.
//!
//! Every test of the three files gets a verdict. The tests of `json_web_key_test.json` and the first
//! half of `json_web_crypto_test.json` are about signatures: here their keys must not become keys
//! for encryption, and their tokens are handed to a decrypter, which must not take them for JWE.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

use jwe::{
    Alg, Backend, Decrypter, DecryptionKey, Direction, Enc, EncryptionKey, Jwk, KeyOptions, Limits,
    Message,
};
use jwe_tests::capability::{backends, encs};
use jwe_tests::rfc_values::hex;
use jwe_tests::skip::say;
use jwe_tests::wycheproof::{self, Verdict, groups, has_flag, id};
use jwe_tests::{base64url, keys, reading};
use serde_json::Value;

/// The key of a group as a decrypter for everything that the backend lists, or the code of the
/// error that it ends in. The key is taken as it labels itself.
fn decrypter(backend: &'static Backend, key: &Value) -> Result<Decrypter, &'static str> {
    let jwk = Jwk::from_json(key.to_string().as_bytes()).map_err(|error| error.code())?;
    let key =
        DecryptionKey::import(backend, &jwk, &KeyOptions::new()).map_err(|error| error.code())?;
    let decrypter = Decrypter::new(backend, [key], &encs(backend)).map_err(|error| error.code())?;
    Ok(reading::allow_all(decrypter))
}

/// Whether the backend lists what a key that labels itself is for.
fn lists(backend: &Backend, key: &Value) -> bool {
    let jwk = Jwk::from_json(key.to_string().as_bytes()).unwrap();
    let alg = key["alg"].as_str().and_then(Alg::from_name).unwrap_or(Alg::Dir);
    reading::lists_key(backend, Direction::Decrypt, alg, jwk.curve())
}

/// A token of the file: compact, or the JSON text of another serialization.
fn token(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A member of the header of a compact token, where that can be read without the code that is
/// tested.
fn member(token: &str, name: &str) -> Option<String> {
    let bytes = base64url::try_decode(token.split('.').next()?)?;
    let header: Value = serde_json::from_slice(&bytes).ok()?;
    Some(header[name].as_str()?.to_owned())
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    /// Valid, and opened with the right plaintext.
    read: usize,
    /// Invalid, and refused.
    refused: usize,
    /// Valid, and refused, as the key is for `RSA1_5`.
    only_here: usize,
    /// The backend does not list the `alg`, the curve or the `enc`.
    gap: usize,
}

/// The reason for which each invalid token is refused whose key is not itself: the code, and the
/// numbers of the tests.
const REFUSED: &[(&str, &[u64])] = &[
    // Changed parts, and a point that is on another curve.
    ("decryption_failed", &[2, 10, 13, 16, 36, 39, 42, 45, 51, 136, 137, 138, 139]),
    // A tag or another part that is too short or too long, or not there.
    ("part_length", &[4, 5, 6, 7, 8, 11, 14, 17, 25, 26, 27, 37, 40, 43, 46, 63, 64, 65]),
    // Four parts; and JSON where a compact token is expected.
    ("segment_count", &[9, 12, 15, 18, 21, 22, 38, 41, 44, 47, 50]),
    // A last character with stray bits, and one that is too many.
    ("base64url", &[3, 24]),
    ("unknown_kid", &[19]),
    ("header_missing_member", &[48]),
    ("header_not_json", &[20, 49]),
    // RSA1_5, and AES key wrapping in one of its two kinds with a key for the other.
    (
        "alg_not_accepted",
        &[94, 95, 96, 97, 98, 99, 106, 107, 108, 109, 110, 111, 122, 123, 124, 125, 126, 127],
    ),
];

#[test]
fn json_web_encryption() {
    let Some(folder) = wycheproof::folder() else { return };
    let expected = [
        Count { read: 57, refused: 74, only_here: 8, gap: 0 },
        Count { read: 57, refused: 74, only_here: 8, gap: 0 },
        Count { read: 15, refused: 41, only_here: 8, gap: 75 },
    ];
    for (backend, expected) in backends().iter().copied().zip(expected) {
        let mut count = Count::default();
        for group in groups(&folder, "json_web_encryption_test.json", 139) {
            let tests = wycheproof::tests(&group);
            let decrypter = match decrypter(backend, &group["private"]) {
                Ok(decrypter) => decrypter,
                Err("backend_gap") => {
                    assert!(!lists(backend, &group["private"]), "{backend}");
                    count.gap += tests.len();
                    continue;
                }
                Err("key_alg_conflict") => {
                    assert_eq!(group["private"]["alg"], "RSA1_5");
                    for test in tests {
                        match wycheproof::verdict(test) {
                            Verdict::Invalid => count.refused += 1,
                            _ => count.only_here += 1,
                        }
                    }
                    continue;
                }
                Err(code) => panic!("{code}: {}", group["comment"]),
            };
            for test in tests {
                let token = token(&test["jwe"]);
                let outcome = decrypter.decrypt(&token);
                if outcome.as_ref().is_err_and(|error| error.code() == "enc_not_accepted") {
                    let enc = Enc::from_name(&member(&token, "enc").unwrap()).unwrap();
                    assert!(!reading::lists_content(backend, enc), "{test} on {backend}");
                    count.gap += 1;
                    continue;
                }
                match wycheproof::verdict(test) {
                    Verdict::Valid => {
                        let plaintext = outcome.unwrap_or_else(|error| panic!("{error}: {test}"));
                        assert_eq!(*plaintext, hex(&test["pt"]), "{test}");
                        count.read += 1;
                    }
                    Verdict::Invalid => {
                        let code = outcome.unwrap_err().code();
                        let (reason, _) =
                            REFUSED.iter().find(|(_, ids)| ids.contains(&id(test))).unwrap();
                        assert_eq!(code, *reason, "{test} on {backend}");
                        count.refused += 1;
                    }
                    Verdict::Acceptable => panic!("{test}"),
                }
            }
        }
        say(format_args!("json_web_encryption_test.json on {backend}: {count:?}"));
        assert_eq!(count, expected, "{backend}");
    }
}

/// The one test that is invalid only because a compact token is expected: as what it is, a message
/// in the general serialization, it is good.
#[test]
fn the_json_serialization_is_read_where_it_is_asked_for() {
    let Some(folder) = wycheproof::folder() else { return };
    for backend in backends().iter().copied() {
        let mut read = 0;
        for group in groups(&folder, "json_web_encryption_test.json", 139) {
            let is_json = |test: &&Value| has_flag(test, "JsonSerialization");
            for test in wycheproof::tests(&group).iter().filter(is_json) {
                let token = token(&test["jwe"]);
                let decrypter = decrypter(backend, &group["private"]).unwrap();
                let message = Message::parse(&token, &Limits::default()).unwrap();
                let plaintext = decrypter.decrypt_message(message).unwrap();
                // It has none of its own; it is that of the first test.
                let expected = hex(&wycheproof::tests(&group)[0]["pt"]);
                assert_eq!(*plaintext, expected, "{test} on {backend}");
                read += 1;
            }
        }
        assert_eq!(read, 1);
    }
}

/// The same tests with the key bound to each other `alg` that its type can be for: nothing is read
/// but the tokens that are invalid only because their key is labelled for another `alg` of AES.
#[test]
fn no_token_is_read_with_the_key_bound_to_another_alg() {
    let Some(folder) = wycheproof::folder() else { return };
    for (backend, expected) in backends().iter().copied().zip([531, 531, 248]) {
        let (mut by_key, mut by_label, mut refused) = (0, 0, 0);
        for group in groups(&folder, "json_web_encryption_test.json", 139) {
            let own = group["private"]["alg"].as_str().unwrap();
            let own = if Enc::from_name(own).is_some() { "dir" } else { own };
            let jwk = Jwk::from_json(group["private"].to_string().as_bytes()).unwrap();
            let others = Alg::ALL.iter().filter(|alg| alg.takes_key_type(jwk.kty()));
            for alg in others.filter(|alg| alg.name() != own) {
                let options = KeyOptions::new().with_alg(*alg).ignore_declared_usage();
                // A key is of the length that its own algorithm needs, seldom of another's.
                let key = match DecryptionKey::import(backend, &jwk, &options) {
                    Ok(key) => key,
                    Err(error) => {
                        assert!(matches!(error.code(), "backend_gap" | "key_rejected"), "{error}");
                        by_key += 1;
                        continue;
                    }
                };
                let Ok(decrypter) = Decrypter::new(backend, [key], &encs(backend)) else {
                    assert_eq!(*alg, Alg::Dir);
                    by_key += 1;
                    continue;
                };
                let decrypter = reading::allow_all(decrypter.ignore_kid());
                for test in wycheproof::tests(&group) {
                    let outcome = decrypter.decrypt(&token(&test["jwe"]));
                    if has_flag(test, "WrongCipher")
                        && member(&token(&test["jwe"]), "alg").as_deref() == Some(alg.name())
                    {
                        assert!(outcome.is_ok(), "{test} with {alg} on {backend}");
                        by_label += 1;
                        continue;
                    }
                    let code = outcome.unwrap_err().code();
                    let public = !matches!(code, "decryption_failed" | "zip_not_allowed");
                    assert!(public, "{code}: {test} with {alg} on {backend}");
                    refused += 1;
                }
            }
        }
        say(format_args!(
            "json_web_encryption_test.json, key bound to another alg on {backend}: {by_key} keys and {refused} tokens refused, {by_label} read"
        ));
        assert_eq!((refused, by_label), (expected, 4), "{backend}");
    }
}

/// What each key of `json_web_key_test.json` is refused with as a key for encryption, on every
/// backend, by the number of its test. All of them are signing keys, and most tests are about what
/// is wrong with one. Where `parse` says so, the key is refused whatever it is labelled.
const KEYS: &[(u64, &[&str])] = &[
    (1, &["key_usage", "key_usage"]),
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
    (19, &["key_usage"]),
    (20, &["key_usage"]),
    (21, &["key_alg_conflict"]),
    (22, &["key_usage"]),
    (23, &["key_invalid_member"]),
    (24, &["key_missing_member"]),
    (25, &["key_usage"]),
    (26, &["key_usage"]),
];

#[test]
fn json_web_key() {
    let Some(folder) = wycheproof::folder() else { return };
    let groups = groups(&folder, "json_web_key_test.json", 26);
    for backend in backends().iter().copied() {
        let mut refused = 0;
        for group in &groups {
            for test in wycheproof::tests(group) {
                let id = id(test);
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

/// The keys on curves with their labels not looked at: the one whose point is on no curve is still
/// refused, by the sender and by the recipient; the others are good points.
#[test]
fn json_web_key_points() {
    let Some(folder) = wycheproof::folder() else { return };
    let groups = groups(&folder, "json_web_key_test.json", 26);
    for backend in backends().iter().copied() {
        let (mut good, mut refused) = (Vec::new(), Vec::new());
        for group in &groups {
            let number = id(&wycheproof::tests(group)[0]);
            for key in group["private"]["keys"].as_array().unwrap() {
                let Ok(jwk) = Jwk::from_json(key.to_string().as_bytes()) else { continue };
                if jwk.curve().is_none() {
                    continue;
                }
                let options = KeyOptions::new().with_alg(Alg::EcdhEs).ignore_declared_usage();
                match EncryptionKey::import(backend, &jwk, &options) {
                    Ok(_) => good.push(number),
                    Err(error) => {
                        assert_eq!(error.code(), "key_rejected", "{error}");
                        refused.push(number);
                    }
                }
            }
        }
        say(format_args!(
            "json_web_key_test.json on {backend}: points {good:?} and not {refused:?}"
        ));
        assert_eq!((good, refused), (vec![1, 19, 20, 21], vec![22]), "{backend}");
    }
}

/// The code with which a key is refused as one of a sender.
fn refusal(backend: &'static Backend, key: &Value) -> &'static str {
    match Jwk::from_json(key.to_string().as_bytes()) {
        Err(error) => error.code(),
        Ok(jwk) => EncryptionKey::import(backend, &jwk, &KeyOptions::new()).unwrap_err().code(),
    }
}

/// The outcomes of `json_web_crypto_test.json`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Crypto {
    /// Keys for signatures, refused as keys of a sender.
    signing_keys: usize,
    /// Signed tokens, refused as JWE.
    jws: usize,
    /// Of the JWE, those that are valid and were opened.
    read: usize,
    /// Invalid, and refused.
    refused: usize,
    /// The backend does not list the `alg` or the curve.
    gap: usize,
}

#[test]
fn json_web_crypto() {
    let Some(folder) = wycheproof::folder() else { return };
    // The valid tokens stand in this file too, with their plaintexts.
    let with_plaintexts = groups(&folder, "json_web_encryption_test.json", 139);
    let plaintext = |token: &Value| {
        let mut tests = with_plaintexts.iter().flat_map(wycheproof::tests);
        hex(&tests.find(|test| test["jwe"] == *token).unwrap()["pt"])
    };
    let all = Crypto { signing_keys: 8, jws: 49, read: 2, refused: 32, gap: 0 };
    let ring = Crypto { signing_keys: 8, jws: 49, read: 1, refused: 16, gap: 17 };
    for (backend, expected) in backends().iter().copied().zip([&all, &all, &ring]) {
        let key = keys::recipient(backend, &keys::oct(32), Alg::Dir);
        let somebody = Decrypter::new(backend, [key], &[Enc::A256Gcm]).unwrap();
        let mut count = Crypto::default();
        for group in groups(&folder, "json_web_crypto_test.json", 83) {
            let private = &group["private"];
            let tests = wycheproof::tests(&group);
            if tests.iter().any(|test| test.get("jws").is_some()) {
                let list = private["keys"].as_array().cloned().unwrap_or(vec![private.clone()]);
                for key in &list {
                    assert_eq!(refusal(backend, key), "key_usage", "{}", group["comment"]);
                    count.signing_keys += 1;
                }
                for test in tests {
                    let code = somebody.decrypt(&token(&test["jws"])).unwrap_err().code();
                    assert_eq!(code, "segment_count", "{test}");
                    count.jws += 1;
                }
                continue;
            }
            let decrypter = match decrypter(backend, private) {
                Ok(decrypter) => decrypter,
                Err(code) => {
                    assert_eq!((code, lists(backend, private)), ("backend_gap", false));
                    count.gap += tests.len();
                    continue;
                }
            };
            for test in tests {
                let outcome = decrypter.decrypt(&token(&test["jwe"]));
                if wycheproof::verdict(test) == Verdict::Valid {
                    assert_eq!(*outcome.unwrap(), plaintext(&test["jwe"]), "{test} on {backend}");
                    count.read += 1;
                } else {
                    assert!(outcome.is_err(), "{test} on {backend}");
                    count.refused += 1;
                }
            }
        }
        say(format_args!("json_web_crypto_test.json on {backend}: {count:?}"));
        assert_eq!(count, *expected, "{backend}");
    }
}
