//! Two threads or processes that draw the same: the generator, and what was drawn ahead of time, must
//! not be the same on both sides of a fork.

use std::collections::HashSet;
use std::process::Command;
use std::thread;

use jwe::{Alg, Backend, Curve, Direction, Enc, Encrypter, Jwk};
use jwe_tests::parts::Parts;
use jwe_tests::{base64url, forge, keys};
use serde_json::Value;

use crate::attacks::tried_one;

const THREADS: usize = 8;
const EACH: usize = 2000;

pub(crate) fn check(backend: &'static Backend) {
    threads_draw_apart(backend);
    processes_draw_apart(backend);
    what_keys_draw_is_new(backend);
}

/// Equal CEKs would be seen as equal encrypted keys, as AES key wrap adds nothing that is random.
fn threads_draw_apart(backend: &'static Backend) {
    tried_one();
    let jwk = keys::oct(32);
    let sender = keys::sender(backend, &jwk, Alg::A256Kw);
    let encrypter = Encrypter::new(backend, &sender, Enc::A256CbcHs512).unwrap();
    let work = || -> Vec<Parts> {
        (0..EACH).map(|_| Parts::of(&encrypter.encrypt(b"").unwrap())).collect()
    };
    let all: Vec<Parts> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let (mut ivs, mut ceks) = (HashSet::new(), HashSet::new());
    for parts in &all {
        assert!(ivs.insert(&parts.iv), "{backend}: an initialization vector comes twice");
        assert!(ceks.insert(&parts.encrypted_key), "{backend}: a CEK comes twice");
    }
    assert_eq!((ivs.len(), ceks.len()), (THREADS * EACH, THREADS * EACH));
    let zero = base64url::encode(&forge::wrap(backend, &jwk, &[0; 64]));
    assert!(!ceks.contains(&zero), "{backend}: a CEK of zeros");
    assert!(!ivs.contains(&base64url::encode(&[0; 16])));
}

/// The program `random` forks, and both sides go on. It first shows that it finds what a bad
/// generator draws twice.
fn processes_draw_apart(backend: &'static Backend) {
    tried_one();
    let output = Command::new(env!("CARGO_BIN_EXE_random"))
        .args(["--messages", "20000", "--threads", "8", "--forks", "4"])
        .args(["--backend", &backend.name()])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.contains("found, as it must be") && text.contains("none twice"), "{text}");
}

/// What a key draws for each message: the `iv` of AES-GCM key wrapping, the salt of a password, and
/// the ephemeral key pair.
fn what_keys_draw_is_new(backend: &'static Backend) {
    for alg in Alg::ALL.iter().copied() {
        let member = match alg {
            _ if alg.is_gcm_kw() => "iv",
            _ if alg.is_pbes2() => "p2s",
            _ if alg.is_ecdh() => "epk",
            _ => continue,
        };
        for jwk in keys::of_every_kind(alg, Enc::A128Gcm) {
            if keys::takes(backend, Direction::Encrypt, alg, &jwk) {
                drawn_once(backend, &jwk, alg, member);
            }
        }
    }
    assert!(keys::takes(backend, Direction::Encrypt, Alg::EcdhEs, &keys::ec(Curve::P256)));
}

fn drawn_once(backend: &'static Backend, jwk: &Jwk, alg: Alg, member: &str) {
    tried_one();
    let sender = keys::sender(backend, jwk, alg);
    let encrypter =
        Encrypter::builder(backend, &sender, Enc::A128Gcm).with_iterations(1000).build().unwrap();
    let work = || -> Vec<String> {
        let drawn = |token: String| {
            let header = Parts::of(&token).header_json();
            let header: Value = serde_json::from_str(&header).unwrap();
            header[member].to_string()
        };
        (0..25).map(|_| drawn(encrypter.encrypt(b"").unwrap())).collect()
    };
    let all: Vec<String> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let once: HashSet<&String> = all.iter().collect();
    assert_eq!((once.len(), all.len()), (100, 100), "{backend} {alg}");
    assert!(all.iter().all(|value| value != "null"), "{backend} {alg}");
}
