//! Certificates as the source of a public key: dates are told, and no trust comes from them.

use rcgen::{CertificateParams, KeyPair, KeyUsagePurpose, date_time_ymd};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::support::{Place, base64url};

/// A certificate about a key on P-256, valid in these years, and that key.
fn certificate(years: [i32; 2], usages: &[KeyUsagePurpose]) -> (rcgen::Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["api.example".to_owned()]).unwrap();
    params.not_before = date_time_ymd(years[0], 1, 1);
    params.not_after = date_time_ymd(years[1], 1, 1);
    params.key_usages = usages.to_vec();
    (params.self_signed(&key).unwrap(), key)
}

/// Its base64, which has no line ends in a JWK (RFC 7517 §4.7).
fn x5c(certificate: &rcgen::Certificate) -> String {
    certificate.pem().lines().filter(|line| !line.starts_with('-')).collect()
}

const VALID: [i32; 2] = [2020, 2090];
const ALG: &str = "--alg ECDH-ES+A128KW --no-kid";

#[test]
fn the_key_of_a_certificate_encrypts() {
    let place = Place::new();
    let (certificate, key) = certificate(VALID, &[]);
    place.write("cert.pem", certificate.pem());
    place.write("cert.der", certificate.der());
    place.write_secret("key.pem", key.serialize_pem());
    let dates = ["the certificate is valid from 2020-01-01T00:00:00Z until 2090-01-01T00:00:00Z"];
    for file in ["cert.pem", "cert.der"] {
        let token = place.jwe(&format!("encrypt --key {file} {ALG}")).stdin("s3cret").run().ok();
        let decrypt = place.jwe("decrypt --key key.pem --alg ECDH-ES+A128KW").stdin(token);
        assert_eq!(decrypt.run().ok(), b"s3cret", "{file}");
        let same = place.jwe("thumbprint key.pem").run().ok();
        assert_eq!(place.jwe(&format!("thumbprint {file}")).run().noted(&dates), same);
        let spki = place.jwe(&format!("key convert {file} --to spki")).run().noted(&dates);
        assert_eq!(spki, place.jwe("key convert key.pem --to spki").run().ok());
        let json = place.jwe(&format!("thumbprint --json {file}")).run().noted(&dates);
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(json["certificate"]["not_after"], "2090-01-01T00:00:00Z");
    }
    place.jwe("decrypt --key cert.pem --alg ECDH-ES").run().refused("key_private_needed");
}

#[test]
fn one_that_is_not_valid_now_is_warned_about() {
    let place = Place::new();
    for (years, warning) in [
        ([2020, 2021], "cert.pem: the certificate has expired on 2021-01-01T00:00:00Z"),
        ([2089, 2090], "cert.pem: the certificate is not valid before 2089-01-01T00:00:00Z"),
    ] {
        let (certificate, key) = certificate(years, &[]);
        place.write("cert.pem", certificate.pem());
        place.write_secret("key.pem", key.serialize_pem());
        let encrypt = place.jwe(&format!("encrypt --key cert.pem {ALG}")).stdin("s3cret");
        let token = encrypt.run().warned(&[warning]);
        let decrypt = place.jwe("decrypt --key key.pem --alg ECDH-ES+A128KW").stdin(token);
        assert_eq!(decrypt.run().ok(), b"s3cret");
        // In a JWK it is the same.
        let jwk = place.jwe("key convert key.pem --to jwk").run().ok_json();
        let mut jwk = jwk.as_object().unwrap().clone();
        jwk.insert("x5c".to_owned(), json!([x5c(&certificate)]));
        place.write("key.jwk", json!(jwk).to_string());
        let encrypt = place.jwe(&format!("encrypt --key key.jwk {ALG}")).stdin("s3cret").run();
        encrypt.warned(&[&warning.replace("cert.pem", "key.jwk")]);
    }
}

#[test]
fn one_for_signatures_is_refused() {
    let place = Place::new();
    let (certificate, _) = certificate(VALID, &[KeyUsagePurpose::DigitalSignature]);
    place.write("cert.pem", certificate.pem());
    let encrypt = place.jwe(&format!("encrypt --key cert.pem {ALG}")).run();
    encrypt.refused_saying("key_usage", &["cert.pem", "certificate", "--ignore-key-usage"]);
    let anyway = place.jwe(&format!("encrypt --key cert.pem {ALG} --ignore-key-usage"));
    anyway.stdin("s3cret").run().ok();
}

#[test]
fn one_of_another_key_is_refused() {
    let place = Place::new();
    let (first, key) = certificate(VALID, &[]);
    let (other, _) = certificate(VALID, &[]);
    place.write_secret("key.pem", key.serialize_pem());
    let jwk = place.jwe("key convert key.pem --to jwk").run().ok_json();
    let with = |about: &rcgen::Certificate, digest: &rcgen::Certificate| {
        let mut jwk = jwk.as_object().unwrap().clone();
        jwk.insert("x5c".to_owned(), json!([x5c(about)]));
        let digest = base64url::encode(Sha256::digest(digest.der()));
        jwk.insert("x5t#S256".to_owned(), digest.into());
        place.write("key.jwk", json!(jwk).to_string());
    };
    with(&first, &first);
    place.jwe(&format!("encrypt --key key.jwk {ALG}")).stdin("s3cret").run().ok();
    with(&first, &other);
    for command in [
        format!("encrypt --key key.jwk {ALG}"),
        "public key.jwk".to_owned(),
        "thumbprint key.jwk".to_owned(),
        "key convert key.jwk --to pem".to_owned(),
    ] {
        let refused = place.jwe(&command).stdin("s3cret").run();
        refused.refused_saying("key_invalid_member", &["key.jwk", "x5t#S256"]);
    }
    with(&other, &other);
    let refused = place.jwe(&format!("encrypt --key key.jwk {ALG}")).run();
    refused.refused_saying("key_invalid_member", &["key.jwk", "x5c"]);
}
