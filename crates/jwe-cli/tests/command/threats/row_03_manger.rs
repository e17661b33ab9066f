//! RSAES-OAEP (RFC 8017 §7.1.2) with blocks whose first byte is not zero, with the numbers at the
//! ends, and with numbers that are not below the modulus.

use jwe::{Alg, Enc};

use super::number::Number;
use super::target::{Case, ENCRYPTED_KEY, Target, has_private_keys};
use crate::support::{Place, base64url, private_jwk};

pub(crate) fn check(backend: &'static str) {
    if !has_private_keys(backend) {
        // No oracle: it does not take the key.
        let place = Place::new();
        let decrypt = place.jwe(&format!("decrypt --key private.jwk --backend {backend}"));
        decrypt.stdin(place.token_of(b"s3cret")).run().refused("backend_gap");
        return;
    }
    let modulus = Number::of(&base64url::decode(private_jwk()["n"].as_str().unwrap()));
    let small = |number| Number::small(number, &modulus);
    let block = |first: u8| {
        let mut block = vec![0x33; 256];
        block[0] = first;
        Number::of(&block).encrypted(&modulus)
    };
    let most = modulus.minus(&small(1)).0;
    for alg in [Alg::RsaOaep, Alg::RsaOaep256, Alg::RsaOaep384, Alg::RsaOaep512] {
        let target = Target::new(backend, alg, Enc::A256Gcm);
        let (beyond, is_long) = Number::of(&target.part(ENCRYPTED_KEY)).plus(&modulus);
        let mut numbers = vec![
            block(0),
            block(1),
            block(0x7f),
            small(0),
            small(1),
            small(2).encrypted(&modulus),
            most.clone(),
            most.encrypted(&modulus),
            modulus.clone(),
            modulus.plus(&small(1)).0,
        ];
        if !is_long {
            numbers.push(beyond);
        }
        let mut cases: Vec<Case> = numbers
            .iter()
            .map(|number| (target.with_part(ENCRYPTED_KEY, number.to_bytes()), "decryption_failed"))
            .collect();
        cases.push((target.with_part(ENCRYPTED_KEY, [0xff; 256]), "decryption_failed"));
        // All in the same words, which `refuses_all` looks at.
        target.refuses_all(&cases);
    }
}
