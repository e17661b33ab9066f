//! Two runs at the same time, each with several threads, draw nothing twice.

use std::collections::BTreeSet;
use std::thread;

use jwe::{Alg, Enc};
use serde_json::Value;

use super::target::{ENCRYPTED_KEY, IV, Target, parts};

/// The records of each run.
const RECORDS: usize = 10_000;

pub(crate) fn check(backend: &'static str) {
    // With AES key wrap equal CEKs are seen as equal encrypted keys.
    let target = Target::new(backend, Alg::A256Kw, Enc::A256Gcm);
    let records: String = (0..RECORDS).map(|_| "{\"a\":\"\"}\n").collect();
    let encrypt = || {
        let encrypt = format!(
            "fields encrypt --key key.jwk --backend {backend} --format ndjson --field /a --quiet --threads 4"
        );
        target.place.jwe(&encrypt).stdin(&records).run().ok_text()
    };
    let both = thread::scope(|scope| {
        let other = scope.spawn(encrypt);
        [encrypt(), other.join().unwrap()]
    });
    let (mut vectors, mut keys) = (BTreeSet::new(), BTreeSet::new());
    for line in both.iter().flat_map(|output| output.lines()) {
        let record: Value = serde_json::from_str(line).unwrap();
        let parts = parts(record["a"].as_str().unwrap());
        assert!(vectors.insert(parts[IV].clone()), "an initialization vector is there twice");
        assert!(keys.insert(parts[ENCRYPTED_KEY].clone()), "a CEK is there twice");
    }
    assert_eq!((vectors.len(), keys.len()), (2 * RECORDS, 2 * RECORDS));

    // Processes of one shell, which are copies of one another until they begin.
    let mut tokens = BTreeSet::new();
    for _ in 0..10 {
        assert!(tokens.insert(parts(&target.encrypt("x"))[IV].clone()));
    }
}
