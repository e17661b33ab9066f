//! A token that brings its key along (`jwk`, `x5c`; RFC 7516 §4.1.5, §4.1.7): the key is chosen by
//! its `kid` among those that the recipient was given, and by nothing else.

use jwe::{Backend, Enc, Encrypter, Jwk, KeyMaterial};
use jwe_tests::parts::Parts;
use jwe_tests::{base64url, keys, vectors};
use serde_json::{Value, json};

use crate::target::{PLAINTEXT, Target};

pub(crate) fn check(backend: &'static Backend) {
    for target in Target::every(backend, &[Enc::A256Gcm, Enc::A128CbcHs256], |_| true) {
        let attacker = attacker(&target);
        // A shared key stands in there in whole, as the attacker may know its own.
        let embedded = attacker.to_public().map_or_else(
            || oct_json(&attacker),
            |public| serde_json::from_str(&public.to_json()).unwrap(),
        );
        let members: [&[(&str, Value)]; 5] = [
            &[("jwk", embedded.clone())],
            &[("jwk", embedded.clone()), ("jku", "http://127.0.0.1:9/".into())],
            &[("x5c", json!(["MIIB"])), ("x5t", "AA".into()), ("x5t#S256", "AA".into())],
            &[("jwk", 7.into()), ("x5c", json!({}))],
            &[("jwk", json!([embedded])), ("x5c", json!(["AA==", "="]))],
        ];
        for members in members {
            // For the right key, with somebody else's in the header: opened with the right one.
            let token = sealed(&target, &target.jwk, members);
            assert_eq!(*target.decrypter.decrypt(&token).unwrap(), PLAINTEXT);
            // For somebody else's key, which the header brings along.
            let forged = Parts::of(&sealed(&target, &attacker, members));
            target.refuses_parts(&forged, "decryption_failed");
            // With no name, the only key of the recipient is meant, and under another name none.
            let mut header: Value = serde_json::from_str(&forged.header_json()).unwrap();
            header.as_object_mut().unwrap().remove("kid");
            let nameless = forged.with_header(header.to_string().as_bytes());
            target.refuses_parts(&nameless, "decryption_failed");
            header["kid"] = "attacker".into();
            let other = forged.with_header(header.to_string().as_bytes());
            target.refuses_parts(&other, "unknown_kid");
        }
        let long = target.header_with(&format!(r#","x5c":["{}"]"#, "A".repeat(8192)));
        target.refuses_header(long.as_bytes(), "header_too_long");
    }
}

/// Another key of the same kind, under the same name.
fn attacker(target: &Target) -> Jwk {
    let jwk = match target.jwk.material() {
        KeyMaterial::RsaPrivate(_) => {
            let vector = vectors::rfc().iter().find(|vector| vector.id == "rfc7516-A.1");
            Jwk::from_json(vector.unwrap().key.to_string().as_bytes()).unwrap()
        }
        KeyMaterial::EcPrivate(_) => {
            Jwk::generate_ec(jwe::default_backend(), target.jwk.curve().unwrap()).unwrap()
        }
        _ => {
            let mut bytes = target.shared_key().to_vec();
            bytes[0] ^= 1;
            let json = format!(r#"{{"kty":"oct","k":"{}"}}"#, base64url::encode(&bytes));
            Jwk::from_json(json.as_bytes()).unwrap()
        }
    };
    assert_eq!(jwk.curve(), target.jwk.curve());
    jwk.with_kid(target.jwk.kid().unwrap()).unwrap()
}

fn oct_json(jwk: &Jwk) -> Value {
    let KeyMaterial::Oct(key) = jwk.material() else { panic!("a symmetric key") };
    json!({ "kty": "oct", "k": base64url::encode(key.as_bytes()) })
}

fn sealed(target: &Target, jwk: &Jwk, members: &[(&str, Value)]) -> String {
    let sender = keys::sender(target.backend, jwk, target.alg);
    let builder = Encrypter::builder(target.backend, &sender, target.enc).with_iterations(1000);
    members
        .iter()
        .fold(builder, |builder, (name, value)| builder.with_member(name, value.clone()))
        .build()
        .unwrap()
        .encrypt(PLAINTEXT)
        .unwrap()
}
