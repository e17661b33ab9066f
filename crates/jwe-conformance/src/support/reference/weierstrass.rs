//! The NIST curves P-256, P-384 and P-521 (SP 800-186 §3.2.1) on plain integers.

use std::sync::LazyLock;

use jwe_core::Curve;
use num_bigint::BigUint;

use crate::support::bytes::{hex, left_padded};

/// y² = x³ - 3x + b modulo p, with a base point of order n.
pub(crate) struct Parameters {
    pub(crate) p: BigUint,
    pub(crate) b: BigUint,
    pub(crate) n: BigUint,
    base: Affine,
    /// The length of a coordinate in bytes.
    len: usize,
}

/// A point with two coordinates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Affine {
    pub(crate) x: BigUint,
    pub(crate) y: BigUint,
}

/// A point as (X/Z², Y/Z³); Z = 0 is the point at infinity.
#[derive(Clone)]
struct Jacobian {
    x: BigUint,
    y: BigUint,
    z: BigUint,
}

#[rustfmt::skip]
static P256: LazyLock<Parameters> = LazyLock::new(|| Parameters::new(32, [
    "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
    "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
]));

#[rustfmt::skip]
static P384: LazyLock<Parameters> = LazyLock::new(|| Parameters::new(48, [
    "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
    "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7",
    "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
]));

#[rustfmt::skip]
static P521: LazyLock<Parameters> = LazyLock::new(|| Parameters::new(66, [
    "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00",
    "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
    "00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66",
    "011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
]));

/// The parameters of a NIST curve.
pub(crate) fn parameters(curve: Curve) -> &'static Parameters {
    match curve {
        Curve::P256 => &P256,
        Curve::P384 => &P384,
        Curve::P521 => &P521,
        other => panic!("{other} is no NIST curve that the kit knows: it needs an update"),
    }
}

impl Parameters {
    fn new(len: usize, numbers: [&str; 5]) -> Self {
        let [p, b, n, x, y] = numbers.map(|number| BigUint::from_bytes_be(&hex(number)));
        Self { p, b, n, base: Affine { x, y }, len }
    }

    /// Whether both coordinates are in range and fulfil the equation.
    pub(crate) fn has(&self, point: &Affine) -> bool {
        let Affine { x, y } = point;
        x < &self.p && y < &self.p && (y * y) % &self.p == self.right_side(x)
    }

    /// x³ - 3x + b.
    pub(crate) fn right_side(&self, x: &BigUint) -> BigUint {
        let three_x = (x * 3u8) % &self.p;
        (x * x * x + &self.b + &self.p - three_x) % &self.p
    }

    /// The uncompressed form (SEC 1 §2.3.3).
    pub(crate) fn written(&self, point: &Affine) -> Vec<u8> {
        let [x, y] = [&point.x, &point.y].map(|c| left_padded(&c.to_bytes_be(), self.len));
        [&[4][..], &x, &y].concat()
    }

    /// The point of an uncompressed form, whether or not it is on the curve.
    pub(crate) fn read(&self, bytes: &[u8]) -> Option<Affine> {
        if bytes.len() != 1 + 2 * self.len || bytes[0] != 4 {
            return None;
        }
        let (x, y) = bytes[1..].split_at(self.len);
        let [x, y] = [x, y].map(BigUint::from_bytes_be);
        Some(Affine { x, y })
    }

    /// The public key of a private one.
    pub(crate) fn public(&self, private: &BigUint) -> Option<Affine> {
        self.multiple(private, &self.base)
    }

    /// `scalar` times `point`; `None` for the point at infinity.
    pub(crate) fn multiple(&self, scalar: &BigUint, point: &Affine) -> Option<Affine> {
        let zero = BigUint::ZERO;
        let mut sum = Jacobian { x: zero.clone(), y: zero.clone(), z: zero };
        for bit in (0..scalar.bits()).rev() {
            sum = self.doubled(&sum);
            if scalar.bit(bit) {
                sum = self.added(&sum, point);
            }
        }
        let inverse = sum.z.modinv(&self.p)?;
        let square = (&inverse * &inverse) % &self.p;
        Some(Affine {
            x: (&sum.x * &square) % &self.p,
            y: (&sum.y * &square % &self.p * &inverse) % &self.p,
        })
    }

    fn minus(&self, a: &BigUint, b: &BigUint) -> BigUint {
        (a + &self.p - b % &self.p) % &self.p
    }

    fn doubled(&self, point: &Jacobian) -> Jacobian {
        let Jacobian { x, y, z } = point;
        let p = &self.p;
        let delta = (z * z) % p;
        let gamma = (y * y) % p;
        let beta = (x * &gamma) % p;
        let alpha = (self.minus(x, &delta) * (x + &delta) * 3u8) % p;
        let x3 = self.minus(&(&alpha * &alpha), &(&beta * 8u8));
        let y3 = self.minus(&(&alpha * self.minus(&(&beta * 4u8), &x3)), &(&gamma * &gamma * 8u8));
        let z3 = (y * z * 2u8) % p;
        Jacobian { x: x3, y: y3, z: z3 }
    }

    fn added(&self, point: &Jacobian, other: &Affine) -> Jacobian {
        let Jacobian { x, y, z } = point;
        let p = &self.p;
        if *z == BigUint::ZERO {
            return Jacobian { x: other.x.clone(), y: other.y.clone(), z: BigUint::from(1u8) };
        }
        let square = (z * z) % p;
        let u = (&other.x * &square) % p;
        let s = (&other.y * &square % p * z) % p;
        let h = self.minus(&u, x);
        let r = self.minus(&s, y);
        if h == BigUint::ZERO {
            return if r == BigUint::ZERO {
                self.doubled(point)
            } else {
                Jacobian { x: x.clone(), y: y.clone(), z: BigUint::ZERO }
            };
        }
        let h2 = (&h * &h) % p;
        let h3 = (&h2 * &h) % p;
        let v = (x * &h2) % p;
        let x3 = self.minus(&(&r * &r), &(&h3 + &v * 2u8));
        let y3 = self.minus(&(&r * self.minus(&v, &x3)), &(y * &h3));
        Jacobian { x: x3, y: y3, z: (&h * z) % p }
    }
}

#[cfg(test)]
mod tests {
    use jwe_core::Curve;
    use num_bigint::BigUint;

    use super::parameters;

    #[test]
    fn the_base_point_is_on_the_curve_and_of_order_n() {
        for curve in Curve::ALL.iter().copied().filter(|curve| curve.is_nist()) {
            let curve = parameters(curve);
            assert!(curve.has(&curve.base));
            assert_eq!(curve.public(&curve.n), None);
            assert_eq!(curve.public(&(&curve.n + 1u8)).as_ref(), Some(&curve.base));
            let two = curve.public(&BigUint::from(2u8)).unwrap();
            assert!(curve.has(&two) && two != curve.base);
            let five = curve.multiple(&BigUint::from(5u8), &curve.base);
            let three = curve.multiple(&BigUint::from(3u8), &two).unwrap();
            // 3 * 2G + (n - 1)G = 5G, by way of 6G - G.
            assert!(curve.has(&three) && curve.has(&five.unwrap()));
            let last = curve.public(&(&curve.n - 1u8)).unwrap();
            assert_eq!((&last.x, &last.y + &curve.base.y), (&curve.base.x, curve.p.clone()));
        }
    }
}
