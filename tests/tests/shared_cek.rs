//! One CEK for the messages of one document: each is a message of its own to every backend, and a
//! recipient that unwraps equal encrypted keys once says the same as one that does not.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

use std::collections::{HashMap, HashSet};

use jwe::{
    Alg, Backend, Curve, DecryptError, Decrypter, Direction, Enc, Encrypter, Jwk, Limits,
    SharedCekMemory, UnwrappedMemory,
};
use jwe_tests::capability::backends;
use jwe_tests::parts::Parts;
use jwe_tests::skip::say;
use jwe_tests::{base64url, keys, random};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

const ITERATIONS: u32 = 1000;

/// The most bytes of a plaintext that was compressed.
const MAX_INFLATED: usize = 2000;

/// Values of one document, of which two are the same.
const VALUES: [&[u8]; 4] = [b"john", b"", b"john", &[b'x'; 1000]];

fn encrypter(
    backend: &'static Backend,
    jwk: &Jwk,
    alg: Alg,
    enc: Enc,
    compress: bool,
) -> Encrypter {
    let key = keys::sender(backend, jwk, alg);
    let builder = Encrypter::builder(backend, &key, enc).with_iterations(ITERATIONS);
    if compress { builder.compress() } else { builder }.build().unwrap()
}

fn decrypter(backend: &'static Backend, jwk: &Jwk, alg: Alg, enc: Enc) -> Decrypter {
    let key = keys::recipient(backend, jwk, alg);
    let decrypter = Decrypter::new(backend, [key], &[enc]).unwrap();
    decrypter.allow_pbes2(ITERATIONS).allow_zip(MAX_INFLATED)
}

/// The tokens of one document, made in each way in turn.
fn document<'v>(
    encrypter: &Encrypter,
    memory: &mut SharedCekMemory,
    values: impl IntoIterator<Item = &'v [u8]>,
) -> Vec<String> {
    let mut shared = encrypter.share_cek(memory, VALUES.len()).unwrap();
    let tokens = values.into_iter().enumerate().map(|(at, value)| {
        let mut out = b"before".to_vec();
        if at % 2 == 0 {
            shared.encrypt_into(value, &mut out).unwrap();
        } else {
            let mut buffer = value.to_vec();
            shared.encrypt_in_place(&mut buffer, &mut out).unwrap();
            assert!(buffer.is_empty());
        }
        String::from_utf8(out).unwrap().strip_prefix("before").unwrap().to_owned()
    });
    tokens.collect()
}

/// What is common to the tokens of a document, and what is not.
fn check_document(tokens: &[String], what: &str) -> Vec<Parts> {
    let parts: Vec<Parts> = tokens.iter().map(|token| Parts::of(token)).collect();
    let mut ivs = HashSet::new();
    let mut tags = HashSet::new();
    for part in &parts {
        assert_eq!(part.header, parts[0].header, "{what}");
        assert_eq!(part.encrypted_key, parts[0].encrypted_key, "{what}");
        assert!(ivs.insert(part.iv.clone()), "{what}");
        assert!(tags.insert(part.tag.clone()), "{what}");
    }
    parts
}

/// Each key that goes with an algorithm of a backend that encrypts, each with every `enc`.
fn senders() -> Vec<(&'static Backend, Alg, Enc, Jwk)> {
    let mut senders = Vec::new();
    for backend in backends().iter().copied() {
        for alg in Alg::ALL.iter().copied() {
            for enc in Enc::ALL.iter().copied() {
                if backend.content_encryption(enc, Direction::Encrypt).is_err() {
                    continue;
                }
                let kinds = keys::of_every_kind(alg, enc).into_iter();
                let takes = |jwk: &Jwk| keys::takes(backend, Direction::Encrypt, alg, jwk);
                senders.extend(kinds.filter(takes).map(|jwk| (backend, alg, enc, jwk)));
            }
        }
    }
    senders
}

#[test]
fn every_recipient_reads_each_message() {
    let (mut memory, mut unwrapped) = (SharedCekMemory::default(), UnwrappedMemory::default());
    let mut decrypters = HashMap::new();
    let mut opened = 0;
    let senders = senders();
    for (backend, alg, enc, jwk) in &senders {
        for compress in [false, true] {
            let what = format!("{backend} {alg} {enc} {:?} {compress}", jwk.curve());
            let encrypter = encrypter(backend, jwk, *alg, *enc, compress);
            let tokens = document(&encrypter, &mut memory, VALUES);
            let parts = check_document(&tokens, &what);
            let direct = matches!(alg, Alg::Dir | Alg::EcdhEs);
            assert_eq!(parts[0].encrypted_key.is_empty(), direct, "{what}");
            for consumer in backends().iter().copied() {
                if !keys::takes(consumer, Direction::Decrypt, *alg, jwk)
                    || consumer.content_encryption(*enc, Direction::Decrypt).is_err()
                {
                    continue;
                }
                let what = format!("{what} to {consumer}");
                let decrypter = decrypters
                    .entry((consumer.name(), *alg, *enc, jwk.curve()))
                    .or_insert_with(|| decrypter(consumer, jwk, *alg, *enc));
                let mut once = decrypter.unwrapping_once(&mut unwrapped);
                for (token, value) in tokens.iter().zip(VALUES) {
                    assert_eq!(*decrypter.decrypt(token).unwrap(), value, "{what}");
                    let mut out = b"before".to_vec();
                    once.decrypt_into(token, &mut out).unwrap();
                    assert_eq!(out.strip_prefix(b"before"), Some(value), "{what}");
                    opened += 1;
                }
                // The parts of two messages make none, although the CEK is the same.
                for (other, part) in [
                    Parts { iv: parts[1].iv.clone(), ..parts[0].clone() },
                    Parts { tag: parts[1].tag.clone(), ..parts[0].clone() },
                    Parts { ciphertext: parts[3].ciphertext.clone(), ..parts[0].clone() },
                ]
                .iter()
                .zip(["iv", "tag", "ciphertext"])
                {
                    let mut out = b"before".to_vec();
                    let outcome = once.decrypt_into(&other.token(), &mut out);
                    assert_eq!(outcome, Err(DecryptError::DecryptionFailed), "{what} {part}");
                    assert_eq!(out, b"before", "{what} {part}");
                    assert_eq!(decrypter.decrypt(&other.token()).map(|_| ()), outcome, "{what}");
                }
            }
        }
    }
    // With dir, RSA, AES-KW, AES-GCMKW, PBES2 and ECDH-ES on four curves, of which ring lacks one.
    // It also lacks the one of six enc that has 24 bytes, and AES-GCMKW with as many.
    let encs = 6 + 6 + 5;
    let curves = 3 * encs + (6 + 6);
    assert_eq!(senders.len(), encs * (1 + 4 + 3 + 2 + 3) + (6 + 6) + 4 * curves);
    say(format_args!("{} senders, {opened} messages opened in two ways", senders.len()));
}

/// Never across documents: only a key that is the CEK gives two documents the same.
#[test]
fn each_document_has_its_own_cek() {
    let mut memory = SharedCekMemory::default();
    for (backend, alg, enc, jwk) in senders() {
        if enc != Enc::A256Gcm {
            continue;
        }
        let encrypter = encrypter(backend, &jwk, alg, enc, false);
        let heads: HashSet<(String, String)> = (0..4)
            .map(|_| {
                let tokens = document(&encrypter, &mut memory, VALUES);
                let Parts { header, encrypted_key, .. } = Parts::of(&tokens[0]);
                (header, encrypted_key)
            })
            .collect();
        assert_eq!(heads.len(), if alg == Alg::Dir { 1 } else { 4 }, "{backend} {alg}");
        // What stands between two documents is not shared with them.
        let alone = Parts::of(&encrypter.encrypt(b"alone").unwrap());
        let known = heads.contains(&(alone.header, alone.encrypted_key));
        assert_eq!(known, alg == Alg::Dir, "{backend} {alg}");
    }
}

/// A token of the pool, and what is done to it.
#[derive(Clone, Debug)]
struct Step {
    token: usize,
    change: Change,
}

#[derive(Clone, Debug)]
enum Change {
    None,
    /// A part of another token.
    Part {
        part: usize,
        of: usize,
    },
    /// Another character somewhere in a part.
    Character {
        part: usize,
        at: prop::sample::Index,
        character: char,
    },
    /// The first so many characters of a part.
    Cut {
        part: usize,
        at: prop::sample::Index,
    },
    /// More at the end.
    Append(String),
    Other(String),
}

/// A change of each part as often as of each other, so that most of them leave the key as it is.
fn change() -> impl Strategy<Value = Change> {
    let part = || 0_usize..5;
    let character = prop_oneof![
        4 => prop::char::range('A', 'Z'),
        1 => prop::sample::select(vec!['-', '_', '+', '/', '=', '.', ' ', '\n', 'é']),
    ];
    prop_oneof![
        6 => Just(Change::None),
        4 => (part(), 0_usize..1000).prop_map(|(part, of)| Change::Part { part, of }),
        4 => (part(), any::<prop::sample::Index>(), character)
            .prop_map(|(part, at, character)| Change::Character { part, at, character }),
        2 => (part(), any::<prop::sample::Index>()).prop_map(|(part, at)| Change::Cut { part, at }),
        1 => prop::sample::select(vec!["A", "AA", "AAAA", ".", ".AAAA", "="])
            .prop_map(|text| Change::Append(text.to_owned())),
        1 => "[a-zA-Z.]{0,12}".prop_map(Change::Other),
    ]
}

/// Tokens that stand beside each other in the pool, so that many are of the same document.
fn steps() -> impl Strategy<Value = Vec<Step>> {
    let steps = prop::collection::vec((0_usize..6, change()), 1..16);
    (any::<prop::sample::Index>(), steps).prop_map(|(first, steps)| {
        let first = first.index(1000);
        steps.into_iter().map(|(at, change)| Step { token: first + at, change }).collect()
    })
}

fn part_of(parts: &mut Parts, part: usize) -> &mut String {
    match part {
        0 => &mut parts.header,
        1 => &mut parts.encrypted_key,
        2 => &mut parts.iv,
        3 => &mut parts.ciphertext,
        _ => &mut parts.tag,
    }
}

fn apply(step: &Step, pool: &[String]) -> String {
    let token = &pool[step.token % pool.len()];
    let mut parts = Parts::of(token);
    match &step.change {
        Change::None => {}
        Change::Part { part, of } => {
            let mut other = Parts::of(&pool[of % pool.len()]);
            *part_of(&mut parts, *part) = core::mem::take(part_of(&mut other, *part));
        }
        Change::Character { part, at, character } => {
            let text = part_of(&mut parts, *part);
            if !text.is_empty() {
                let at = at.index(text.len());
                text.replace_range(at..=at, &character.to_string());
            }
        }
        Change::Cut { part, at } => {
            let text = part_of(&mut parts, *part);
            text.truncate(at.index(text.len() + 1));
        }
        Change::Append(text) => return format!("{token}{text}"),
        Change::Other(text) => return text.clone(),
    }
    parts.token()
}

/// Keys with different names, for every sort of key management.
fn named_keys() -> Vec<(Alg, Jwk)> {
    let oct = |byte: u8, kid: &str| {
        let k = base64url::encode(&[byte; 32]);
        Jwk::from_json(format!(r#"{{"kty":"oct","kid":"{kid}","k":"{k}"}}"#).as_bytes()).unwrap()
    };
    let named = |jwk: Jwk, kid: &str| jwk.with_kid(kid).unwrap();
    vec![
        (Alg::A256Kw, oct(1, "a")),
        (Alg::A256Kw, oct(2, "b")),
        (Alg::A256GcmKw, oct(3, "c")),
        (Alg::Dir, oct(4, "d")),
        (Alg::Pbes2Hs256A128Kw, oct(5, "e")),
        (Alg::EcdhEs, named(keys::ec(Curve::P256), "f")),
        (Alg::EcdhEsA256Kw, named(keys::ec(Curve::X25519), "g")),
        (Alg::RsaOaep256, named(keys::rsa(2048), "h")),
    ]
}

/// Documents of two or three messages with each key, some compressed, some with another `enc`, and
/// some with a key that the recipient does not have.
fn pool(backend: &'static Backend) -> Vec<String> {
    let mut memory = SharedCekMemory::default();
    let mut pool = Vec::new();
    let keys = named_keys().into_iter().map(|(alg, jwk)| (alg, jwk, true));
    let strangers = [(Alg::A256Kw, keys::oct(32).with_kid("z").unwrap(), false)];
    // The name of a key, and another key.
    let wrong = [(Alg::A256Kw, keys::oct(32).with_kid("a").unwrap(), true)];
    for (alg, jwk, known) in keys.chain(strangers).chain(wrong) {
        for (enc, compress) in
            [(Enc::A256Gcm, false), (Enc::A256Gcm, true), (Enc::A128CbcHs256, false)]
        {
            if alg == Alg::Dir && enc == Enc::A128CbcHs256 || !known && compress {
                continue;
            }
            let encrypter = encrypter(backend, &jwk, alg, enc, compress);
            for _ in 0..2 {
                pool.extend(document(&encrypter, &mut memory, [VALUES[0], VALUES[1]]));
            }
            // Too much to inflate.
            let long = vec![b'x'; 2 * MAX_INFLATED];
            pool.extend(compress.then(|| encrypter.encrypt(&long).unwrap()));
        }
    }
    pool
}

/// The decrypters that a backend can make of the keys that it takes, under several policies.
fn decrypters(backend: &'static Backend) -> Vec<(&'static str, Decrypter)> {
    let takes = |(alg, jwk): &(Alg, Jwk)| keys::takes(backend, Direction::Decrypt, *alg, jwk);
    let keys: Vec<_> = named_keys()
        .into_iter()
        .filter(takes)
        .map(|(alg, jwk)| keys::recipient(backend, &jwk, alg))
        .collect();
    let encs = [Enc::A256Gcm, Enc::A128CbcHs256];
    let all = || Decrypter::new(backend, keys.clone(), &encs).unwrap();
    let lenient = || all().allow_pbes2(ITERATIONS).allow_zip(MAX_INFLATED);
    let mut twice = keys.clone();
    twice.extend([keys::recipient(backend, &keys::oct(32).with_kid("a").unwrap(), Alg::A256Kw)]);
    let trying = Decrypter::trying_keys(backend, twice, &encs).unwrap();
    vec![
        ("lenient", lenient()),
        ("strict", all()),
        ("one key", Decrypter::new(backend, [keys[0].clone()], &[Enc::A256Gcm]).unwrap()),
        ("any kid", Decrypter::new(backend, [keys[0].clone()], &encs).unwrap().ignore_kid()),
        ("short", lenient().with_limits(Limits::default().with_max_token_len(300))),
        ("short header", lenient().with_limits(Limits::default().with_max_header_len(45))),
        ("trying", trying.allow_pbes2(ITERATIONS).allow_zip(MAX_INFLATED)),
    ]
}

/// Whatever stands in a document, in whatever order: each verdict is that of a decrypter without
/// memory.
#[test]
fn a_memory_changes_no_verdict() {
    let (seed, cases) = (random::seed(), random::cases(150));
    let pool = pool(jwe::default_backend());
    let mut verdicts: HashMap<&str, usize> = HashMap::new();
    for backend in backends().iter().copied() {
        for (policy, decrypter) in decrypters(backend) {
            let mut memory = UnwrappedMemory::default();
            let config = Config {
                cases,
                rng_seed: RngSeed::Fixed(seed),
                failure_persistence: None,
                ..Config::default()
            };
            let (memory, verdicts) =
                (std::cell::RefCell::new(&mut memory), std::cell::RefCell::new(&mut verdicts));
            let outcome = TestRunner::new(config).run(&steps(), |steps| {
                let mut memory = memory.borrow_mut();
                let mut once = decrypter.unwrapping_once(&mut memory);
                for step in &steps {
                    let token = apply(step, &pool);
                    let (mut out, mut expected) = (b"before".to_vec(), b"before".to_vec());
                    let outcome = once.decrypt_into(&token, &mut out);
                    prop_assert_eq!(
                        outcome,
                        decrypter.decrypt_into(&token, &mut expected),
                        "{}",
                        token
                    );
                    prop_assert_eq!(out, expected);
                    let code = outcome.map_or_else(|error| error.code(), |()| "opened");
                    *verdicts.borrow_mut().entry(code).or_default() += 1;
                }
                Ok(())
            });
            if let Err(error) = outcome {
                panic!("{backend}, {policy}, seed {seed}: {error}");
            }
        }
    }
    // The mixture has all sorts.
    for code in ["opened", "decryption_failed", "base64url", "segment_count", "unknown_kid"] {
        assert!(verdicts.get(code).is_some_and(|count| *count > 20), "{code}: {verdicts:?}");
    }
    say(format_args!("{verdicts:?}"));
}

/// What is left of a CEK in the memory of the process.
#[cfg(target_os = "linux")]
mod remnants {
    use std::fs::{self, File};
    use std::io;
    use std::os::unix::fs::FileExt;
    use std::sync::OnceLock;

    use jwe::{
        Alg, Backend, BackendError, Decrypter, Enc, Encrypter, SharedCekMemory, UnwrappedMemory,
        Zeroizing,
    };
    use jwe_core::RandomSource;
    use jwe_tests::capability::backends;
    use jwe_tests::keys;
    use jwe_tests::skip::skipped;

    const MASK: u8 = 0x5a;
    const ENC: Enc = Enc::A256CbcHs512;

    /// Random bytes that the test knows, in a form that a search does not find.
    static MASKED: OnceLock<Vec<u8>> = OnceLock::new();

    struct Known;

    impl RandomSource for Known {
        fn fill(&self, dest: &mut [u8]) -> Result<(), BackendError> {
            let masked = MASKED.get_or_init(|| {
                let mut bytes = vec![0; 256];
                jwe::default_backend().random().fill(&mut bytes).unwrap();
                bytes
            });
            for (byte, masked) in dest.iter_mut().zip(masked.iter().cycle()) {
                *byte = masked ^ MASK;
            }
            Ok(())
        }
    }

    static KNOWN: Backend = Backend::new("known", &Known, |_| [0; 32]);
    static WITH_KNOWN: [OnceLock<Backend>; 3] = [const { OnceLock::new() }; 3];

    /// How often the middle of the CEK stands in the memory that the process can write. Its first 16
    /// bytes may be overwritten by the allocator and prove nothing.
    fn copies() -> io::Result<usize> {
        let needle = MASKED.get().map_or(&[][..], |masked| &masked[24..40]);
        let maps = fs::read_to_string("/proc/self/maps")?;
        let memory = File::open("/proc/self/mem")?;
        // Wiped, as it holds what was found.
        let mut chunk = Zeroizing::new(vec![0; 1 << 20]);
        let own = chunk.as_ptr() as u64..chunk.as_ptr() as u64 + (1 << 20);
        let mut found = 0;
        for line in maps.lines().filter(|line| line.contains(" rw-p ")) {
            let (low, high) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
            let mut at = u64::from_str_radix(low, 16).unwrap();
            let end = u64::from_str_radix(high, 16).unwrap();
            while at < end {
                let len = usize::try_from((end - at).min(chunk.len() as u64)).unwrap();
                let part = &mut chunk[..len];
                // A mapping of another thread may be gone by now.
                if memory.read_exact_at(part, at).is_ok() {
                    found += (0..len.saturating_sub(needle.len()))
                        .filter(|offset| !own.contains(&(at + *offset as u64)))
                        .filter(|offset| part[*offset] ^ MASK == needle[0])
                        .filter(|offset| {
                            let window = &part[*offset..offset + needle.len()];
                            window.iter().zip(needle).all(|(a, b)| a ^ MASK == *b)
                        })
                        .count();
                }
                at += len as u64;
            }
        }
        Ok(found)
    }

    #[test]
    fn the_cek_is_wiped_with_the_document() {
        KNOWN.random().fill(&mut [0]).unwrap();
        match copies() {
            Ok(found) => assert_eq!(found, 0),
            Err(error) => {
                return skipped(format_args!("the process can't read its own memory: {error}"));
            }
        }
        for (backend, composed) in backends().iter().copied().zip(&WITH_KNOWN) {
            let backend = composed.get_or_init(|| KNOWN.or(backend));
            let jwk = keys::oct(32);
            let sender = keys::sender(backend, &jwk, Alg::A256Kw);
            let encrypter = Encrypter::new(backend, &sender, ENC).unwrap();
            let mut memory = SharedCekMemory::default();
            let mut tokens = Vec::new();
            let mut shared = encrypter.share_cek(&mut memory, 3).unwrap();
            for _ in 0..3 {
                let mut token = Vec::new();
                shared.encrypt_into(b"text", &mut token).unwrap();
                tokens.push(String::from_utf8(token).unwrap());
            }
            // In its one place, where the search finds it.
            assert_eq!(copies().unwrap(), 1, "{backend}: while it is shared");
            drop(shared);
            assert_eq!(copies().unwrap(), 0, "{backend}: shared");

            let recipient = keys::recipient(backend, &jwk, Alg::A256Kw);
            let decrypter = Decrypter::new(backend, [recipient], &[ENC]).unwrap();
            let mut memory = UnwrappedMemory::default();
            let mut once = decrypter.unwrapping_once(&mut memory);
            let mut out = Vec::new();
            // Others before and behind it, so that the memory grows and moves.
            let (head, rest) = tokens[0].split_once('.').unwrap();
            let wrong = |at: u8| {
                let letter = char::from(b'B' + at);
                format!("{head}.{letter}{}", &rest[1..])
            };
            for at in 0..20 {
                // What takes the place of a CEK that can't be unwrapped is random, and so the known
                // one here, with which the message opens.
                once.decrypt_into(&wrong(at), &mut out).unwrap();
            }
            for token in &tokens {
                once.decrypt_into(token, &mut out).unwrap();
            }
            assert!(copies().unwrap() >= 20, "{backend}: while it is remembered");
            drop(once);
            assert_eq!(copies().unwrap(), 0, "{backend}: remembered");
        }
    }
}
