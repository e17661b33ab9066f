//! RSAES-PKCS1-v1_5 (RFC 7518 §4.2), which tells with every failure how the padding was.

use jwe::{Alg, Enc};

use super::number::Number;
use super::target::{Case, ENCRYPTED_KEY, HEADER, Target, has_private_keys, parts};
use crate::support::{Place, base64url, private_jwk};

/// A block of the length of the modulus: these bytes, filled up, and then zero and the key.
fn block(beginning: [u8; 2], key_len: usize) -> Vec<u8> {
    let mut block = vec![0x55; 256];
    block[..2].copy_from_slice(&beginning);
    block[255 - key_len] = 0;
    block[256 - key_len..].fill(7);
    block
}

pub(crate) fn check(backend: &'static str) {
    let place = Place::new();
    let encrypt = place.jwe(&format!("encrypt --key public.jwk --backend {backend} --alg RSA1_5"));
    encrypt.run().misused("RSA1_5");
    place
        .jwe(&format!("decrypt --key private.jwk --backend {backend} --alg RSA1_5"))
        .run()
        .misused("RSA1_5");
    if !has_private_keys(backend) {
        let target = Target::new(backend, Alg::Dir, Enc::A256Gcm);
        let header = target.header_of("\"RSA1_5\"", "\"A256GCM\"", "");
        let with_key = |len: usize| {
            let mut parts = parts(&target.with_header(&header));
            parts[ENCRYPTED_KEY] = base64url::encode(vec![2; len]);
            (parts.join("."), "alg_not_accepted")
        };
        return target.refuses_all(&[with_key(0), with_key(256)]);
    }
    let target = Target::new(backend, Alg::RsaOaep256, Enc::A256Gcm);
    let modulus = Number::of(&base64url::decode(private_jwk()["n"].as_str().unwrap()));
    let blocks = [
        block([0, 2], 16),
        block([0, 2], 17),
        block([0, 2], 32),
        block([0, 1], 32),
        block([1, 2], 32),
    ];
    let mut cases: Vec<Case> = Vec::new();
    for block in blocks {
        // The modulus begins with 0x85, so that each of them is below it.
        let encrypted = Number::of(&block).encrypted(&modulus).to_bytes();
        let mut parts = target.good.clone();
        parts[ENCRYPTED_KEY] = base64url::encode(&encrypted);
        cases.push((parts.join("."), "decryption_failed"));
        parts[HEADER] = base64url::encode(target.header_of("\"RSA1_5\"", "\"A256GCM\"", ""));
        cases.push((parts.join("."), "alg_not_accepted"));
    }
    target.refuses_all(&cases);
}
