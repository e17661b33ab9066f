//! The tokens of others, decrypted by the command with every backend that is built in: those of the
//! vector files that the tests across the backends read (`tests/vectors` of the workspace, described
//! there), and where they are given those of `JWE_PUBLISHED_VECTORS` and of `WYCHEPROOF_DIR`.
//!
//! Each backend's tokens are a test of their own, so that they run side by side.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{Write, stderr};
use std::path::PathBuf;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::support::{Ended, Place, backends, base64url, skipped};

const RFC: &str = include_str!("../../../../tests/vectors/rfc.jsonl");
const PEERS: &str = include_str!("../../../../tests/vectors/peers.jsonl");

/// How the tokens of a file end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    /// Decrypted, to the right plaintext.
    read: usize,
    /// Refused, as it is stated.
    refused: usize,
    /// Refused although it is good: `RSA1_5`, and keys of zeros.
    only_here: usize,
    /// The backend does not list the `alg`, the curve or the `enc`, and the error says so.
    gap: usize,
}

const fn count(read: usize, refused: usize, only_here: usize, gap: usize) -> Count {
    Count { read, refused, only_here, gap }
}

/// The family of an `alg`, by which tokens are counted.
fn family(alg: &str) -> &'static str {
    match alg {
        "" => "unreadable",
        "RSA1_5" => "RSA1_5",
        "dir" => "dir",
        "ECDH-ES" => "ECDH-ES",
        _ if alg.starts_with("RSA-OAEP") => "RSA-OAEP",
        _ if alg.starts_with("ECDH-ES+") => "ECDH-ES+AES-KW",
        _ if alg.starts_with("PBES2-") => "PBES2",
        _ if alg.ends_with("GCMKW") => "AES-GCMKW",
        _ if alg.ends_with("KW") => "AES-KW",
        _ => panic!("{alg} is of no family"),
    }
}

fn say(line: impl Display) {
    let _ = stderr().lock().write_all(format!("{line}\n").as_bytes());
}

/// Standard output, or the code of the error.
fn outcome(ended: Ended) -> Result<Vec<u8>, String> {
    if ended.code == Some(0) {
        return Ok(ended.ok());
    }
    let code = ended.stderr.split_once("error[").and_then(|(_, rest)| rest.split_once(']'));
    let code = code.unwrap_or_else(|| panic!("{:?}: {}", ended.args, ended.stderr)).0.to_owned();
    ended.refused(&code);
    Err(code)
}

/// The header of the recipient that a vector is for; empty where there is none that can be read.
fn header(vector: &Value) -> Map<String, Value> {
    let decode = |text: &str| serde_json::from_slice(&base64url::decode(text)).unwrap_or_default();
    let Some(object) = vector["jwe"].as_object() else {
        return decode(vector["jwe"].as_str().unwrap().split('.').next().unwrap());
    };
    let mut all: Map<String, Value> =
        object.get("protected").map(|text| decode(text.as_str().unwrap())).unwrap_or_default();
    let flags = vector["flags"].as_array().map(Vec::as_slice).unwrap_or_default();
    let number = |flag: &Value| flag.as_str()?.strip_prefix("key-of-recipient-")?.parse().ok();
    let at: usize = flags.iter().find_map(number).unwrap_or(0);
    let recipient = object.get("recipients").map(|recipients| &recipients[at]);
    for part in
        [object.get("unprotected"), object.get("header"), recipient.map(|one| &one["header"])]
    {
        all.extend(part.and_then(Value::as_object).cloned().into_iter().flatten());
    }
    all
}

/// Checks the plaintext, where the file has it.
fn check_plaintext(vector: &Value, plaintext: &[u8]) {
    if let Some(text) = vector["plaintext_b64u"].as_str() {
        assert_eq!(plaintext, base64url::decode(text), "{}", vector["id"]);
    } else if let Some(sha256) = vector["plaintext_sha256"].as_str() {
        let digest = Sha256::digest(plaintext);
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, sha256, "{}", vector["id"]);
    }
}

/// Decrypts the vectors of a file as they are meant: each with its key, its `alg`, its `enc` and its
/// serialization, and allowing nothing that it does not need.
fn run(backend: &str, vectors: &str) -> BTreeMap<&'static str, Count> {
    let place = Place::new();
    let mut keys: BTreeMap<String, String> = BTreeMap::new();
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    for line in vectors.lines() {
        let vector: Value = serde_json::from_str(line).unwrap();
        let id = &vector["id"];
        let key = &vector["key"];
        let count = counts.entry(family(vector["alg"].as_str().unwrap_or_default())).or_default();
        let password = key["password"].as_str();
        let content = password.map_or_else(|| key.to_string(), |password| format!("{password}\n"));
        let next = format!("key-{}", keys.len());
        let file = keys.entry(content).or_insert_with_key(|content| {
            place.write_secret(&next, content);
            next
        });
        let option = if password.is_some() { "password-file" } else { "key" };
        // What this project has no name for is bound to something that the key can be for.
        let alg = match vector["alg"].as_str() {
            Some(alg) if alg != "RSA1_5" => alg,
            _ => "RSA-OAEP-256",
        };
        let enc = vector["enc"].as_str().filter(|enc| !enc.contains('+')).unwrap_or("A256GCM");
        let serialization = vector["serialization"].as_str().unwrap();
        let mut command = place.jwe(&format!(
            "decrypt --backend {backend} --{option} {file} --alg {alg} --enc {enc} \
             --serialization {serialization}"
        ));
        if let (Some(kid), true) =
            (header(&vector).get("kid"), key["kid"].is_null() || password.is_some())
        {
            command = command.arg("--kid").arg(kid.as_str().unwrap());
        }
        if vector["zip"] == "DEF" {
            command = command.arg("--zip");
        }
        if password.is_some() {
            command = command.arg("--allow-pbes2=100000");
        }
        let token = vector["jwe"].as_str().map_or_else(|| vector["jwe"].to_string(), str::to_owned);
        let is_good = vector["expect"] == "ok";
        match outcome(command.stdin(token).run()) {
            Ok(plaintext) => {
                assert!(is_good && vector["alg"] != "RSA1_5", "{id}");
                check_plaintext(&vector, &plaintext);
                count.read += 1;
            }
            Err(code) if code == "backend_gap" => count.gap += 1,
            Err(_) if !is_good => count.refused += 1,
            Err(code) => {
                let expected =
                    if vector["alg"] == "RSA1_5" { "alg_not_accepted" } else { "key_weak" };
                assert_eq!(code, expected, "{id} on {backend}");
                count.only_here += 1;
            }
        }
    }
    counts
}

/// Whether the backend is built in.
fn is_there(backend: &str) -> bool {
    let is_there = backends(&Place::new()).iter().any(|name| name == backend);
    if !is_there {
        skipped(&format!("the backend {backend} is not built in"));
    }
    is_there
}

fn check(name: &str, backend: &str, vectors: &str, expected: &[(&'static str, Count)]) {
    if is_there(backend) {
        let counts = run(backend, vectors);
        let total = |part: fn(&Count) -> usize| counts.values().map(part).sum::<usize>();
        say(format_args!(
            "{name} through the command on {backend}: {} read, {} refused, {} refused only here, {} gaps",
            total(|count| count.read),
            total(|count| count.refused),
            total(|count| count.only_here),
            total(|count| count.gap),
        ));
        for (family, count) in &counts {
            say(format_args!("{name} through the command on {backend}: {family} {count:?}"));
        }
        let expected: BTreeMap<&str, Count> = expected.iter().copied().collect();
        assert_eq!(counts, expected, "{name} on {backend}");
    }
}

#[test]
fn tokens_of_the_rfcs() {
    let all = [
        ("RSA-OAEP", count(7, 0, 0, 0)),
        ("RSA1_5", count(0, 0, 6, 0)),
        ("AES-KW", count(15, 0, 0, 0)),
        ("AES-GCMKW", count(4, 0, 0, 0)),
        ("ECDH-ES", count(2, 0, 0, 0)),
        ("ECDH-ES+AES-KW", count(4, 0, 0, 0)),
        ("PBES2", count(4, 0, 0, 0)),
        ("dir", count(2, 0, 0, 0)),
    ];
    check("RFC tokens", "aws-lc-rs", RFC, &all);
    check("RFC tokens", "josekit", RFC, &all);
    let ring = [
        ("RSA-OAEP", count(0, 0, 0, 7)),
        // Its gap comes first: of RSA keys, whatever their tokens are.
        ("RSA1_5", count(0, 0, 0, 6)),
        ("AES-KW", count(15, 0, 0, 0)),
        ("AES-GCMKW", count(4, 0, 0, 0)),
        ("ECDH-ES", count(0, 0, 0, 2)),
        ("ECDH-ES+AES-KW", count(0, 0, 0, 4)),
        ("PBES2", count(4, 0, 0, 0)),
        ("dir", count(2, 0, 0, 0)),
    ];
    check("RFC tokens", "ring", RFC, &ring);
}

/// The tokens of peers where the backend lists everything.
const ALL_PEERS: &[(&str, Count)] = &[
    ("RSA-OAEP", count(125, 0, 0, 0)),
    ("RSA1_5", count(0, 0, 9, 0)),
    ("AES-KW", count(57, 0, 0, 0)),
    ("AES-GCMKW", count(55, 0, 0, 0)),
    ("ECDH-ES", count(64, 0, 0, 0)),
    ("ECDH-ES+AES-KW", count(216, 0, 0, 0)),
    ("PBES2", count(55, 0, 0, 0)),
    ("dir", count(25, 0, 0, 0)),
];

#[test]
fn tokens_of_peers_on_aws_lc_rs() {
    check("peers' tokens", "aws-lc-rs", PEERS, ALL_PEERS);
}

#[test]
fn tokens_of_peers_on_josekit() {
    check("peers' tokens", "josekit", PEERS, ALL_PEERS);
}

#[test]
fn tokens_of_peers_on_ring() {
    let ring = [
        ("RSA-OAEP", count(0, 0, 0, 125)),
        ("RSA1_5", count(0, 0, 0, 9)),
        // A192GCM and A192GCMKW are gaps too.
        ("AES-KW", count(49, 0, 0, 8)),
        ("AES-GCMKW", count(33, 0, 0, 22)),
        ("ECDH-ES", count(0, 0, 0, 64)),
        ("ECDH-ES+AES-KW", count(0, 0, 0, 216)),
        ("PBES2", count(45, 0, 0, 10)),
        ("dir", count(22, 0, 0, 3)),
    ];
    check("peers' tokens", "ring", PEERS, &ring);
}

/// The path in an environment variable.
fn path(name: &str, what: &str) -> Option<PathBuf> {
    let path = std::env::var_os(name).map(PathBuf::from);
    if path.is_none() {
        skipped(&format!("{name} is not set; it is the path of {what}"));
    }
    path
}

#[test]
fn published_fixtures() {
    let Some(path) = path("JWE_PUBLISHED_VECTORS", "a file of published tokens") else { return };
    let fixtures = std::fs::read_to_string(path).unwrap();
    let all = [
        ("RSA-OAEP", count(3, 4, 0, 0)),
        ("RSA1_5", count(0, 4, 3, 0)),
        ("AES-KW", count(2, 0, 0, 0)),
        ("ECDH-ES+AES-KW", count(1, 3, 0, 0)),
        ("dir", count(2, 3, 2, 0)),
        ("unreadable", count(0, 2, 0, 0)),
    ];
    check("published fixtures", "aws-lc-rs", &fixtures, &all);
    check("published fixtures", "josekit", &fixtures, &all);
    let ring = [
        ("RSA-OAEP", count(0, 0, 0, 7)),
        ("RSA1_5", count(0, 0, 0, 7)),
        ("AES-KW", count(2, 0, 0, 0)),
        ("ECDH-ES+AES-KW", count(0, 0, 0, 4)),
        ("dir", count(2, 3, 2, 0)),
        ("unreadable", count(0, 0, 0, 2)),
    ];
    check("published fixtures", "ring", &fixtures, &ring);
}

/// Wycheproof's tests of JWE, each with its key as it labels itself.
fn wycheproof(backend: &str, groups: &[Value]) -> Count {
    let place = Place::new();
    let mut count = Count::default();
    for group in groups {
        place.write_secret("key", group["private"].to_string());
        for test in group["tests"].as_array().unwrap() {
            let token = test["jwe"].as_str().map_or_else(|| test["jwe"].to_string(), str::to_owned);
            let enc = test["enc"].as_str().unwrap();
            let command = format!("decrypt --backend {backend} --key key --enc {enc} --zip");
            match (outcome(place.jwe(&command).stdin(token).run()), test["result"].as_str()) {
                (Ok(plaintext), Some("valid")) => {
                    let hex: String = plaintext.iter().map(|byte| format!("{byte:02x}")).collect();
                    assert_eq!(test["pt"], hex, "{test}");
                    count.read += 1;
                }
                (Err(code), _) if code == "backend_gap" => count.gap += 1,
                (Err(_), Some("invalid")) => count.refused += 1,
                (Err(code), Some("valid")) => {
                    let own = group["private"]["alg"].as_str();
                    assert_eq!(
                        (code.as_str(), own),
                        ("key_alg_conflict", Some("RSA1_5")),
                        "{test}"
                    );
                    count.only_here += 1;
                }
                (outcome, _) => panic!("{outcome:?}: {test} on {backend}"),
            }
        }
    }
    count
}

#[test]
fn wycheproof_tokens() {
    let what = "the folder testvectors_v1 of a checkout of Wycheproof";
    let Some(folder) = path("WYCHEPROOF_DIR", what) else { return };
    let file = std::fs::read(folder.join("json_web_encryption_test.json")).unwrap();
    let file: Value = serde_json::from_slice(&file).unwrap();
    let groups = file["testGroups"].as_array().unwrap();
    for (backend, expected) in [
        ("aws-lc-rs", count(57, 74, 8, 0)),
        ("josekit", count(57, 74, 8, 0)),
        ("ring", count(15, 41, 8, 75)),
    ] {
        if is_there(backend) {
            let count = wycheproof(backend, groups);
            say(format_args!("Wycheproof's JWE through the command on {backend}: {count:?}"));
            assert_eq!(count, expected, "{backend}");
        }
    }
}
