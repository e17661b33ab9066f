//! `jwe public`.

use serde_json::{Value, json};

use crate::support::{PRIVATE_MEMBERS, Place, THUMBPRINT, private_jwk, public_jwk, with};

/// That nothing of a private key is in it, by its members and by its text.
#[track_caller]
fn assert_public(output: &[u8]) -> Value {
    let text = std::str::from_utf8(output).unwrap();
    let private = private_jwk();
    for member in PRIVATE_MEMBERS {
        assert!(!text.contains(&private[member].as_str().unwrap()[..16]), "{member}");
        assert!(!text.contains(&format!("\"{member}\"")), "{member}");
    }
    let json: Value = serde_json::from_str(text).unwrap();
    let keys = json["keys"].as_array().cloned().unwrap_or_else(|| vec![json.clone()]);
    for key in keys {
        for name in key.as_object().unwrap().keys() {
            assert!(
                ["kty", "kid", "use", "alg", "key_ops", "n", "e"].contains(&name.as_str()),
                "{name}"
            );
        }
    }
    json
}

#[test]
fn reads_every_format() {
    let place = Place::new();
    let bare = json!({ "kty": "RSA", "n": private_jwk()["n"], "e": private_jwk()["e"] });
    for file in [
        "pkcs8.pem",
        "pkcs1.pem",
        "spki.pem",
        "pkcs1-public.pem",
        "pkcs8.der",
        "pkcs1.der",
        "spki.der",
        "pkcs1-public.der",
    ] {
        let output = place.jwe(&format!("public {file}")).run().ok();
        assert_eq!(assert_public(&output), bare, "{file}");
        let labelled =
            place.jwe(&format!("public --alg RSA-OAEP-512 --kid key-1 {file}")).run().ok();
        let labels = json!({ "alg": "RSA-OAEP-512", "use": "enc", "kid": "key-1" });
        assert_eq!(assert_public(&labelled), with(bare.clone(), &labels));
    }
    for file in ["private.jwk", "public.jwk"] {
        assert_eq!(assert_public(&place.jwe(&format!("public {file}")).run().ok()), public_jwk());
    }
    let output = place.jwe("public -").stdin(private_jwk().to_string()).run().ok();
    assert_eq!(assert_public(&output), public_jwk());
}

#[test]
fn makes_sets() {
    let place = Place::new();
    let output = place.jwe("public --set private.jwk -o set.jwks").run().ok();
    assert!(output.is_empty());
    assert_eq!(assert_public(&place.read("set.jwks")), json!({ "keys": [public_jwk()] }));
    let second = with(private_jwk(), &json!({ "kid": "throw-away-2" }));
    place.write_secret("two.jwks", json!({ "keys": [private_jwk(), second] }).to_string());
    let set = assert_public(&place.jwe("public two.jwks").run().ok());
    assert_eq!(set["keys"].as_array().unwrap().len(), 2);
    place.jwe("public two.jwks --kid one").run().misused("--kid-thumbprint");
    // What is made is what the others read.
    place.write("set.jwks", set.to_string());
    let token = place.jwe("encrypt --key set.jwks --kid throw-away-2").stdin("s3cret").run().ok();
    assert_eq!(place.jwe("decrypt --key two.jwks").stdin(token).run().ok(), b"s3cret");
}

#[test]
fn names_a_key_by_its_thumbprint() {
    let place = Place::new();
    for file in ["pkcs8.pem", "spki.der", "private.jwk"] {
        let jwk = assert_public(&place.jwe(&format!("public --kid-thumbprint {file}")).run().ok());
        assert_eq!(jwk["kid"], THUMBPRINT);
    }
    // RFC 7638 §3.1.
    place.write("rfc.jwk", r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#);
    let jwk = place.jwe("public --kid-thumbprint rfc.jwk").run().ok_json();
    assert_eq!(jwk["kid"], "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

#[test]
fn never_publishes_a_symmetric_key() {
    let place = Place::new();
    place.jwe("keygen --alg dir -o shared.jwk").run().ok();
    place
        .jwe("public shared.jwk")
        .run()
        .refused_saying("key_no_public_half", &["shared.jwk", "must not be published"]);
    let shared: Value = serde_json::from_slice(&place.read("shared.jwk")).unwrap();
    place.write_secret("mixed.jwks", json!({ "keys": [private_jwk(), shared] }).to_string());
    place.jwe("public --set mixed.jwks -o new.jwks").run().refused("key_no_public_half");
    assert!(!place.exists("new.jwks"));
}

#[test]
fn refuses_labels_that_do_not_fit() {
    let place = Place::new();
    place
        .jwe("public --alg dir private.jwk")
        .run()
        .refused_saying("key_alg_type", &["private.jwk", "RSA"]);
    place.jwe("public private.jwk --kid").arg("a\u{7}b").run().refused("key_invalid_kid");
}

#[test]
fn a_set_without_a_usable_key_says_why() {
    let place = Place::new();
    place.write("empty.jwks", r#"{"keys":[]}"#);
    place.jwe("public empty.jwks").run().refused_saying("key_empty", &["no key"]);
    place.write("ec.jwks", r#"{"keys":[{"kty":"EC","crv":"secp256k1","x":"","y":""}]}"#);
    place.jwe("public ec.jwks").run().refused_saying("key_unsupported", &["can't be used here"]);
}
