//! An encrypted key that is written in another way: without its leading zero, with one more, and
//! with the modulus added.

use jwe::{Alg, Enc};

use super::number::Number;
use super::target::{Case, ENCRYPTED_KEY, PLAINTEXT, Target, has_private_keys, seal};
use crate::support::{base64url, private_jwk};

pub(crate) fn check(backend: &'static str) {
    // Where there is no RSA, at least what wraps is of one form.
    let kw = Target::new(backend, Alg::A256Kw, Enc::A256Gcm);
    let wrapped = kw.part(ENCRYPTED_KEY);
    kw.refuses_all(&[
        (kw.with_part(ENCRYPTED_KEY, &wrapped[1..]), "part_length"),
        (kw.with_part(ENCRYPTED_KEY, [&[0], wrapped.as_slice()].concat()), "part_length"),
        (kw.with_part(ENCRYPTED_KEY, [wrapped.as_slice(), &[0]].concat()), "part_length"),
    ]);
    if !has_private_keys(backend) {
        return;
    }
    let modulus = Number::of(&base64url::decode(private_jwk()["n"].as_str().unwrap()));
    for alg in [Alg::RsaOaep, Alg::RsaOaep256, Alg::RsaOaep384, Alg::RsaOaep512] {
        let mut target = Target::new(backend, alg, Enc::A256Gcm);
        let cek = target.cek();
        // One in 256 begins with zero. Its sum with the modulus is not longer than the modulus.
        let encrypted_key = std::iter::repeat_with(|| target.wrapped(&cek))
            .take(20_000)
            .find(|encrypted_key| encrypted_key[0] == 0)
            .unwrap();
        let token = seal(
            backend,
            (target.enc, &cek),
            &target.header(""),
            &encrypted_key,
            PLAINTEXT.as_bytes(),
        );
        target.accepts(&token, PLAINTEXT.as_bytes());
        target.good = token.split('.').map(str::to_owned).collect();
        let (beyond, is_long) = Number::of(&encrypted_key).plus(&modulus);
        assert!(!is_long);
        let with = |bytes: &[u8]| target.with_part(ENCRYPTED_KEY, bytes);
        let cases: Vec<Case> = vec![
            (with(&encrypted_key[1..]), "part_length"),
            (with(&[&[0], encrypted_key.as_slice()].concat()), "part_length"),
            (with(&[encrypted_key.as_slice(), &[0]].concat()), "part_length"),
            (with(&[&encrypted_key[1..], &[0]].concat()), "decryption_failed"),
            (with(&beyond.to_bytes()), "decryption_failed"),
        ];
        target.refuses_all(&cases);
    }
}
