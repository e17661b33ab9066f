//! A key that is used with another algorithm than its own: `alg` is compared with the one that the
//! key is bound to, letter by letter, before anything else is done with the message.

use jwe::{Alg, Backend, Curve, Decrypter, Enc, Encrypter};
use jwe_tests::{base64url, keys};
use serde_json::Value;

use crate::target::Target;

pub(crate) fn check(backend: &'static Backend) {
    for target in Target::all(backend) {
        names_that_are_alike(&target);
        other_encs(&target);
    }
    let mut pairs = 0;
    for target in Target::every(backend, &[Enc::A128Gcm], |_| true) {
        pairs += every_other_alg(&target);
    }
    // Of some twenty keys, or nine on ring, each with the algorithms that are not its own.
    assert!(pairs > if backend.name() == "ring" { 150 } else { 500 }, "{pairs}");
    an_enc_outside_the_set(backend);
}

/// RSA1_5, and any other alg than the key's, in whatever letters, with whatever there is as the
/// encrypted key.
fn names_that_are_alike(target: &Target) {
    let enc = format!("\"{}\"", target.enc);
    let alike = match target.alg {
        Alg::Dir => ["DIR", "dir ", "Dir", "direct", " dir"],
        _ => ["rsa-oaep-256", "RSA-OAEP-256 ", "RSA-OAEP-2", "RSA-OAEP-256\\u0000", "RSA_OAEP_256"],
    };
    let others = [
        "RSA1_5",
        "RSA-OAEP",
        "RSA-OAEP-384",
        "RSA-OAEP-512",
        "A128KW",
        "A256KW",
        "A256GCMKW",
        "ECDH-ES",
        "PBES2-HS256+A128KW",
        "none",
        "HS256",
        "RS256",
        "A256GCM",
        "",
        "*",
    ];
    for name in alike.iter().chain(&others) {
        let header = target.header(&format!("\"{name}\""), &enc, "");
        target.refuses_header(header.as_bytes(), "alg_not_accepted");
        for len in [0, 16, 256] {
            let forged =
                target.good.with_header(header.as_bytes()).with_encrypted_key(&vec![2; len]);
            target.refuses(&forged.token(), "alg_not_accepted");
        }
    }
    // An RSA key is not asked to open a token for direct encryption, nor the other way round.
    let other = if target.alg == Alg::Dir { "RSA-OAEP-256" } else { "dir" };
    let header = target.header(&format!("\"{other}\""), &enc, "");
    let forged = target.good.with_header(header.as_bytes());
    target.refuses(&forged.token(), "alg_not_accepted");
    target.refuses(&forged.with_encrypted_key(&[]).token(), "alg_not_accepted");
}

/// Every pair of algorithms, with all the parameters that any of them wants.
fn every_other_alg(target: &Target) -> usize {
    let curve = target.jwk.curve().unwrap_or(Curve::P256);
    let point = keys::ec(curve).to_public().unwrap();
    let epk: Value = serde_json::from_str(&point.to_json()).unwrap();
    let header = |alg: &str| {
        serde_json::json!({
            "alg": alg, "enc": target.enc.name(), "kid": target.jwk.kid(),
            "epk": {
                "kty": epk["kty"], "crv": epk["crv"], "x": epk["x"],
                "y": epk["y"].as_str().unwrap_or("AA"),
            },
            "iv": base64url::encode(&[0; 12]), "tag": base64url::encode(&[0; 16]),
            "p2s": base64url::encode(&[0; 16]), "p2c": 1_000_000_000,
        })
        .to_string()
    };
    let mut count = 0;
    for other in Alg::ALL.iter().filter(|other| **other != target.alg) {
        let forged = target.good.with_header(header(other.name()).as_bytes());
        target.refuses_parts(&forged, "alg_not_accepted");
        target.refuses_parts(&forged.with_encrypted_key(&[]), "alg_not_accepted");
        count += 1;
    }
    let lower = target.alg.name().to_lowercase();
    let upper = target.alg.name().to_uppercase();
    for name in [lower, upper, format!("{} ", target.alg), format!("{}\0", target.alg)] {
        if name != target.alg.name() {
            let forged = target.good.with_header(header(&name).as_bytes());
            target.refuses_parts(&forged, "alg_not_accepted");
            count += 1;
        }
    }
    count
}

fn other_encs(target: &Target) {
    let alg = format!("\"{}\"", target.alg);
    for name in ["a256gcm", "A256GCM ", "A128CBC+HS256", "A256CTR", "A512GCM", "none", ""] {
        let header = target.header(&alg, &format!("\"{name}\""), "");
        target.refuses_header(header.as_bytes(), "enc_not_accepted");
    }
}

/// In the set of the backend, but not in that of the recipient.
fn an_enc_outside_the_set(backend: &'static Backend) {
    let jwk = keys::oct(32);
    let sender = keys::sender(backend, &jwk, Alg::Dir);
    let token = Encrypter::new(backend, &sender, Enc::A128CbcHs256).unwrap().encrypt(b"x");
    let recipient = keys::recipient(backend, &jwk, Alg::Dir);
    let decrypter = Decrypter::new(backend, [recipient], &[Enc::A256Gcm]).unwrap();
    assert_eq!(decrypter.decrypt(&token.unwrap()).unwrap_err().code(), "enc_not_accepted");
}
