//! `jwe thumbprint` and the names that follow from a key.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{Place, THUMBPRINT, base64url, private_jwk, public_jwk};

/// The SHA-256 of the SubjectPublicKeyInfo that OpenSSL wrote.
fn spki_sha256(place: &Place) -> String {
    base64url::encode(Sha256::digest(place.read("spki.der")))
}

#[test]
fn every_format_has_the_same_names() {
    let place = Place::new();
    let spki = spki_sha256(&place);
    for file in ["private.jwk", "public.jwk", "pkcs8.pem", "pkcs1.der", "spki.pem", "spki.der"] {
        let print = |options: &str| place.jwe(&format!("thumbprint {options} {file}")).run();
        assert_eq!(print("").ok_text(), format!("{THUMBPRINT}\n"), "{file}");
        assert_eq!(print("--spki").ok_text(), format!("{spki}\n"), "{file}");
        let json = print("--json").ok_json();
        assert_eq!(
            (&json["thumbprint"], &json["spki_sha256"], &json["kty"]),
            (&THUMBPRINT.into(), &spki.as_str().into(), &"RSA".into())
        );
    }
    let stdin = place.jwe("thumbprint -").stdin(private_jwk().to_string()).run().ok_text();
    assert_eq!(stdin.trim_end(), THUMBPRINT);
    // RFC 7638 §3.1.
    place.write("rfc.jwk", r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#);
    let rfc = place.jwe("thumbprint rfc.jwk").run().ok_text();
    assert_eq!(rfc.trim_end(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    place.jwe("thumbprint --spki --json public.jwk").run().misused("cannot be used with");
}

#[test]
fn keys_on_curves() {
    let place = Place::new();
    for curve in ["P-256", "P-384", "P-521", "X25519"] {
        let jwk = place.jwe(&format!("keygen --alg ECDH-ES --crv {curve}")).run().ok_json();
        place.write_secret("ec.jwk", jwk.to_string());
        let text = |name: &str| jwk[name].as_str().unwrap();
        let input = if curve == "X25519" {
            format!(r#"{{"crv":"X25519","kty":"OKP","x":"{}"}}"#, text("x"))
        } else {
            format!(r#"{{"crv":"{curve}","kty":"EC","x":"{}","y":"{}"}}"#, text("x"), text("y"))
        };
        let thumbprint = base64url::encode(Sha256::digest(input));
        assert_eq!(place.jwe("thumbprint ec.jwk").run().ok_text().trim_end(), thumbprint);
        assert_eq!(text("kid"), thumbprint, "what keygen names it");
        let der = place.jwe("key convert ec.jwk --to spki --der").run().ok();
        let spki = base64url::encode(Sha256::digest(der));
        assert_eq!(place.jwe("thumbprint --spki ec.jwk").run().ok_text().trim_end(), spki);
        assert_eq!(place.jwe("thumbprint --json ec.jwk").run().ok_json()["crv"], curve);
        let named = place.jwe("public --kid-spki ec.jwk").run().ok_json();
        assert_eq!(named["kid"], spki.as_str());
    }
    // Without its public half, which is worked out.
    let mut jwk = place.jwe("keygen --alg ECDH-ES").run().ok_json();
    let kid = jwk["kid"].as_str().unwrap().to_owned();
    place.write_secret("whole.jwk", jwk.to_string());
    place.jwe("key convert whole.jwk --to sec1 --der --private -o sec1.der").run().ok();
    assert_eq!(place.jwe("thumbprint sec1.der").run().ok_text().trim_end(), kid);
    jwk.as_object_mut().unwrap().remove("d");
    place.write("public.key", jwk.to_string());
    assert_eq!(place.jwe("thumbprint public.key").run().ok_text().trim_end(), kid);
}

#[test]
fn messages_name_keys_so() {
    let place = Place::new();
    let spki = spki_sha256(&place);
    let token = place
        .jwe("encrypt --key spki.pem --alg RSA-OAEP-256 --kid-spki")
        .stdin("s3cret")
        .run()
        .ok();
    let report = place.jwe("inspect --json").stdin(&token).run().ok_json();
    assert_eq!(report["header"]["kid"], spki.as_str());
    let decrypt = place.jwe("decrypt --key pkcs8.pem --alg RSA-OAEP-256 --kid-spki");
    assert_eq!(decrypt.stdin(&token).run().ok(), b"s3cret");
    let decrypt = place.jwe("decrypt --key pkcs8.pem --alg RSA-OAEP-256 --kid-thumbprint");
    decrypt.stdin(&token).run().refused("unknown_kid");
}

#[test]
fn sets_have_a_line_a_key() {
    let place = Place::new();
    let ec = place.jwe("keygen --alg ECDH-ES").run().ok_json();
    let set = json!({ "keys": [public_jwk(), ec] });
    place.write_secret("set.jwks", set.to_string());
    let kid = ec["kid"].as_str().unwrap();
    let lines = place.jwe("thumbprint set.jwks").run().ok_text();
    assert_eq!(lines, format!("{THUMBPRINT}\n{kid}\n"));
    let json = place.jwe("thumbprint --json set.jwks").run().ok_json();
    let kids: Vec<&Value> =
        json["keys"].as_array().unwrap().iter().map(|key| &key["kid"]).collect();
    assert_eq!(kids, ["throw-away-1", kid]);
    // Nothing private is in it.
    let text = json.to_string();
    assert!(!text.contains(ec["d"].as_str().unwrap()));
    place.write("empty.jwks", r#"{"keys":[]}"#);
    place.jwe("thumbprint empty.jwks").run().refused("key_empty");
}

#[test]
fn the_hash_of_a_secret_is_not_shown() {
    let place = Place::new();
    for alg in ["dir", "A256KW"] {
        let jwk = place.jwe(&format!("keygen --alg {alg}")).run().ok_json();
        place.write_secret("shared.jwk", jwk.to_string());
        for options in ["", "--spki", "--json"] {
            place
                .jwe(&format!("thumbprint {options} shared.jwk"))
                .run()
                .refused_saying("key_no_public_half", &["shared.jwk", "hash of the secret"]);
        }
        place
            .jwe("key convert shared.jwk --to jwk --private --kid-thumbprint")
            .run()
            .refused("key_invalid_kid");
    }
}
