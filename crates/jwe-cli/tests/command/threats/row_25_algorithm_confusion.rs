//! A token for a symmetric key that everybody knows: the bytes of the published key.

use jwe::{Alg, Enc};
use serde_json::json;

use super::target::{Case, Target, has_private_keys, seal};
use crate::support::{Place, base64url};

/// What an attacker could take for the recipient's secret: the published key in its forms, as they
/// are, cut and filled up to the length of a key.
fn published(place: &Place) -> Vec<Vec<u8>> {
    let mut keys: Vec<Vec<u8>> = Vec::new();
    for file in ["spki.pem", "spki.der", "pkcs1-public.pem", "pkcs1-public.der", "public.jwk"] {
        let bytes = place.read(file);
        let text = String::from_utf8_lossy(&bytes).trim_end().as_bytes().to_vec();
        for bytes in [bytes, text] {
            keys.push(bytes[..32].to_vec());
            keys.push(bytes[bytes.len() - 32..].to_vec());
        }
    }
    keys
}

pub(crate) fn check(backend: &'static str) {
    a_public_key_is_no_symmetric_one(backend);
    let (alg, enc) = match has_private_keys(backend) {
        true => (Alg::RsaOaep256, Enc::A256Gcm),
        false => (Alg::A256Kw, Enc::A256Gcm),
    };
    let target = Target::new(backend, alg, enc);
    let mut cases: Vec<Case> = Vec::new();
    for bytes in published(&target.place) {
        for other in ["dir", "A256KW", "A256GCMKW"].into_iter().filter(|other| *other != alg.name())
        {
            let header = target.header_of(&format!("\"{other}\""), "\"A256GCM\"", "");
            let encrypted_key = match other {
                "dir" => Vec::new(),
                _ => {
                    let jwk = json!({ "kty": "oct", "kid": "x", "alg": "A256KW", "k": base64url::encode(&bytes) });
                    let forger = Target::of(backend, jwk, Alg::A256Kw, Enc::A256Gcm);
                    forger.wrapped(&bytes)
                }
            };
            let token = seal(backend, (Enc::A256Gcm, &bytes), &header, &encrypted_key, b"s3cret");
            cases.push((token, "alg_not_accepted"));
        }
    }
    assert!(cases.len() >= 40, "{}", cases.len());
    target.rejects_all(&cases);
    target.refuses_all(&cases[..2]);
    // The key keeps its algorithm when the command line has another.
    let decrypt = target.decrypt("--alg dir").stdin(&cases[0].0).run();
    decrypt.refused("key_alg_conflict");
    let decrypt = target.decrypt("--alg dir --ignore-key-usage").stdin(&cases[0].0).run();
    if has_private_keys(backend) {
        decrypt.refused("key_alg_type");
    } else {
        decrypt.refused("decryption_failed");
    }
}

/// Nobody loads a public key for an algorithm of symmetric keys.
fn a_public_key_is_no_symmetric_one(backend: &str) {
    let place = Place::new();
    for file in ["spki.pem", "spki.der", "pkcs1-public.pem", "pkcs8.pem", "public.jwk"] {
        for alg in ["dir", "A256KW", "A256GCMKW", "PBES2-HS256+A128KW"] {
            for command in ["encrypt", "decrypt"] {
                let jwe = format!("{command} --key {file} --backend {backend} --alg {alg}");
                let name = if file == "public.jwk" { "" } else { "--kid k" };
                let jwe = place.jwe(&format!("{jwe} {name} --ignore-key-usage"));
                jwe.stdin("s3cret").run().refused("key_alg_type");
            }
        }
    }
}
