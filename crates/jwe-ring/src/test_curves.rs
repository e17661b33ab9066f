//! A second implementation of the curves in plain arithmetic, which takes the recipient's private
//! key, as ring does not: what the tests of key agreement compare with.

use jwe_core::Curve;
use num_bigint::BigUint;

use crate::test_data::hex;

/// An affine point, or `None` for the point at infinity.
type Point = Option<(BigUint, BigUint)>;

/// The prime of the field and the base point, uncompressed (SP 800-186 §3.2.1).
fn parameters(curve: Curve) -> (BigUint, Vec<u8>) {
    let (p, g) = match curve {
        Curve::P256 => (
            "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
            "04 6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296
                4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
        ),
        _ => (
            "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe
             ffffffff0000000000000000ffffffff",
            "04 aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a38
                5502f25dbf55296c3a545e3872760ab7
                3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c0
                0a60b1ce1d7e819d7a431d7c90ea0e5f",
        ),
    };
    (BigUint::from_bytes_be(&hex(p)), hex(g))
}

/// Adds two points by chord and tangent; the curves have a = -3.
fn add(p: &BigUint, one: &Point, other: &Point) -> Point {
    let ((x1, y1), (x2, y2)) = match (one, other) {
        (None, sum) | (sum, None) => return sum.clone(),
        (Some(one), Some(other)) => (one, other),
    };
    let (rise, run) = if x1 != x2 {
        (p + y2 - y1, p + x2 - x1)
    } else if y1 == y2 {
        (x1 * x1 * 3_u8 + p - 3_u8, y1 * 2_u8)
    } else {
        return None;
    };
    let slope = rise * run.modinv(p).unwrap() % p;
    let x3 = (&slope * &slope + p + p - x1 - x2) % p;
    let y3 = (slope * (p + x1 - &x3) + p - y1) % p;
    Some((x3, y3))
}

fn multiply(curve: Curve, private: &[u8], point: &[u8]) -> (BigUint, BigUint) {
    let (p, _) = parameters(curve);
    let (x, y) = point[1..].split_at(curve.secret_len());
    let point = Some((BigUint::from_bytes_be(x), BigUint::from_bytes_be(y)));
    let private = BigUint::from_bytes_be(private);
    let mut product = None;
    for bit in (0..private.bits()).rev() {
        product = add(&p, &product, &product);
        if private.bit(bit) {
            product = add(&p, &product, &point);
        }
    }
    product.unwrap()
}

/// The Montgomery ladder of RFC 7748 §5.
fn x25519(private: &[u8], u: &[u8]) -> Vec<u8> {
    let p = (BigUint::from(1_u8) << 255) - 19_u8;
    let mut scalar = private.to_vec();
    scalar[0] &= 248;
    scalar[31] = scalar[31] & 127 | 64;
    let scalar = BigUint::from_bytes_le(&scalar);
    let mut u = u.to_vec();
    u[31] &= 127;
    let x1: BigUint = BigUint::from_bytes_le(&u) % &p;
    let (mut x2, mut z2) = (BigUint::from(1_u8), BigUint::from(0_u8));
    let (mut x3, mut z3) = (x1.clone(), BigUint::from(1_u8));
    for bit in (0..255).rev() {
        let swap = |x2: &mut BigUint, x3: &mut BigUint| {
            if scalar.bit(bit) {
                core::mem::swap(x2, x3);
            }
        };
        swap(&mut x2, &mut x3);
        swap(&mut z2, &mut z3);
        let (a, b) = ((&x2 + &z2) % &p, (&x2 + &p - &z2) % &p);
        let (c, d) = ((&x3 + &z3) % &p, (&x3 + &p - &z3) % &p);
        let (aa, bb, da, cb) = (&a * &a % &p, &b * &b % &p, d * &a % &p, c * &b % &p);
        let e = (&aa + &p - &bb) % &p;
        let (sum, difference) = ((&da + &cb) % &p, (&da + &p - &cb) % &p);
        x3 = &sum * &sum % &p;
        z3 = &x1 * (&difference * &difference % &p) % &p;
        x2 = &aa * &bb % &p;
        z2 = &e * (&aa + &e * 121_665_u32) % &p;
        swap(&mut x2, &mut x3);
        swap(&mut z2, &mut z3);
    }
    let mut out = (x2 * z2.modpow(&(&p - 2_u8), &p) % &p).to_bytes_le();
    out.resize(32, 0);
    out
}

fn padded(curve: Curve, number: &BigUint) -> Vec<u8> {
    let bytes = number.to_bytes_be();
    let mut out = vec![0; curve.secret_len() - bytes.len()];
    out.extend(bytes);
    out
}

/// The public key of a private one.
pub(crate) fn public_key(curve: Curve, private: &[u8]) -> Vec<u8> {
    if curve == Curve::X25519 {
        let mut nine = [0; 32];
        nine[0] = 9;
        return x25519(private, &nine);
    }
    let (x, y) = multiply(curve, private, &parameters(curve).1);
    [vec![4], padded(curve, &x), padded(curve, &y)].concat()
}

/// The secret on which a private key and the public key of a message agree.
pub(crate) fn agree(curve: Curve, private: &[u8], epk: &[u8]) -> Vec<u8> {
    if curve == Curve::X25519 {
        return x25519(private, epk);
    }
    padded(curve, &multiply(curve, private, epk).0)
}
