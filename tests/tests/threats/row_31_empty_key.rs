//! Keys that are nothing, which everybody has: refused when they are read, and so never imported.

use jwe::{Backend, Curve, Decrypter, DecryptionKey, Enc, ImportError, Jwk, JwkSet, OctKey};
use jwe_tests::{base64url, keys};
use serde_json::{Value, json};

use crate::attacks::tried_one;
use crate::target::{MEMORY, TIME, within};

pub(crate) fn check(backend: &'static Backend) {
    for len in [0, 1, 8, 16, 24, 32, 48, 64, 1000] {
        let k = base64url::encode(&vec![0; len]);
        for alg in ["dir", "A128KW", "A256KW", "A256GCMKW", "PBES2-HS256+A128KW"] {
            let key = json!({ "kty": "oct", "kid": "k", "alg": alg, "k": k });
            refuses(&key.to_string(), &["key_weak"]);
        }
        refuses_with("zeros", &["key_weak"], || OctKey::new(vec![0; len].into()));
        let text = "\0".repeat(len);
        refuses_with("a password", &["key_weak"], || Jwk::from_password(&text));
    }
    for (text, codes) in [
        ("", &["key_empty"][..]),
        (" \r\n\t", &["key_empty"]),
        ("\u{feff}", &["key_unknown_format"]),
        ("\0", &["key_unknown_format"]),
        ("null", &["key_unknown_format"]),
        ("[]", &["key_unknown_format"]),
        ("{}", &["key_missing_member"]),
        ("{", &["key_not_json"]),
        (r#"{"keys":[]}"#, &["key_empty"]),
        (r#"{"keys":[{}]}"#, &["key_missing_member"]),
        (r#"{"keys":null}"#, &["key_invalid_member"]),
        (r#"{"kty":""}"#, &["key_unsupported"]),
        (r#"{"kty":"oct"}"#, &["key_missing_member"]),
        (r#"{"kty":"oct","k":null}"#, &["key_invalid_member"]),
        (r#"{"kty":"oct","k":[]}"#, &["key_invalid_member"]),
        (r#"{"kty":"RSA"}"#, &["key_missing_member"]),
        (r#"{"kty":"RSA","n":"","e":""}"#, &["key_weak", "key_invalid_member"]),
        (r#"{"kty":"EC","crv":"P-256","x":"","y":""}"#, &["key_weak", "key_invalid_member"]),
        (r#"{"kty":"OKP","crv":"X25519","x":""}"#, &["key_weak", "key_invalid_member"]),
    ] {
        refuses(text, codes);
    }
    for label in ["PUBLIC KEY", "PRIVATE KEY", "RSA PUBLIC KEY", "RSA PRIVATE KEY", "CERTIFICATE"] {
        for (body, codes) in [
            ("", &["key_not_pem", "key_not_der"][..]),
            ("\n", &["key_not_pem", "key_not_der"]),
            ("MAA=\n", &["key_not_der"]),
            ("AAAA\n", &["key_not_der"]),
        ] {
            let pem = format!("-----BEGIN {label}-----\n{body}-----END {label}-----\n");
            refuses(&pem, codes);
            refuses_with(&pem, codes, || Jwk::from_pem(&pem));
        }
        refuses(&format!("-----BEGIN {label}-----\n"), &["key_not_pem"]);
    }
    for der in [&[][..], &[0x30], &[0x30, 0], &[0x30, 0x80], &[0; 300]] {
        refuses_with("DER", &["key_not_der"], || Jwk::from_der(der));
    }
    numbers_of_zeros();
    // A recipient of nothing is none.
    tried_one();
    let none: [DecryptionKey; 0] = [];
    assert!(Decrypter::new(backend, none, &[Enc::A256Gcm]).is_err());
}

/// Private keys and points that are zero.
fn numbers_of_zeros() {
    for curve in Curve::ALL.iter().copied() {
        let good: Value = serde_json::from_str(&keys::ec(curve).to_json()).unwrap();
        let zeros = base64url::encode(&vec![0; curve.secret_len()]);
        let mut names = vec!["x"];
        // X25519 has no secret that is zero: some of its bits are always set (RFC 7748 §5).
        names.extend(curve.is_nist().then_some("d"));
        for name in names {
            let mut key = good.clone();
            key[name] = zeros.clone().into();
            if name == "x" && curve.is_nist() {
                key["y"] = zeros.clone().into();
            }
            refuses(&key.to_string(), &["key_weak"]);
        }
    }
}

#[track_caller]
fn refuses(text: &str, codes: &[&str]) {
    refuses_with(text, codes, || JwkSet::from_bytes(text.as_bytes())?.only().cloned());
}

#[track_caller]
fn refuses_with<T>(what: &str, codes: &[&str], work: impl FnMut() -> Result<T, ImportError>) {
    tried_one();
    let error = within(what, MEMORY, TIME, work).err().expect(what);
    assert!(codes.contains(&error.code()), "{what:?}: {}", error.code());
}
