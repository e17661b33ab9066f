//! Keys that a sender must not encrypt with.

use serde_json::{Value, json};

use super::target::Target;
use crate::support::{Ended, Place, base64url, public_jwk, with};

fn encrypt(place: &Place, backend: &str, jwk: &Value) -> Ended {
    place.write("weak.jwk", jwk.to_string());
    let encrypt = place.jwe(&format!("encrypt --key weak.jwk --backend {backend}"));
    encrypt.stdin("s3cret").run()
}

pub(crate) fn check(backend: &'static str) {
    let place = Place::new();
    encrypt(&place, backend, &public_jwk()).ok();
    let good = base64url::decode(public_jwk()["n"].as_str().unwrap());
    let modulus = |bits: usize| {
        let mut bytes: Vec<u8> = good.iter().copied().cycle().take(bits / 8).collect();
        *bytes.last_mut().unwrap() |= 1;
        base64url::encode(bytes)
    };
    let mut even = good.clone();
    even[255] &= 0xfe;
    let exponent = |bytes: &[u8]| base64url::encode(bytes);
    for (members, code) in [
        (json!({ "n": modulus(512) }), "key_weak"),
        (json!({ "n": modulus(1024) }), "key_weak"),
        (json!({ "n": modulus(2040) }), "key_weak"),
        (json!({ "n": modulus(16_384) }), "key_weak"),
        (json!({ "n": base64url::encode(even) }), "key_weak"),
        (json!({ "n": "" }), "key_weak"),
        (json!({ "e": exponent(&[1]) }), "key_weak"),
        (json!({ "e": exponent(&[2]) }), "key_weak"),
        (json!({ "e": exponent(&[4]) }), "key_weak"),
        (json!({ "e": exponent(&[1, 0, 0, 0, 0, 0, 0, 0, 1]) }), "key_weak"),
        (json!({ "e": exponent(&[]) }), "key_weak"),
        (json!({ "use": "sig" }), "key_usage"),
        (json!({ "key_ops": ["verify"] }), "key_usage"),
        (json!({ "use": null, "key_ops": ["sign"] }), "key_usage"),
        (json!({ "alg": "RS256" }), "key_alg_conflict"),
        (json!({ "alg": "RSA1_5" }), "key_alg_conflict"),
        (json!({ "kty": "rsa" }), "key_unsupported"),
        (json!({ "kty": null }), "key_missing_member"),
    ] {
        let ended = encrypt(&place, backend, &with(public_jwk(), &members));
        let text = ended.stderr.clone();
        assert!(text.starts_with(&format!("error[{code}]: ")), "{members}: {text}");
        ended.refused(code);
    }
    // Two keys of one name are no choice.
    let other = with(public_jwk(), &json!({ "e": base64url::encode([3]) }));
    let set = json!({ "keys": [public_jwk(), other] });
    encrypt(&place, backend, &set).refused("key_ambiguous");
    let named = format!("encrypt --key weak.jwk --backend {backend} --kid throw-away-1");
    place.jwe(&named).stdin("s3cret").run().refused("key_ambiguous");
    // In other formats it is the same.
    let short = format!("encrypt --key short.pem --alg RSA-OAEP-256 --kid k --backend {backend}");
    place.jwe(&short).stdin("s3cret").run().refused("key_weak");

    // Symmetric keys have the one length that the algorithm wants.
    let target = Target::usual(backend);
    for (alg, len) in [("A256KW", 16), ("A128KW", 32), ("A256GCMKW", 31), ("A256KW", 1)] {
        let jwk =
            json!({ "kty": "oct", "kid": "k", "alg": alg, "k": base64url::encode(vec![7; len]) });
        target.place.write_secret("short.jwk", jwk.to_string());
        let encrypt = target.place.jwe(&format!("encrypt --key short.jwk --backend {backend}"));
        encrypt.stdin("s3cret").run().refused("key_rejected");
    }
}
