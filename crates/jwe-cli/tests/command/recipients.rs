//! Several recipients, and several keys to decrypt with.

use serde_json::{Value, json};

use crate::support::{Place, private_jwk, with};

/// A place with keys of several kinds, each with an id.
fn place() -> Place {
    let place = Place::new();
    place.jwe("keygen --alg ECDH-ES+A256KW --crv X25519 --kid anna -o anna.jwk").run().ok();
    place.jwe("public anna.jwk -o anna.pub").run().ok();
    place.jwe("keygen --alg A256GCMKW --kid shared -o shared.jwk").run().ok();
    place.write_secret("password", "secret words");
    place
}

fn message(place: &Place) -> Vec<u8> {
    place
        .jwe(
            "encrypt --serialization general --key public.jwk --key anna.pub --key shared.jwk \
             --password-file password --p2c 1000 --aad x --cty text/plain",
        )
        .stdin("s3cret")
        .run()
        .ok()
}

#[test]
fn each_recipient_opens_the_message() {
    let place = place();
    let message = message(&place);
    let json: Value = serde_json::from_slice(&message).unwrap();
    assert_eq!(json["recipients"].as_array().unwrap().len(), 4);
    for keys in [
        "--key private.jwk",
        "--key anna.jwk",
        "--key shared.jwk",
        "--password-file password --allow-pbes2",
        "--key shared.jwk --key anna.jwk",
    ] {
        let decrypt = place.jwe(&format!("decrypt --serialization general {keys}"));
        assert_eq!(decrypt.stdin(&message).run().ok(), b"s3cret", "{keys}");
    }
    place.jwe("keygen --alg A256GCMKW --kid other -o other.jwk").run().ok();
    let stranger = place.jwe("decrypt --serialization general --key other.jwk").stdin(&message);
    stranger.run().refused("unknown_kid");
}

#[test]
fn several_recipients_need_the_general_serialization() {
    let place = place();
    for serialization in ["compact", "flattened"] {
        for keys in ["--key public.jwk --key anna.pub", "--key public.jwk --password-file password"]
        {
            let encrypt = format!("encrypt --serialization {serialization} {keys}");
            place.jwe(&encrypt).run().misused("--serialization general");
        }
    }
    place
        .jwe("fields encrypt --field /a --key public.jwk --key anna.pub")
        .stdin("{}")
        .run()
        .misused("one key");
    place.jwe("keygen --alg dir --kid d -o dir.jwk").run().ok();
    place
        .jwe("encrypt --serialization general --key public.jwk --key dir.jwk")
        .run()
        .refused_saying("setup_direct_with_others", &["A256KW"]);
    for command in ["encrypt --serialization general", "decrypt"] {
        let named = place.jwe(&format!("{command} --key public.jwk --key anna.jwk --kid a"));
        named.run().misused("--kid names one key");
    }
    place.jwe("encrypt --serialization general").run().misused("--key <FILE|URL>");
}

#[test]
fn of_several_keys_the_token_names_one_or_they_are_tried() {
    let place = place();
    let named = place.token_of(b"s3cret");
    let keys = "--key shared.jwk --key private.jwk --key anna.jwk";
    let decrypt =
        |options: &str, token: &str| place.jwe(&format!("decrypt {options}")).stdin(token).run();
    assert_eq!(decrypt(keys, &named).ok(), b"s3cret");
    let unnamed = place.jwe("encrypt --key public.jwk --no-kid").stdin("s3cret").run().ok_text();
    decrypt(keys, &unnamed).refused_saying("missing_kid", &["--try-keys"]);
    assert_eq!(decrypt(&format!("{keys} --try-keys"), &unnamed).ok(), b"s3cret");
    decrypt(&format!("{keys} --try-keys --require-kid"), &unnamed).refused("missing_kid");

    // Keys without an id, or with the same.
    let nameless = "--key other.pem --key pkcs8.pem --alg RSA-OAEP-256";
    decrypt(nameless, &unnamed).refused_saying("setup_ambiguous_kid", &["--try-keys"]);
    assert_eq!(decrypt(&format!("{nameless} --try-keys"), &unnamed).ok(), b"s3cret");
    let only_other = "--key other.pem --key anna.jwk --alg RSA-OAEP-256,ECDH-ES+A256KW --try-keys";
    decrypt(only_other, &unnamed).refused("decryption_failed");
    // An id is looked at all the same, and there is more than one key whose name could be ignored.
    decrypt(&format!("{nameless} --try-keys"), &named).refused("unknown_kid");
    decrypt(&format!("{nameless} --try-keys --ignore-kid"), &named).refused("unknown_kid");
    let twins = json!({ "keys": [with(private_jwk(), &json!({ "use": null })), private_jwk()] });
    place.write_secret("twins.jwks", twins.to_string());
    assert_eq!(decrypt("--key twins.jwks --try-keys", &named).ok(), b"s3cret");

    let document = json!({ "a": unnamed.trim_end(), "b": named.trim_end() }).to_string();
    let fields = place.jwe(&format!("fields decrypt {keys} --try-keys --field /a --field /b"));
    assert_eq!(fields.stdin(&document).run().ok_json(), json!({ "a": "s3cret", "b": "s3cret" }));
}

#[test]
fn each_file_is_read_and_named_in_its_own_failure() {
    let place = place();
    place.write("bad.jwk", "{}");
    place
        .jwe("decrypt --key private.jwk --key bad.jwk")
        .run()
        .refused_saying("key_missing_member", &["bad.jwk: "]);
    place
        .jwe("encrypt --serialization general --key public.jwk --key none.jwk")
        .run()
        .refused_saying("input", &["none.jwk: "]);
    place.jwe("decrypt --key private.jwk --key - --password-file -").run().misused("together");
    let lost = place.jwe("decrypt --key private.jwk --key anna.jwk -o anna.jwk");
    lost.run().misused("-o names a file of a key");
}
