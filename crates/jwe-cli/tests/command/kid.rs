//! The names of keys.

use serde_json::{Value, json};

use crate::support::{Place, THUMBPRINT, base64url, private_jwk, public_jwk, with};

fn kid_of(token: &[u8]) -> Value {
    let header = token.split(|byte| *byte == b'.').next().unwrap();
    let header = base64url::decode(std::str::from_utf8(header).unwrap());
    serde_json::from_slice::<Value>(&header).unwrap()["kid"].take()
}

/// A place with keys that have no name.
fn nameless() -> Place {
    let place = Place::new();
    place.write("nameless.jwk", with(public_jwk(), &json!({ "kid": null })).to_string());
    place.write_secret(
        "nameless-private.jwk",
        with(private_jwk(), &json!({ "kid": null })).to_string(),
    );
    place
}

#[test]
fn a_token_names_its_key() {
    let place = nameless();
    let encrypt =
        |options: &str| place.jwe(&format!("encrypt --key {options}")).stdin("s3cret").run();
    assert_eq!(kid_of(&encrypt("public.jwk").ok()), "throw-away-1");
    assert_eq!(kid_of(&encrypt("public.jwk --kid throw-away-1").ok()), "throw-away-1");
    assert_eq!(kid_of(&encrypt("public.jwk --kid-thumbprint").ok()), THUMBPRINT);
    assert_eq!(kid_of(&encrypt("public.jwk --no-kid").ok()), Value::Null);
    assert_eq!(kid_of(&encrypt("nameless.jwk --kid key-1").ok()), "key-1");
    assert_eq!(kid_of(&encrypt("spki.pem --alg RSA-OAEP-256 --kid-thumbprint").ok()), THUMBPRINT);
    assert_eq!(kid_of(&encrypt("nameless.jwk --no-kid").ok()), Value::Null);
    for key in ["nameless.jwk", "spki.pem --alg RSA-OAEP-256", "spki.der --alg RSA-OAEP"] {
        encrypt(key).refused_saying(
            "key_missing_kid",
            &["--kid ID, --kid-thumbprint, --kid-spki, or --no-kid"],
        );
    }
    // A key of another name is not the one that is meant.
    encrypt("public.jwk --kid another").refused_saying("key_no_such_kid", &["public.jwk", "--kid"]);
    encrypt("nameless.jwk --kid").misused("--kid");
    for kid in ["", "a\u{7f}b", "a\u{202e}b", "\u{feff}", &"x".repeat(513)] {
        place.jwe("encrypt --key nameless.jwk --kid").arg(kid).run().refused("key_invalid_kid");
    }
    let odd = place.jwe("encrypt --key nameless.jwk --kid").arg("ключ \"1\"").run().ok();
    assert_eq!(kid_of(&odd), "ключ \"1\"");
    place.jwe("encrypt --key public.jwk --kid-thumbprint").stdin("").run().ok();
}

#[test]
fn a_kid_names_no_key_of_a_set_that_has_other_keys() {
    let place = nameless();
    let nameless = with(public_jwk(), &json!({ "kid": null }));
    for other in [
        json!({"kty": "EC", "crv": "P-256", "kid": "X"}),
        json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "X"}),
        json!({"kty": "RSA", "e": "AQAB"}),
    ] {
        place.write("set.json", json!({ "keys": [nameless, other] }).to_string());
        let encrypt = place.jwe("encrypt --key set.json --kid X").stdin("s3cret").run();
        encrypt.refused_saying("key_no_such_kid", &["set.json", "no usable key with that kid"]);
    }
}

#[test]
fn a_key_opens_tokens_that_name_it() {
    let place = nameless();
    let named = place.token_of(b"s3cret");
    let unnamed = place.jwe("encrypt --key public.jwk --no-kid").stdin("s3cret").run().ok_text();
    let other = place.jwe("encrypt --key nameless.jwk --kid other").stdin("s3cret").run().ok_text();
    let decrypt = |options: &str, token: &str| {
        place.jwe(&format!("decrypt --key {options}")).stdin(token).run()
    };

    assert_eq!(decrypt("private.jwk", &named).ok(), b"s3cret");
    assert_eq!(decrypt("private.jwk --kid throw-away-1", &named).ok(), b"s3cret");
    assert_eq!(decrypt("private.jwk", &unnamed).ok(), b"s3cret");
    decrypt("private.jwk", &other).refused_saying("unknown_kid", &["jwe inspect", "--ignore-kid"]);
    decrypt("private.jwk --kid other", &other).refused("key_no_such_kid");
    assert_eq!(decrypt("private.jwk --ignore-kid", &other).ok(), b"s3cret");

    decrypt("private.jwk --require-kid", &unnamed)
        .refused_saying("missing_kid", &["--require-kid"]);
    assert_eq!(decrypt("private.jwk --require-kid", &named).ok(), b"s3cret");
    decrypt("nameless-private.jwk --require-kid", &named).refused("unknown_kid");

    decrypt("nameless-private.jwk", &named).refused("unknown_kid");
    assert_eq!(decrypt("nameless-private.jwk --kid throw-away-1", &named).ok(), b"s3cret");
    assert_eq!(decrypt("nameless-private.jwk --ignore-kid", &named).ok(), b"s3cret");
    assert_eq!(decrypt("nameless-private.jwk", &unnamed).ok(), b"s3cret");

    let thumbprint =
        place.jwe("encrypt --key public.jwk --kid-thumbprint").stdin("s3cret").run().ok_text();
    decrypt("private.jwk", &thumbprint).refused("unknown_kid");
    assert_eq!(decrypt("private.jwk --kid-thumbprint", &thumbprint).ok(), b"s3cret");
    assert_eq!(
        decrypt("pkcs1.der --alg RSA-OAEP-256 --kid-thumbprint", &thumbprint).ok(),
        b"s3cret"
    );
}

#[test]
fn of_several_keys_the_token_names_one() {
    let place = nameless();
    let mut other: Value = place.jwe("keygen --alg dir --kid shared").run().ok_json();
    place.write_secret("two.jwks", json!({ "keys": [private_jwk(), other] }).to_string());
    let unnamed = place.jwe("encrypt --key public.jwk --no-kid").stdin("s3cret").run().ok();
    let decrypt = place.jwe("decrypt --key two.jwks").stdin(&unnamed).run();
    decrypt.refused_saying("missing_kid", &["--key with the file of one key"]);
    // Ignoring names needs one key only.
    place.jwe("decrypt --key two.jwks --ignore-kid").stdin(&unnamed).run().refused("missing_kid");
    assert_eq!(
        place.jwe("decrypt --key two.jwks --kid throw-away-1").stdin(&unnamed).run().ok(),
        b"s3cret"
    );
    other.as_object_mut().unwrap().remove("kid");
    place.write_secret("two.jwks", json!({ "keys": [private_jwk(), other] }).to_string());
    place.jwe("decrypt --key two.jwks").stdin(&unnamed).run().refused("setup_ambiguous_kid");
}

#[test]
fn contradictions_are_usage_errors() {
    let place = Place::new();
    for options in [
        "--kid a --no-kid",
        "--kid a --kid-thumbprint",
        "--kid-thumbprint --no-kid",
        "--kid a --kid-spki",
        "--kid-spki --kid-thumbprint",
        "--kid-spki --no-kid",
    ] {
        place
            .jwe(&format!("encrypt --key public.jwk {options}"))
            .run()
            .misused("cannot be used with");
    }
    place
        .jwe("decrypt --key private.jwk --require-kid --ignore-kid")
        .run()
        .misused("cannot be used with");
}
