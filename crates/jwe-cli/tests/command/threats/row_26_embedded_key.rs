//! A token that brings the key along with which it is to be opened.

use jwe::Alg;
use serde_json::{Value, json};

use super::target::{ENCRYPTED_KEY, Target, has_private_keys, parts, seal};
use crate::support::{Place, base64url};

pub(crate) fn check(backend: &'static str) {
    for target in Target::all(backend) {
        // The attacker's own key, under the name of the recipient's.
        let attacker = match has_private_keys(backend) && target.alg.is_rsa() {
            true => {
                let convert =
                    "key convert other.pem --to jwk --kid throw-away-1 --alg RSA-OAEP-256";
                target.place.jwe(convert).run().ok_json()
            }
            false => json!({
                "kty": "oct", "kid": target.kid(), "alg": target.alg.name(),
                "k": base64url::encode(vec![9; target.alg.kek_len().unwrap_or(target.enc.cek_len())]),
            }),
        };
        let members = [
            format!(r#","jwk":{attacker}"#),
            r#","x5c":["MIIB"]"#.to_owned(),
            r#","jwk":7,"x5c":{},"x5t":[],"x5t#S256":null"#.to_owned(),
        ];
        for members in &members {
            let header = target.header(members);
            // What is in there changes nothing: whoever has the recipient's key can open what was
            // made for it, and nothing else is opened.
            target.accepts(&target.sealed(&header, b"s3cret"), b"s3cret");
            let forged = forged(&target, &attacker, &header);
            target.refuses_all(&[(forged, "decryption_failed")]);
        }
        let long = target.header(&format!(r#","x5c":["{}"]"#, "A".repeat(8192)));
        target.refuses(&target.with_header(long), "header_too_long");
        // Without a name the choice is as before.
        let name = format!(r#","kid":"{}""#, target.kid());
        let nameless = target.header(&members[0]).replacen(&name, "", 1);
        target.refuses(&forged(&target, &attacker, &nameless), "decryption_failed");
    }
}

/// A token for the attacker's key with this header.
fn forged(target: &Target, attacker: &Value, header: &str) -> String {
    if target.alg == Alg::Dir {
        let cek = base64url::decode(attacker["k"].as_str().unwrap());
        return seal(target.backend, (target.enc, &cek), header, &[], b"s3cret");
    }
    let place = Place::new();
    place.write_secret("attacker.jwk", attacker.to_string());
    let (backend, enc) = (target.backend, target.enc);
    let encrypt = format!("encrypt --key attacker.jwk --backend {backend} --enc {enc}");
    let made = parts(&place.jwe(&encrypt).stdin("s3cret").run().ok_text());
    let mut token = target.good.clone();
    token[0] = base64url::encode(header);
    token[ENCRYPTED_KEY].clone_from(&made[ENCRYPTED_KEY]);
    token.join(".")
}
