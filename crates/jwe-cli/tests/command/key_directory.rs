//! `jwe keys`: the folder of a server's private keys.

use std::fs;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::{Place, base64url};

const NEW: &str = "--alg ECDH-ES+A256KW --crv P-256";

fn keys(place: &Place) -> Vec<Value> {
    let json = place.jwe("keys list keys --json").run().ok_json();
    json["keys"].as_array().unwrap().clone()
}

fn states(keys: &[Value]) -> Vec<&str> {
    keys.iter().map(|key| key["state"].as_str().unwrap()).collect()
}

#[test]
fn a_life_of_keys() {
    let place = Place::new();
    let made = place.jwe(&format!("keys init keys {NEW}")).run().ok_text();
    assert_eq!(made.lines().count(), 2);
    let first = keys(&place);
    assert_eq!(states(&first), ["current", "next"]);
    assert_eq!(made, place.jwe("keys list keys").run().ok_text());
    for key in &first {
        assert_eq!((&key["alg"], &key["decrypts"]), (&"ECDH-ES+A256KW".into(), &true.into()));
        let made = key["made"].as_str().unwrap();
        assert!(made.starts_with("20") && made.ends_with('Z') && made.len() == 20, "{made}");
        assert!(made.len() == 20 && key["decrypts_until"].is_null());
    }
    place.jwe("keys init keys").run().refused("keys_exist");

    // The keys that follow are like the one that is there.
    place.jwe("keys rotate keys --overlap 7d").run().ok();
    let second = keys(&place);
    assert_eq!(states(&second), ["current", "next", "retired"]);
    assert_eq!(second[0]["kid"], first[1]["kid"]);
    assert_eq!(second[2]["kid"], first[0]["kid"]);
    assert_eq!(second[1]["alg"], "ECDH-ES+A256KW");
    let until = second[2]["decrypts_until"].as_str().unwrap();
    assert!(
        place.jwe("keys list keys").run().ok_text().contains(&format!("decrypts until {until}"))
    );

    // A file of the folder is a key for every other command.
    let old = first[0]["kid"].as_str().unwrap();
    let token = place.jwe(&format!("encrypt --key keys/{old}.jwk")).stdin("s3cret").run().ok_text();
    let text = place.jwe(&format!("decrypt --key keys/{old}.jwk")).stdin(&token).run().ok_text();
    assert_eq!(text, "s3cret");

    place.jwe("keys prune keys").run().ok();
    assert!(place.exists(&format!("keys/{old}.jwk")));
    let current = second[0]["kid"].as_str().unwrap();
    place.jwe(&format!("keys retire keys --kid {current}")).run().refused("keys_is_current");
    place.jwe("keys retire keys --kid nobody").run().refused("keys_no_such_kid");
    let listed = place.jwe(&format!("keys retire keys --kid {old}")).run().ok_text();
    assert!(listed.contains("no longer decrypts"), "{listed}");
    assert_eq!(place.jwe("keys prune keys").run().ok_text(), format!("removed {old}\n"));
    assert!(!place.exists(&format!("keys/{old}.jwk")));
    assert_eq!(states(&keys(&place)), ["current", "next"]);
}

#[test]
fn keys_are_rsa_unless_said_otherwise() {
    let place = Place::new();
    place.jwe("keys init keys --bits 2048").run().ok();
    place.jwe("keys rotate keys").run().ok();
    for key in keys(&place) {
        assert_eq!(key["alg"], "RSA-OAEP-256");
        let file = format!("keys/{}.jwk", key["kid"].as_str().unwrap());
        let jwk: Value = serde_json::from_slice(&place.read(&file)).unwrap();
        assert_eq!(base64url::decode(jwk["n"].as_str().unwrap()).len(), 256);
    }
    // Another algorithm is a matter of one rotation.
    place.jwe(&format!("keys rotate keys {NEW}")).run().ok();
    assert_eq!(keys(&place)[1]["alg"], "ECDH-ES+A256KW");
}

#[test]
fn what_is_no_key_of_a_server_is_refused() {
    let place = Place::new();
    place.jwe("keys init keys --alg dir").run().refused("keys_not_public");
    place.jwe("keys init keys --crv P-256").run().misused("--crv is for ECDH-ES");
    place.jwe("keys init keys --alg ECDH-ES --bits 2048").run().misused("--bits is for RSA");
    place.jwe("keys rotate keys --overlap soon").run().misused("24h");
    place.jwe("keys list keys").run().refused("keys_io");
    assert!(!place.exists("keys"));
    place.jwe(&format!("keys init keys {NEW}")).run().ok();
    let kid = keys(&place)[0]["kid"].as_str().unwrap().to_owned();
    fs::write(place.path(&format!("keys/{kid}.jwk")), "{").unwrap();
    place.jwe("keys list keys").run().refused("key_not_json");
    place.jwe("keys rotate keys").run().refused("key_not_json");
}

#[cfg(unix)]
#[test]
fn keys_are_for_their_owner_alone() {
    let place = Place::new();
    place.jwe(&format!("keys init keys {NEW}")).run().ok();
    assert_eq!(place.mode("keys"), 0o700);
    let kid = keys(&place)[0]["kid"].as_str().unwrap().to_owned();
    let file = format!("keys/{kid}.jwk");
    assert_eq!(place.mode(&file), 0o600);
    place.set_mode(&file, 0o644);
    place.jwe("keys list keys").run().refused("keys_access");
}

/// What a caller shows, and what the server knows it by.
#[test]
fn a_token_and_its_hash() {
    let place = Place::new();
    let tokens: Vec<String> = (0..2)
        .map(|_| {
            let text = place.jwe("keys token").run().ok_text();
            let (token, hash) = text.split_once('\n').unwrap();
            let token = token.strip_prefix("token: ").unwrap();
            let hash = hash.trim_end().rsplit_once("sha256:").unwrap().1;
            assert_eq!(base64url::decode(token).len(), 32);
            assert_eq!(hash, base64url::encode(Sha256::digest(token)));
            token.to_owned()
        })
        .collect();
    assert_ne!(tokens[0], tokens[1]);
}
