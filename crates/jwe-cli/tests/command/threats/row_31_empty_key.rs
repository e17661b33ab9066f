//! Keys that are nothing.

use serde_json::json;

use crate::support::{Place, base64url};

pub(crate) fn check(backend: &'static str) {
    let place = Place::new();
    let token = place.token_of(b"s3cret");
    let refused = |file: &str, code: &str| {
        for command in ["encrypt", "decrypt"] {
            let jwe = place.jwe(&format!("{command} --key {file} --backend {backend}"));
            jwe.stdin(&token).run().refused(code);
        }
        // Nor is it taken for anything else.
        for command in ["thumbprint", "public", "key convert --to jwk"] {
            let ended = place.jwe(&format!("{command} {file}")).run();
            assert_eq!(ended.code, Some(1), "{command} {file}: {}", ended.stderr);
            assert!(ended.stdout.is_empty());
        }
    };
    for alg in ["dir", "A128KW", "A256KW", "A256GCMKW"] {
        for len in [0, 1, 16, 32, 64] {
            let k = base64url::encode(vec![0; len]);
            let jwk = json!({ "kty": "oct", "kid": "k", "alg": alg, "k": k });
            place.write_secret("zeros.jwk", jwk.to_string());
            refused("zeros.jwk", "key_weak");
        }
    }
    let nothing_in = |label: &str| format!("-----BEGIN {label}-----\n-----END {label}-----\n");
    for (content, code) in [
        ("", "key_empty"),
        ("\n", "key_empty"),
        ("{}", "key_missing_member"),
        ("{\"keys\":[]}", "key_empty"),
        (&nothing_in("PUBLIC KEY"), "key_not_pem"),
        (&nothing_in("PRIVATE KEY"), "key_not_pem"),
        ("-----BEGIN PUBLIC KEY-----\n", "key_not_pem"),
        ("{\"kty\":\"oct\",\"kid\":\"k\",\"alg\":\"dir\"}", "key_missing_member"),
        ("{\"kty\":\"oct\",\"kid\":\"k\",\"alg\":\"dir\",\"k\":null}", "key_invalid_member"),
    ] {
        place.write_secret("nothing", content);
        refused("nothing", code);
    }
    // A password of no letters, or of zeros only.
    for command in ["encrypt", "decrypt --allow-pbes2"] {
        for (password, code) in
            [("", "password_empty"), ("\n", "password_empty"), ("\0\0\0\0", "key_weak")]
        {
            place.write_secret("password", password);
            let jwe = place.jwe(&format!("{command} --password-file password --backend {backend}"));
            jwe.stdin(&token).run().refused(code);
        }
    }
}
