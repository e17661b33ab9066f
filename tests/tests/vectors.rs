//! Every token of the vector files, on every backend.
//!
//! Each is read as strictly as any other token: with the one key that it is for, bound to its `alg`,
//! by the `kid` that it names, accepting its `enc` alone. Compression and passwords are allowed
//! only where a token needs them, and each such token is refused first without.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

use std::collections::{BTreeMap, BTreeSet};

use jwe::{Alg, Backend, DecryptError, Decrypter, DecryptionKey, Direction, Enc, Jwk, Rejected};
use jwe_tests::capability::{backends, rsa_recipients};
use jwe_tests::skip::say;
use jwe_tests::vectors::{self, Vector};
use jwe_tests::{keys, reading};

/// How the tokens of one family of algorithms end on one backend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    /// Opened, with the right plaintext.
    read: usize,
    /// The backend lists the `alg`, the curve or the `enc` not, and says so.
    gap: usize,
    /// `RSA1_5`, which is refused for every key.
    refused: usize,
}

const fn read_all(read: usize) -> Count {
    Count { read, gap: 0, refused: 0 }
}

const fn with_gaps(read: usize, gap: usize) -> Count {
    Count { read, gap, refused: 0 }
}

const fn all_refused(refused: usize) -> Count {
    Count { read: 0, gap: 0, refused }
}

/// What a file's tokens need of the settings that are off.
#[derive(Debug, Default, PartialEq, Eq)]
struct Allowed {
    zip: usize,
    pbes2: usize,
}

fn run(backend: &'static Backend, vectors: &[Vector]) -> (BTreeMap<&'static str, Count>, Allowed) {
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    let mut allowed = Allowed::default();
    for vector in vectors {
        assert!(vector.is_good, "{}", vector.id);
        let name = vector.alg.as_deref().unwrap();
        let count = counts.entry(reading::family(name)).or_default();
        let Some(alg) = Alg::from_name(name) else {
            assert_eq!(name, "RSA1_5", "{}", vector.id);
            rsa1_5(backend, vector);
            count.refused += 1;
            continue;
        };
        if one(backend, vector, alg, &mut allowed) {
            count.read += 1;
        } else {
            count.gap += 1;
        }
    }
    (counts, allowed)
}

/// Reads one token; `false` for a gap of the backend.
fn one(backend: &'static Backend, vector: &Vector, alg: Alg, allowed: &mut Allowed) -> bool {
    let id = &vector.id;
    let enc = Enc::from_name(vector.enc.as_deref().unwrap()).unwrap();
    let curve = reading::key(vector).unwrap().curve();
    let listed = reading::lists_key(backend, Direction::Decrypt, alg, curve)
        && reading::lists_content(backend, enc);
    let decrypter = match reading::decrypter(backend, vector, alg, &[enc]) {
        Ok(decrypter) => decrypter,
        Err(("backend_gap", gap)) => {
            assert!(!listed, "{id}: {gap}");
            assert!(gap.contains(&backend.name()), "{gap}");
            return false;
        }
        Err((_, error)) => panic!("{id}: {error}"),
    };
    assert!(listed, "{id}");
    let zip = vector.zip.is_some().then_some("zip_not_allowed");
    let pbes2 = alg.is_pbes2().then_some("pbes2_not_allowed");
    if let Some(code) = zip.or(pbes2) {
        assert_eq!(reading::open(&decrypter, &vector.jwe).err(), Some(code), "{id}");
    }
    allowed.zip += usize::from(zip.is_some());
    allowed.pbes2 += usize::from(pbes2.is_some());
    let plaintext = reading::open(&reading::allow_all(decrypter), &vector.jwe);
    let plaintext = plaintext.unwrap_or_else(|code| panic!("{id}: {code}"));
    assert_eq!(*plaintext, vector.plaintext(backend), "{id}");
    true
}

/// A token of `RSA1_5` ends before any key operation, whatever its key is bound to.
fn rsa1_5(backend: &'static Backend, vector: &Vector) {
    let jwk = reading::key(vector).unwrap();
    for alg in Alg::ALL.iter().copied().filter(|alg| alg.is_rsa()) {
        let options = reading::key_options(vector, &jwk, alg);
        // A backend without private RSA keys is asked as one whose key is held elsewhere.
        let key = DecryptionKey::import(backend, &jwk, &options).or_else(|error| {
            assert_eq!(error.code(), "backend_gap", "{}", vector.id);
            DecryptionKey::held_elsewhere(backend, &jwk.to_public().unwrap(), &options)
        });
        let accepted = jwe_tests::capability::encs(backend);
        let enc = Enc::from_name(vector.enc.as_deref().unwrap()).unwrap();
        let expected =
            if accepted.contains(&enc) { "alg_not_accepted" } else { "enc_not_accepted" };
        let decrypter = Decrypter::new(backend, [key.unwrap()], &accepted).unwrap();
        let code = reading::open(&reading::allow_all(decrypter), &vector.jwe).err();
        assert_eq!(code, Some(expected), "{} with a key for {alg}", vector.id);
    }
}

fn check(name: &str, vectors: &[Vector], expected: [(&[(&str, Count)], Allowed); 3]) {
    for (backend, (counts, allowed)) in backends().iter().copied().zip(expected) {
        let found = run(backend, vectors);
        for (family, count) in &found.0 {
            say(format_args!("{name} on {backend}: {family} {count:?}"));
        }
        let total = |part: fn(&Count) -> usize| found.0.values().map(part).sum::<usize>();
        say(format_args!(
            "{name} on {backend}: {} read, {} gaps, {} refused, {} with zip, {} with a password",
            total(|count| count.read),
            total(|count| count.gap),
            total(|count| count.refused),
            found.1.zip,
            found.1.pbes2,
        ));
        let expected: BTreeMap<&str, Count> = counts.iter().copied().collect();
        assert_eq!(found, (expected, allowed), "{name} on {backend}");
    }
}

#[test]
fn the_tokens_of_the_rfcs() {
    let complete: &[_] = &[
        ("RSA-OAEP", read_all(7)),
        ("RSA1_5", all_refused(6)),
        ("AES-KW", read_all(15)),
        ("AES-GCMKW", read_all(4)),
        ("ECDH-ES", read_all(2)),
        ("ECDH-ES+AES-KW", read_all(4)),
        ("PBES2", read_all(4)),
        ("dir", read_all(2)),
    ];
    let ring: &[_] = &[
        ("RSA-OAEP", with_gaps(0, 7)),
        ("RSA1_5", all_refused(6)),
        ("AES-KW", read_all(15)),
        ("AES-GCMKW", read_all(4)),
        ("ECDH-ES", with_gaps(0, 2)),
        ("ECDH-ES+AES-KW", with_gaps(0, 4)),
        ("PBES2", read_all(4)),
        ("dir", read_all(2)),
    ];
    let allowed = || Allowed { zip: 3, pbes2: 4 };
    check(
        "RFC 7516, RFC 7517 and RFC 7520",
        vectors::rfc(),
        [(complete, allowed()), (complete, allowed()), (ring, allowed())],
    );
}

#[test]
fn the_tokens_of_peers() {
    let complete: &[_] = &[
        ("RSA-OAEP", read_all(125)),
        ("RSA1_5", all_refused(9)),
        ("AES-KW", read_all(57)),
        ("AES-GCMKW", read_all(55)),
        ("ECDH-ES", read_all(64)),
        ("ECDH-ES+AES-KW", read_all(216)),
        ("PBES2", read_all(55)),
        ("dir", read_all(25)),
    ];
    // A192GCM and A192GCMKW are gaps too.
    let ring: &[_] = &[
        ("RSA-OAEP", with_gaps(0, 125)),
        ("RSA1_5", all_refused(9)),
        ("AES-KW", with_gaps(49, 8)),
        ("AES-GCMKW", with_gaps(33, 22)),
        ("ECDH-ES", with_gaps(0, 64)),
        ("ECDH-ES+AES-KW", with_gaps(0, 216)),
        ("PBES2", with_gaps(45, 10)),
        ("dir", with_gaps(22, 3)),
    ];
    check(
        "peers",
        vectors::peers(),
        [
            (complete, Allowed { zip: 5, pbes2: 55 }),
            (complete, Allowed { zip: 5, pbes2: 55 }),
            (ring, Allowed { zip: 0, pbes2: 45 }),
        ],
    );
}

/// What the files are said to hold in their README.
#[test]
fn the_files_hold_what_is_written_about_them() {
    let count = |vectors: &[Vector], part: &dyn Fn(&Vector) -> String| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for vector in vectors {
            *counts.entry(part(vector)).or_default() += 1;
        }
        counts.into_iter().collect::<Vec<_>>()
    };
    let expect = |counts: &[(&str, usize)]| {
        counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect::<Vec<_>>()
    };
    let serialization = |vector: &Vector| {
        assert_eq!(vector.jwe.starts_with('{'), vector.serialization != "compact");
        vector.serialization.clone()
    };
    assert_eq!(
        count(vectors::rfc(), &serialization),
        expect(&[("compact", 14), ("flattened", 14), ("general", 16)])
    );
    assert_eq!(
        count(vectors::peers(), &serialization),
        expect(&[("compact", 592), ("flattened", 4), ("general", 10)])
    );
    assert_eq!(
        count(vectors::peers(), &|vector| vector.source.clone()),
        expect(&[
            ("Nimbus JOSE+JWT 10.4", 114),
            ("jose 11 (Debian, latchset)", 74),
            ("jose 6.2.17 (npm, panva/jose)", 118),
            ("jose-jwe-jws 0.2.2 (npm, js-jose)", 21),
            ("joserfc 1.8.0 (PyPI)", 100),
            ("jwcrypto 1.6.1 (PyPI)", 96),
            ("node-jose 2.2.0 (npm)", 83),
        ])
    );
    let mut sections: Vec<String> =
        vectors::rfc().iter().map(|vector| vector.source.clone()).collect();
    sections.dedup();
    assert_eq!(sections.len(), 5 + 13 + 1 + 1, "{sections:?}");

    let both = || vectors::rfc().iter().chain(vectors::peers());
    let pair = |vector: &Vector| (vector.alg.clone().unwrap(), vector.enc.clone().unwrap());
    let found: BTreeSet<_> = both().map(pair).collect();
    let name = |(alg, enc): (&Alg, &Enc)| (alg.name().to_owned(), enc.name().to_owned());
    let all = Alg::ALL.iter().flat_map(|alg| Enc::ALL.iter().map(move |enc| (alg, enc)));
    let missing: BTreeSet<_> = all.map(name).filter(|pair| !found.contains(pair)).collect();
    let expected = [
        (&Alg::RsaOaep384, &Enc::A192CbcHs384),
        (&Alg::RsaOaep384, &Enc::A256Gcm),
        (&Alg::RsaOaep512, &Enc::A128Gcm),
        (&Alg::RsaOaep512, &Enc::A256CbcHs512),
    ];
    assert_eq!(missing, expected.into_iter().map(name).collect());

    let on_curve = |vector: &Vector| {
        let curve = reading::key(vector).unwrap().curve()?;
        Some((reading::family(vector.alg.as_deref()?), curve.name()))
    };
    let curves: BTreeSet<_> = both().filter_map(on_curve).collect();
    assert_eq!(curves.len(), 2 * 4, "both families on every curve: {curves:?}");
}

/// One recipient with all of the peers' RSA keys: each token is for the key that it names, and for
/// no other.
#[test]
fn a_token_is_for_the_key_that_it_names() {
    let alg = Alg::RsaOaep256;
    let tokens: Vec<&Vector> = vectors::peers()
        .iter()
        .filter(|vector| vector.alg.as_deref() == Some(alg.name()) && vector.zip.is_none())
        .filter(|vector| vector.serialization == "compact")
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

/// A message for several recipients is opened by each of them that has a key here, whatever the
/// algorithms of the others are, and a recipient with the keys of all opens it too.
#[test]
fn each_of_several_recipients_opens_a_message() {
    let vectors: Vec<&Vector> = vectors::rfc()
        .iter()
        .chain(vectors::peers())
        .filter(|vector| vector.flags.iter().any(|flag| flag == "multi-recipient"))
        .filter(|vector| vector.alg.as_deref() != Some("RSA1_5"))
        .collect();
    let mut messages: BTreeMap<&str, Vec<&Vector>> = BTreeMap::new();
    for vector in vectors {
        messages.entry(&vector.jwe).or_default().push(vector);
    }
    for backend in backends().iter().copied() {
        let (mut alone, mut together) = (0, 0);
        for (message, recipients) in &messages {
            let import = |vector: &&Vector| {
                let jwk = reading::key(vector).unwrap();
                let alg = Alg::from_name(vector.alg.as_deref().unwrap()).unwrap();
                let options = reading::key_options(vector, &jwk, alg);
                match DecryptionKey::import(backend, &jwk, &options) {
                    Ok(key) => Some(key),
                    Err(error) => {
                        assert_eq!(error.code(), "backend_gap", "{}", vector.id);
                        None
                    }
                }
            };
            let keys: Vec<DecryptionKey> = recipients.iter().filter_map(import).collect();
            let enc = Enc::from_name(recipients[0].enc.as_deref().unwrap()).unwrap();
            let plaintext = recipients[0].plaintext(backend);
            for key in &keys {
                let one = Decrypter::new(backend, [key.clone()], &[enc]).unwrap();
                assert_eq!(*reading::open(&one, message).unwrap(), plaintext);
                alone += 1;
            }
            if keys.len() > 1 {
                let all = Decrypter::new(backend, keys, &[enc]).unwrap();
                assert_eq!(*reading::open(&all, message).unwrap(), plaintext);
                together += 1;
            }
        }
        say(format_args!(
            "{} messages for several on {backend}: opened {alone} times by one, {together} by several",
            messages.len()
        ));
        let keys = [(13, 5), (13, 5), (6, 0)];
        let at = backends().iter().position(|other| other.name() == backend.name()).unwrap();
        assert_eq!((alone, together), keys[at], "{backend}");
    }
}
