//! What a key says about its use, and the switch for publishers that label it wrongly.

use serde_json::{Value, json};

use crate::support::{Place, private_jwk, public_jwk, with};

fn place_with(members: &Value) -> Place {
    let place = Place::new();
    place.write("labelled.jwk", with(public_jwk(), members).to_string());
    place.write_secret("labelled-private.jwk", with(private_jwk(), members).to_string());
    place
}

#[test]
fn a_key_that_signs_is_refused() {
    for (members, code) in [
        (json!({ "use": "sig" }), "key_usage"),
        (json!({ "use": "sig", "alg": "RS256" }), "key_usage"),
        (json!({ "use": "other" }), "key_usage"),
        (json!({ "use": null, "key_ops": ["verify"] }), "key_usage"),
        (json!({ "use": null, "key_ops": [] }), "key_usage"),
        (json!({ "alg": "RS256" }), "key_alg_conflict"),
        (json!({ "alg": "RSA1_5" }), "key_alg_conflict"),
        (json!({ "alg": "A256GCM" }), "key_alg_conflict"),
        (json!({ "alg": "rsa-oaep-256" }), "key_alg_conflict"),
    ] {
        let place = place_with(&members);
        for (command, file) in [("encrypt", "labelled.jwk"), ("decrypt", "labelled-private.jwk")] {
            let refused = place.jwe(&format!("{command} --key {file}")).stdin("s3cret").run();
            refused.refused_saying(code, &[file, "--ignore-key-usage with --alg"]);
        }
        // By explicit choice it is taken, and only with an alg.
        place.jwe("encrypt --key labelled.jwk --ignore-key-usage").run().misused("--alg");
        let anyway = "--ignore-key-usage --alg RSA-OAEP-256";
        let token =
            place.jwe(&format!("encrypt --key labelled.jwk {anyway}")).stdin("s3cret").run().ok();
        let decrypt = place.jwe(&format!("decrypt --key labelled-private.jwk {anyway}"));
        assert_eq!(decrypt.stdin(token).run().ok(), b"s3cret");
    }
}

#[test]
fn key_ops_that_allow_it() {
    for ops in [json!(["encrypt"]), json!(["wrapKey", "verify"])] {
        let place = place_with(&json!({ "use": null, "key_ops": ops }));
        place.jwe("encrypt --key labelled.jwk").run().ok();
    }
    let place = place_with(&json!({ "use": null, "key_ops": ["unwrapKey"] }));
    let token = place.jwe("encrypt --key labelled-private.jwk").stdin("s3cret").run().ok();
    assert_eq!(place.jwe("decrypt --key labelled-private.jwk").stdin(&token).run().ok(), b"s3cret");
    let public = place.jwe("public labelled-private.jwk").run().ok_json();
    assert_eq!(public["key_ops"], json!(["wrapKey"]));
}

#[test]
fn the_alg_must_be_known_and_agree() {
    let place = place_with(&json!({ "alg": null }));
    for (command, file) in [("encrypt", "labelled.jwk"), ("decrypt", "labelled-private.jwk")] {
        let refused = place.jwe(&format!("{command} --key {file}")).run();
        refused.refused_saying("key_missing_alg", &[file, "--alg"]);
    }
    let token = place.jwe("encrypt --key labelled.jwk --alg RSA-OAEP").stdin("s3cret").run().ok();
    let decrypt = |alg: &str| {
        place.jwe(&format!("decrypt --key labelled-private.jwk --alg {alg}")).stdin(&token).run()
    };
    assert_eq!(decrypt("RSA-OAEP").ok(), b"s3cret");
    decrypt("RSA-OAEP-256").refused("alg_not_accepted");
    decrypt("dir").refused_saying("key_alg_type", &["RSA"]);
    decrypt("RSA1_5").misused("RSA1_5");

    place
        .jwe("encrypt --key public.jwk --alg RSA-OAEP")
        .run()
        .refused_saying("key_alg_conflict", &["\"RSA-OAEP-256\"", "not RSA-OAEP"]);
    let odd = place_with(&json!({ "alg": "\u{202e}\u{1b}[31m" }));
    odd.jwe("encrypt --key labelled.jwk")
        .run()
        .refused_saying("key_alg_conflict", &["\\u{202e}\\u{1b}[31m"]);
}
