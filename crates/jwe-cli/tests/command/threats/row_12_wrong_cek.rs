//! An encrypted key that unwraps to a CEK of another length, or to nothing but zeros; and the CEKs
//! that the command draws itself.

use std::collections::BTreeSet;

use jwe::{Alg, Enc};
use serde_json::Value;

use super::target::{Case, ENCRYPTED_KEY, Target, has_private_keys, parts, seal};
use crate::support::base64url;

pub(crate) fn check(backend: &'static str) {
    if has_private_keys(backend) {
        for enc in [Enc::A256Gcm, Enc::A128CbcHs256] {
            let target = Target::new(backend, Alg::RsaOaep256, enc);
            let lens = [0, 1, 15, 16, 17, 24, 31, 32, 33, 48, 64, 190];
            let lens = lens.into_iter().filter(|len| *len != enc.cek_len());
            let wrap = |len: usize| target.wrapped(&vec![7; len]);
            // A sealed content, whatever is sealed with, is no way around the length.
            let sealed = |len: usize| {
                let cek = vec![7; enc.cek_len()];
                seal(backend, (enc, &cek), &target.header(""), &wrap(len), b"s3cret")
            };
            let cases: Vec<Case> = lens
                .flat_map(|len| [target.with_part(ENCRYPTED_KEY, wrap(len)), sealed(len)])
                .map(|token| (token, "decryption_failed"))
                .collect();
            target.refuses_all(&cases);
            // And the same with the right length is good.
            target.accepts(&sealed(enc.cek_len()), b"s3cret");
        }
    }
    for alg in [Alg::A256Kw, Alg::A256GcmKw] {
        let target = Target::new(backend, alg, Enc::A256Gcm);
        // The length is public here, so that it is told.
        let wrapped = [16, 24, 40, 64].map(|len| vec![7; len]);
        let wrapped =
            wrapped.map(|bytes| if alg == Alg::A256Kw { target.wrapped(&bytes) } else { bytes });
        let cases: Vec<Case> = wrapped
            .into_iter()
            .map(|wrapped| (target.with_part(ENCRYPTED_KEY, wrapped), "part_length"))
            .collect();
        target.refuses_all(&cases);
    }
    the_command_draws_each_cek_anew(backend);
}

/// AES key wrap makes the same of the same CEK, so that it shows whether two are equal.
fn the_command_draws_each_cek_anew(backend: &'static str) {
    let target = Target::new(backend, Alg::A256Kw, Enc::A256Gcm);
    let count = 20_000;
    let records: String = (0..count).map(|_| "{\"a\":\"\"}\n").collect();
    let stream = format!(
        "fields encrypt --key key.jwk --backend {backend} --format ndjson --field /a --quiet"
    );
    let encrypted = target.place.jwe(&stream).stdin(records).run().ok_text();
    let mut seen = BTreeSet::new();
    seen.insert(base64url::encode(target.wrapped(&vec![0; target.enc.cek_len()])));
    for line in encrypted.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let encrypted_key = parts(record["a"].as_str().unwrap())[ENCRYPTED_KEY].clone();
        assert!(seen.insert(encrypted_key), "a CEK is zero or was there before");
    }
    assert_eq!(seen.len(), count + 1);
}
