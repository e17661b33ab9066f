//! `--understand`: header members that a recipient must understand (RFC 7516 §4.1.13).

use jwe::{Enc, Encrypter, EncryptionKey, Jwk, KeyOptions, default_backend};
use serde_json::json;

use crate::support::{Place, public_jwk};

/// A token whose `crit` names these members.
fn token(names: &[&str]) -> String {
    let backend = default_backend();
    let jwk = Jwk::from_json(public_jwk().to_string().as_bytes()).unwrap();
    let key = EncryptionKey::import(backend, &jwk, &KeyOptions::new()).unwrap();
    let mut builder = Encrypter::builder(backend, &key, Enc::A256Gcm);
    for name in names {
        builder = builder.with_critical_member(name, json!(1));
    }
    builder.build().unwrap().encrypt(b"s3cret").unwrap()
}

#[test]
fn a_critical_member_must_be_understood() {
    let place = Place::new();
    let decrypt = |options: &str, token: &str| {
        place.jwe(&format!("decrypt --key private.jwk {options}")).stdin(token).run()
    };
    let one = token(&["urn:x"]);
    decrypt("", &one).refused_saying("crit_not_understood", &["--understand"]);
    decrypt("--understand urn:y", &one).refused("crit_not_understood");
    assert_eq!(decrypt("--understand urn:x", &one).ok(), b"s3cret");
    let two = token(&["urn:x", "urn:y"]);
    decrypt("--understand urn:x", &two).refused("crit_not_understood");
    assert_eq!(decrypt("--understand urn:y --understand urn:x", &two).ok(), b"s3cret");
    let document = json!({ "a": one }).to_string();
    let fields = "fields decrypt --key private.jwk --field /a --understand urn:x";
    assert_eq!(place.jwe(fields).stdin(document).run().ok_json(), json!({ "a": "s3cret" }));
}
