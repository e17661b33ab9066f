//! X25519 (RFC 7748 §5) on plain integers.

use std::sync::LazyLock;

use num_bigint::BigUint;

/// The prime of the field, 2^255 - 19.
pub(crate) static P: LazyLock<BigUint> =
    LazyLock::new(|| (BigUint::from(1u8) << 255u32) - BigUint::from(19u8));

/// The number in the little-endian form of the RFC.
pub(crate) fn written(number: &BigUint) -> Vec<u8> {
    let mut bytes = number.to_bytes_le();
    bytes.resize(32, 0);
    bytes
}

/// The public key of a private one.
pub(crate) fn public(private: &[u8]) -> Vec<u8> {
    x25519(private, &written(&BigUint::from(9u8)))
}

/// The function of RFC 7748 §5: a scalar and a u-coordinate, both of 32 bytes.
pub(crate) fn x25519(scalar: &[u8], u: &[u8]) -> Vec<u8> {
    let p = &*P;
    let mut k = scalar.to_vec();
    k[0] &= 248;
    k[31] = k[31] & 127 | 64;
    let k = BigUint::from_bytes_le(&k);
    let mut u = u.to_vec();
    u[31] &= 127;
    let x1 = BigUint::from_bytes_le(&u) % p;
    let one = BigUint::from(1u8);
    let (mut x2, mut z2) = (one.clone(), BigUint::ZERO);
    let (mut x3, mut z3) = (x1.clone(), one);
    let minus = |a: &BigUint, b: &BigUint| (a + p - b) % p;
    for bit in (0..255).rev() {
        let swap = k.bit(bit);
        if swap {
            (x2, z2, x3, z3) = (x3, z3, x2, z2);
        }
        let a = (&x2 + &z2) % p;
        let b = minus(&x2, &z2);
        let (aa, bb) = ((&a * &a) % p, (&b * &b) % p);
        let e = minus(&aa, &bb);
        let da = (minus(&x3, &z3) * &a) % p;
        let cb = ((&x3 + &z3) * &b) % p;
        let sum = &da + &cb;
        let difference = minus(&da, &cb);
        x3 = (&sum * &sum) % p;
        z3 = (&difference * &difference % p * &x1) % p;
        x2 = (&aa * &bb) % p;
        z2 = (&e * (&aa + &e * 121_665u32)) % p;
        if swap {
            (x2, z2, x3, z3) = (x3, z3, x2, z2);
        }
    }
    // 1/z, or zero for zero.
    let inverse = z2.modpow(&(p - 2u8), p);
    written(&((x2 * inverse) % p))
}

#[cfg(test)]
mod tests {
    use super::x25519;
    use crate::support::bytes::hex;

    #[test]
    fn gives_the_answers_of_rfc_7748_section_5_2() {
        for (scalar, u, result) in [
            (
                "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
                "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
                "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
            ),
            (
                "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
                "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
                "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
            ),
        ] {
            assert_eq!(x25519(&hex(scalar), &hex(u)), hex(result));
        }
    }
}
