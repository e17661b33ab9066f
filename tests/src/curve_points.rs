//! Ephemeral public keys that no honest sender makes, by the texts and by the points that they are
//! made of.

use jwe::{Curve, KeyMaterial};
use serde_json::Value;

use crate::rfc_values::hex;
use crate::{base64url, keys};

/// An `epk` of these coordinates, each of the length it is given in.
#[must_use]
pub fn jwk_of(kty: &str, crv: &str, x: &[u8], y: Option<&[u8]>) -> Value {
    let mut epk = serde_json::json!({ "kty": kty, "crv": crv, "x": base64url::encode(x) });
    if let Some(y) = y {
        epk["y"] = base64url::encode(y).into();
    }
    epk
}

/// The `epk` of an uncompressed point without its first byte, or of a u-coordinate.
#[must_use]
pub fn epk(curve: Curve, point: &[u8]) -> Value {
    let (x, y) = if curve.is_nist() {
        let (x, y) = point.split_at(curve.secret_len());
        (x, Some(y))
    } else {
        (point, None)
    };
    jwk_of(curve.kty(), curve.name(), x, y)
}

/// Well-formed public keys that are no points of the curve, or of small order: without the check
/// the agreed secret tells about the private key, or is known to everybody.
#[must_use]
pub fn strange_points(curve: Curve) -> Vec<Vec<u8>> {
    if !curve.is_nist() {
        return small_order();
    }
    let len = curve.secret_len();
    let KeyMaterial::EcPublic(public) = keys::ec(curve).to_public().unwrap().material().clone()
    else {
        panic!("a key on a curve")
    };
    let number = |number: u8| {
        let mut bytes = vec![0; len];
        bytes[len - 1] = number;
        bytes
    };
    let mut points = vec![
        // One y for another x, and the other way round.
        [public.x(), &number(1)].concat(),
        [&number(1), public.y().unwrap()].concat(),
        // The coordinates swapped.
        [public.y().unwrap(), public.x()].concat(),
        // y = 0: of order two on a curve with another constant.
        [public.x(), &number(0)].concat(),
        [number(1), number(0)].concat(),
        [number(2), number(0)].concat(),
        // x = 0.
        [number(0), number(1)].concat(),
    ];
    // Small x with small y: on other curves or on the twist, but none on this one.
    for x in 1..6 {
        points.push([number(x), number(x + 1)].concat());
    }
    points
}

/// The u-coordinates of small order and their other spellings: what is above the prime, and with
/// the bit that X25519 does not look at (RFC 7748 §5, §6.1).
fn small_order() -> Vec<Vec<u8>> {
    let hex = |text: &str| hex(&text.into());
    let mut points = vec![
        hex("0100000000000000000000000000000000000000000000000000000000000000"),
        hex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
        hex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
        hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        hex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        hex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ];
    for mut point in points.clone() {
        point[31] |= 0x80;
        points.push(point);
    }
    points.push(hex("0000000000000000000000000000000000000000000000000000000000000080"));
    points
}
