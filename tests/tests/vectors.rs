//! Every token of the vector files, on every backend.
//!
//! Each good token names the `kid` of its key or none at all, so that they are read as strictly as
//! any other; only for the tokens that are refused anyway is the `kid` ignored, so that it is not
//! the reason.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

use std::collections::{BTreeMap, BTreeSet};

use jwe::{
    Alg, Backend, DecryptError, Decrypter, DecryptionKey, Direction, Enc, ImportError, Jwk,
    KeyMaterial, KeyOptions, Rejected, SetupError,
};
use jwe_tests::capability::{backends, lists, rsa_recipients};
use jwe_tests::keys;
use jwe_tests::skip::say;
use jwe_tests::vectors::{self, Vector};

/// How the tokens of a file end on one backend.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    /// Opened, with the right plaintext.
    read: usize,
    /// The backend does not list the `alg` or the `enc`.
    gap: usize,
    /// Compressed, which is not allowed.
    zip: usize,
}

/// The decrypter for a vector, or the gap of the backend.
fn decrypter(backend: &'static Backend, vector: &Vector) -> Result<Decrypter, String> {
    let alg = Alg::from_name(vector.alg.as_deref().unwrap()).unwrap();
    let enc = Enc::from_name(vector.enc.as_deref().unwrap()).unwrap();
    let jwk = Jwk::from_json(vector.key.to_string().as_bytes()).unwrap();
    // The peers' keys name no alg; those of RFC 7520 name the right one.
    let key = match DecryptionKey::import(backend, &jwk, &KeyOptions::new().with_alg(alg)) {
        Ok(key) => key,
        Err(ImportError::Gap(gap)) => return Err(gap.to_string()),
        Err(error) => panic!("{}: {error}", vector.id),
    };
    match Decrypter::new(backend, [key], &[enc]) {
        Ok(decrypter) => Ok(decrypter),
        Err(SetupError::Gap(gap)) => Err(gap.to_string()),
        Err(error) => panic!("{}: {error}", vector.id),
    }
}

fn run(backend: &'static Backend, vectors: &[Vector]) -> Count {
    let mut count = Count::default();
    for vector in vectors {
        assert!(vector.is_good, "{}", vector.id);
        let alg = Alg::from_name(vector.alg.as_deref().unwrap()).unwrap();
        let enc = Enc::from_name(vector.enc.as_deref().unwrap()).unwrap();
        let decrypter = match decrypter(backend, vector) {
            Ok(decrypter) => decrypter,
            Err(gap) => {
                assert!(!lists(backend, Direction::Decrypt, alg, enc), "{}: {gap}", vector.id);
                assert!(gap.contains(&backend.name()), "{gap}");
                count.gap += 1;
                continue;
            }
        };
        assert!(lists(backend, Direction::Decrypt, alg, enc), "{}", vector.id);
        let outcome = decrypter.decrypt(&vector.jwe);
        if vector.zip.is_some() {
            assert_eq!(outcome, Err(DecryptError::Rejected(Rejected::Zip)), "{}", vector.id);
            count.zip += 1;
        } else {
            let plaintext = outcome.unwrap_or_else(|error| panic!("{}: {error}", vector.id));
            assert_eq!(*plaintext, vector.plaintext(backend), "{}", vector.id);
            count.read += 1;
        }
    }
    count
}

fn check(name: &str, vectors: &[Vector], expected: [Count; 3]) {
    for (backend, expected) in backends().iter().copied().zip(expected) {
        let count = run(backend, vectors);
        say(format_args!("{name} on {backend}: {count:?}"));
        assert_eq!(count, expected, "{name} on {backend}");
    }
}

#[test]
fn the_tokens_of_the_rfcs() {
    check(
        "RFC 7516 and RFC 7520",
        vectors::rfc(),
        [
            Count { read: 4, gap: 0, zip: 0 },
            Count { read: 4, gap: 0, zip: 0 },
            Count { read: 1, gap: 3, zip: 0 },
        ],
    );
}

#[test]
fn the_tokens_of_peers() {
    check(
        "peers",
        vectors::peers(),
        [
            Count { read: 140, gap: 0, zip: 5 },
            Count { read: 140, gap: 0, zip: 5 },
            Count { read: 22, gap: 123, zip: 0 },
        ],
    );
}

/// What the files are said to hold in their README: of `alg` and `enc` in pairs, all but four.
#[test]
fn the_good_tokens_have_these_pairs() {
    let pair = |vector: &Vector| {
        (
            Alg::from_name(vector.alg.as_deref().unwrap()).unwrap().name(),
            Enc::from_name(vector.enc.as_deref().unwrap()).unwrap().name(),
        )
    };
    let found: BTreeSet<_> = vectors::rfc().iter().chain(vectors::peers()).map(pair).collect();
    let all = Alg::ALL.iter().flat_map(|alg| Enc::ALL.iter().map(|enc| (alg.name(), enc.name())));
    let missing: BTreeSet<_> = all.filter(|pair| !found.contains(pair)).collect();
    let expected = BTreeSet::from([
        ("RSA-OAEP-384", "A192CBC-HS384"),
        ("RSA-OAEP-384", "A256GCM"),
        ("RSA-OAEP-512", "A128GCM"),
        ("RSA-OAEP-512", "A256CBC-HS512"),
    ]);
    assert_eq!((found.len(), missing), (26, expected));
}

/// Likewise of the tokens that are refused, apart by their serialization.
#[test]
fn the_refused_tokens_have_these_algs() {
    let (json, compact): (Vec<_>, Vec<_>) =
        vectors::refused().iter().partition(|vector| vector.jwe.starts_with('{'));
    let algs = |vectors: &[&Vector]| -> BTreeSet<String> {
        vectors.iter().map(|vector| vector.alg.clone().unwrap()).collect()
    };
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(algs(&json), set(&["RSA-OAEP", "RSA-OAEP-256", "dir"]));
    let others: BTreeSet<String> = set(&[
        "RSA1_5",
        "A128KW",
        "A192KW",
        "A256KW",
        "A128GCMKW",
        "A192GCMKW",
        "A256GCMKW",
        "ECDH-ES",
        "ECDH-ES+A128KW",
        "ECDH-ES+A192KW",
        "ECDH-ES+A256KW",
        "PBES2-HS256+A128KW",
        "PBES2-HS384+A192KW",
        "PBES2-HS512+A256KW",
    ]);
    assert_eq!(algs(&compact), others);
    assert_eq!((json.len(), compact.len()), (9, 20));
}

/// One recipient with all of the peers' RSA keys: each token is for the key that it names, and for
/// no other.
#[test]
fn a_token_is_for_the_key_that_it_names() {
    let alg = Alg::RsaOaep256;
    let tokens: Vec<&Vector> = vectors::peers()
        .iter()
        .filter(|vector| vector.alg.as_deref() == Some(alg.name()) && vector.zip.is_none())
        .collect();
    // By their kid, each once.
    let texts: BTreeMap<&str, String> = tokens
        .iter()
        .map(|vector| (vector.key["kid"].as_str().unwrap(), vector.key.to_string()))
        .collect();
    for backend in rsa_recipients() {
        let key = |text: &String| {
            keys::recipient(backend, &Jwk::from_json(text.as_bytes()).unwrap(), alg)
        };
        let all = Decrypter::new(backend, texts.values().map(key), Enc::ALL).unwrap();
        let (mut read, mut refused) = (0, 0);
        for vector in &tokens {
            let plaintext = vector.plaintext(backend);
            assert_eq!(*all.decrypt(&vector.jwe).unwrap(), plaintext, "{}", vector.id);
            read += 1;
        }
        for (kid, text) in &texts {
            let one = Decrypter::new(backend, [key(text)], Enc::ALL).unwrap();
            for vector in tokens.iter().filter(|vector| vector.key["kid"] != *kid) {
                let error = one.decrypt(&vector.jwe).unwrap_err();
                assert_eq!(error, DecryptError::Rejected(Rejected::UnknownKid), "{}", vector.id);
                refused += 1;
            }
        }
        say(format_args!("{} keys on {backend}: {read} read, {refused} refused", texts.len()));
        assert_eq!((texts.len(), read, refused), (3, 86, 172));
    }
}

/// Good tokens with algorithms that are not of this project, and with the other serializations.
/// Nobody gets as far as a key operation, whatever key is tried.
#[test]
fn everything_else_is_refused() {
    let mut by_key = 0;
    let mut by_token = 0;
    for backend in backends().iter().copied() {
        for vector in vectors::refused() {
            let jwk = match Jwk::from_json(vector.key.to_string().as_bytes()) {
                Ok(jwk) => jwk,
                Err(error) => {
                    // An elliptic curve key, or a password, which is no key at all.
                    let expected = if vector.key.get("password").is_some() {
                        "key_missing_member"
                    } else {
                        "key_unsupported"
                    };
                    assert_eq!(error.code(), expected, "{}", vector.id);
                    by_key += 1;
                    continue;
                }
            };
            for alg in Alg::ALL {
                if alg.is_rsa() != (jwk.kty() == "RSA")
                    || backend.decryption_key_import(*alg).is_err()
                {
                    continue;
                }
                // What its key is labelled with is not looked at, so that the token itself is.
                let options = KeyOptions::new().with_alg(*alg).ignore_declared_usage();
                let key = DecryptionKey::import(backend, &jwk, &options).unwrap();
                let accepted = jwe_tests::capability::encs(backend);
                let decrypter = match Decrypter::new(backend, [key], &accepted) {
                    Ok(decrypter) => decrypter.ignore_kid(),
                    Err(error) => {
                        // A key for wrapping that is as long as no CEK.
                        assert_eq!(error.code(), "setup_cek_length", "{}", vector.id);
                        let KeyMaterial::Oct(oct) = jwk.material() else { panic!("not oct") };
                        let len = oct.as_bytes().len();
                        assert!(!accepted.iter().any(|enc| enc.cek_len() == len));
                        by_key += 1;
                        continue;
                    }
                };
                let code = decrypter.decrypt(&vector.jwe).unwrap_err().code();
                let expected = if vector.jwe.starts_with('{') {
                    "segment_count"
                } else if vector.zip.is_some() {
                    "zip_not_allowed"
                } else if !accepted.iter().any(|enc| Some(enc.name()) == vector.enc.as_deref()) {
                    "enc_not_accepted"
                } else {
                    "alg_not_accepted"
                };
                assert_eq!(code, expected, "{} with a key for {alg}", vector.id);
                by_token += 1;
            }
        }
    }
    say(format_args!("refused: {by_key} by the key, {by_token} by the token"));
    assert_eq!((by_key, by_token), (23, 134));
}
