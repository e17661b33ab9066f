//! An encrypted key of any length, for every algorithm.

use jwe::{Alg, Curve, Enc};
use serde_json::Value;

use super::target::{Case, ENCRYPTED_KEY, Target, has_private_keys, library};
use crate::support::{Place, base64url};

const LENS: [usize; 16] = [0, 1, 7, 8, 9, 16, 23, 24, 25, 40, 255, 256, 257, 1000, 4096, 65_536];

pub(crate) fn check(backend: &'static str) {
    let place = Place::new();
    let mut count = 0;
    for alg in Alg::ALL.iter().copied().filter(|alg| !alg.is_pbes2()) {
        let curve = alg.is_ecdh().then_some(Curve::P256);
        if library(backend).decryption_key_import(alg, curve).is_err() {
            continue;
        }
        let target = if alg.is_ecdh() {
            let keygen = place.jwe(&format!("keygen --alg {alg} --crv P-256 --backend {backend}"));
            let jwk: Value = keygen.run().ok_json();
            Target::of(backend, jwk, alg, Enc::A256Gcm)
        } else {
            Target::new(backend, alg, Enc::A256Gcm)
        };
        let right = target.part(ENCRYPTED_KEY).len();
        let case = |len: usize| {
            let code = if len == right { "decryption_failed" } else { "part_length" };
            (target.with_part(ENCRYPTED_KEY, vec![0; len]), code)
        };
        // The empty one is the good one where the key itself is the CEK.
        let good = target.token();
        let cases: Vec<Case> =
            LENS.into_iter().map(case).filter(|(token, _)| *token != good).collect();
        target.rejects_all(&cases);
        target.refuses_all(&cases[cases.len() - 2..]);
        count += 1;
    }
    // RSA, AES key wrap, direct, ECDH-ES and AES-GCM key wrap; ring has three sorts of them.
    assert_eq!(count, if has_private_keys(backend) { 4 + 3 + 1 + 4 + 3 } else { 3 + 1 + 2 });
    // And of a password.
    place.write_secret("password", "secret words");
    let encrypt = format!("encrypt --password-file password --p2c 1000 --backend {backend}");
    let token = place.jwe(&encrypt).stdin("s3cret").run().ok_text();
    let parts: Vec<&str> = token.trim_end().split('.').collect();
    for len in [0, 8, 39, 41, 65_536] {
        let key = base64url::encode(vec![0; len]);
        let token = [parts[0], &key, parts[2], parts[3], parts[4]].join(".");
        let decrypt = format!("decrypt --password-file password --allow-pbes2 --backend {backend}");
        place.jwe(&decrypt).stdin(token).run().refused("part_length");
    }
}
