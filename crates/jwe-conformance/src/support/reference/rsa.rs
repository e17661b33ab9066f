//! The RSA primitives RSAEP and RSADP (RFC 8017 §5.1) on plain integers.

use num_bigint::BigUint;

use crate::support::bytes::left_padded;
use crate::support::keys::RsaNumbers;

/// m^e mod n, in as many bytes as the modulus has.
pub(crate) fn public(key: &RsaNumbers, message: &BigUint) -> Vec<u8> {
    let n = RsaNumbers::integer(&key.n);
    left_padded(&message.modpow(&RsaNumbers::integer(&key.e), &n).to_bytes_be(), key.modulus_len())
}

/// c^d mod n by the Chinese remainder theorem, in as many bytes as the modulus has.
pub(crate) fn private(key: &RsaNumbers, ciphertext: &[u8]) -> Vec<u8> {
    let [p, q, dp, dq, qi] =
        [&key.p, &key.q, &key.dp, &key.dq, &key.qi].map(|number| RsaNumbers::integer(number));
    let c = BigUint::from_bytes_be(ciphertext);
    let m1 = c.modpow(&dp, &p);
    let m2 = c.modpow(&dq, &q);
    // m1 - m2 mod p without going below zero.
    let difference = (&m1 + &p - (&m2 % &p)) % &p;
    let message = &m2 + &q * ((difference * &qi) % &p);
    left_padded(&message.to_bytes_be(), key.modulus_len())
}
