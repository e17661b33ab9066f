use jwe_core::{Backend, Curve, EcPrivateKey, Enc, StaticAgreement};
use num_bigint::BigUint;

use crate::support::attempt::Site;
use crate::support::bytes::left_padded;
use crate::support::curve_keys::{CurveKey, curve_key};
use crate::support::managed::Recipient;
use crate::support::params::Params;
use crate::support::reference::{agreement, key_management, weierstrass, x25519};
use crate::support::secret::Secret;
use crate::support::seeded::Seeded;
use crate::support::ways::Way;

/// The ECDH-ES family for recipients: an `epk` that is no point of the curve (invalid curve
/// attack), has another form or length, or gives an agreed secret that everybody knows (the points
/// of small order on X25519, RFC 7748 §6.1; on the NIST curves a point with x = 0 agreed with the
/// private key 1) is refused without a panic, with nothing left in the
/// output, and the key serves as well as before. For X25519 the unused bit is ignored and a
/// u-coordinate at or above the prime is reduced (RFC 7748 §5).
///
/// # Panics
/// When the backend does not conform.
pub fn hostile_ephemeral_keys(backend: &Backend) {
    let mut random = Seeded::new("hostile_ephemeral_keys");
    for way in Way::all().filter(|way| way.alg.is_ecdh()) {
        let Some(import) = way.recipient(backend) else { continue };
        let curve = way.curve.expect("the family has curves");
        let own = curve_key(curve, "recipient");
        let secret = Secret::Curve(own.clone());
        let recipient = Recipient::new(backend, way, &secret).expect("the import object is listed");
        let enc = Enc::A256Gcm;
        let cek = random.bytes(enc.cek_len());
        let none = Params::default();
        let good = key_management::encrypt(way.alg, &secret, enc, &cek, none, &mut random);
        let serves = |case: &str| {
            let got = recipient.receives(case, enc, &good.params, &good.encrypted_key);
            recipient.site.same(case, "the CEK", &got, &good.cek);
        };
        serves("a right epk before the wrong ones");
        let hostile = hostile(curve, &mut random);
        for (case, epk) in &hostile {
            let params = Params { epk: Some((curve, epk.clone())), ..Params::default() };
            recipient.refuses(case, enc, &params, &good.encrypted_key);
        }
        // A right public key, said to be on another curve or taken from one.
        for other in Curve::ALL.iter().copied().filter(|other| *other != curve) {
            let epk = curve_key(other, "ephemeral").public;
            let case = format!("a public key of {other}");
            let params = Params { epk: Some((other, epk.clone())), ..Params::default() };
            recipient.refuses(&case, enc, &params, &good.encrypted_key);
            let case = format!("a public key of {other} under the name of {curve}");
            let params = Params { epk: Some((curve, epk)), ..Params::default() };
            if other.public_len() != curve.public_len() {
                recipient.refuses(&case, enc, &params, &good.encrypted_key);
            }
        }
        serves("a right epk after the wrong ones");
        if let Some(object) = import.static_agreement() {
            secrets(&way.site(backend), object, &own, &hostile);
            if curve.is_nist() {
                x_of_zero(&way.site(backend), object, curve);
            }
        }
        if curve == Curve::X25519 {
            unusual(&recipient, way, &own, &mut random);
        }
    }
}

/// The agreement itself, without the checks of form that jwe-core puts before it.
fn secrets(
    site: &Site,
    object: &dyn StaticAgreement,
    own: &CurveKey,
    hostile: &[(String, Vec<u8>)],
) {
    let curve = own.curve;
    let key = EcPrivateKey::new(curve, &own.private, None).expect("a key of the kit is in range");
    let key = site.accepts("import of the static key", || object.import(&key));
    for (case, epk) in hostile {
        let case = format!("{case}, given to the key agreement itself");
        let mut z = vec![0x5a; curve.secret_len()];
        site.refuses(&case, || key.agree(epk, &mut z));
        let zero = z.iter().all(|byte| *byte == 0);
        site.holds(&case, zero, "refused, but the output was not set to zero");
    }
    let good = curve_key(curve, "ephemeral").public;
    let mut z = vec![0x5a; curve.secret_len()];
    site.accepts("a right epk after the wrong ones", || key.agree(&good, &mut z));
    let wanted = agreement::secret(curve, &own.private, &good).expect("keys of the kit agree");
    site.same("a right epk after the wrong ones", "the agreed secret", &z, &wanted);
}

/// A point with x = 0 is a public key like any other, but the secret that is its own x-coordinate
/// is all zero.
fn x_of_zero(site: &Site, object: &dyn StaticAgreement, curve: Curve) {
    let parameters = weierstrass::parameters(curve);
    // A square root where p = 3 modulo 4, as on all three curves.
    let y = parameters.b.modpow(&((&parameters.p + 1u8) / 4u8), &parameters.p);
    let epk = parameters.written(&weierstrass::Affine { x: BigUint::ZERO, y });
    let agree = |private: u8| {
        let private = left_padded(&[private], curve.secret_len());
        let key = EcPrivateKey::new(curve, &private, None).expect("it is in range");
        let key = site.accepts("import of a small private key", || object.import(&key));
        let mut z = vec![0x5a; curve.secret_len()];
        let outcome = site.call("an epk with x = 0", || key.agree(&epk, &mut z));
        (private, outcome, z)
    };
    let (_, outcome, z) = agree(1);
    site.refuses("an epk with x = 0 and the private key 1", || outcome);
    let zero = z.iter().all(|byte| *byte == 0);
    site.holds("a secret of zeros", zero, "refused, but the output was not set to zero");
    let (private, outcome, z) = agree(2);
    site.accepts("an epk with x = 0 and the private key 2", || outcome);
    let wanted = agreement::secret(curve, &private, &epk).expect("it is on the curve");
    site.same("an epk with x = 0 and the private key 2", "the agreed secret", &z, &wanted);
}

/// Public keys that no recipient may take.
pub(crate) fn hostile(curve: Curve, random: &mut Seeded) -> Vec<(String, Vec<u8>)> {
    let good = curve_key(curve, "ephemeral").public;
    let mut cases = Vec::new();
    let mut add = |case: &str, epk: Vec<u8>| cases.push((format!("an epk that is {case}"), epk));
    for len in (0..=4).chain([curve.secret_len(), good.len() - 1, good.len() + 1, 2 * good.len()]) {
        if len != good.len() {
            let mut resized = good.clone();
            resized.resize(len, 0);
            add(&format!("cut or lengthened to {len} bytes"), resized);
        }
    }
    add("zero in every byte", vec![0; good.len()]);
    if curve.is_nist() {
        points(curve, &good, random, &mut add);
    } else {
        for (name, u) in small_order() {
            add(name, u.clone());
            let mut marked = u;
            marked[31] |= 0x80;
            add(&format!("{name}, with the unused bit set"), marked);
        }
    }
    cases
}

fn points(curve: Curve, good: &[u8], random: &mut Seeded, add: &mut dyn FnMut(&str, Vec<u8>)) {
    let parameters = weierstrass::parameters(curve);
    let point = parameters.read(good).expect("a key of the kit is a point");
    let (p, len) = (&parameters.p, curve.secret_len());
    let one = BigUint::from(1u8);
    let mut coordinates = |case: &str, x: &BigUint, y: &BigUint| {
        let [x, y] = [x, y].map(|c| left_padded(&c.to_bytes_be(), len));
        add(case, [&[4][..], &x, &y].concat());
    };
    let (x, y) = (&point.x, &point.y);
    coordinates("off the curve: (x, y + 1)", x, &((y + &one) % p));
    coordinates("off the curve: (x, y - 1)", x, &((y + p - &one) % p));
    coordinates("off the curve: (x + 1, y)", &((x + &one) % p), y);
    coordinates("off the curve: (y, x)", y, x);
    coordinates("off the curve: (x, 0), of order 2 on another", x, &BigUint::ZERO);
    coordinates("off the curve: (0, 0)", &BigUint::ZERO, &BigUint::ZERO);
    coordinates("off the curve: (0, 1)", &BigUint::ZERO, &one);
    coordinates("off the curve: (1, 1)", &one, &one);
    coordinates("off the curve: (p - 1, p - 1)", &(p - 1u8), &(p - 1u8));
    coordinates("out of range: (p, y)", p, y);
    coordinates("out of range: (x, p)", x, p);
    coordinates("out of range: (p, p)", p, p);
    let all_ones = (BigUint::from(1u8) << (8 * len)) - 1u8;
    coordinates("out of range: (ff.., ff..)", &all_ones, &all_ones);
    // The same point in a writing of its own, where there is room for it.
    for (case, x, y) in [("(x + p, y)", x + p, y.clone()), ("(x, y + p)", x.clone(), y + p)] {
        if x <= all_ones && y <= all_ones {
            coordinates(&format!("out of range: {case}"), &x, &y);
        }
    }
    // Points of curves with the same a and p and another b, with which the formulas work as well:
    // the invalid curve attack.
    for turn in 0..20 {
        let [x, y] = [len, len].map(|len| BigUint::from_bytes_be(&random.bytes(len)) % p);
        coordinates(&format!("off the curve: random, turn {turn}"), &x, &y);
    }
    // An x with which the twist has a point, and the curve none.
    let mut x = x.clone();
    loop {
        x = (x + &one) % p;
        let square = parameters.right_side(&x);
        if square.modpow(&((p - 1u8) / 2u8), p) != one {
            coordinates("off the curve: an x of the twist", &x, y);
            break;
        }
    }
    // Other forms of SEC 1 §2.3.3, which a library may understand and JWK does not have.
    let sign = 2 + u8::from(y.bit(0));
    add("compressed", [&[sign][..], &good[1..=len]].concat());
    let filled = [&[sign][..], &good[1..=len], &vec![0; len]].concat();
    add("compressed and filled up with zeros", filled);
    for form in [0, 1, 2, 3, 5, 6, 7, 0x84, 0xff] {
        add(&format!("a point with {form:02x} first"), [&[form][..], &good[1..]].concat());
    }
    add("the point at infinity", vec![0]);
    let mut infinity = vec![0; good.len()];
    infinity[0] = 4;
    add("04 and zeros", infinity);
}

/// Every u-coordinate of a point of small order, of the curve and of its twist.
fn small_order() -> Vec<(&'static str, Vec<u8>)> {
    let p = &*x25519::P;
    let order_8 =
        |decimal: &str| x25519::written(&decimal.parse::<BigUint>().expect("a decimal number"));
    vec![
        ("0, of order 2", x25519::written(&BigUint::ZERO)),
        ("1, of order 4", x25519::written(&BigUint::from(1u8))),
        (
            "of order 8",
            order_8("325606250916557431795983626356110631294008115727848805560023387167927233504"),
        ),
        (
            "of order 8, the other one",
            order_8(
                "39382357235489614581723060781553021112529911719440698176882885853963445705823",
            ),
        ),
        ("p - 1, of order 4 on the twist", x25519::written(&(p - 1u8))),
        ("p, which is 0", x25519::written(p)),
        ("p + 1, which is 1", x25519::written(&(p + 1u8))),
    ]
}

/// Writings of X25519 that every implementation must take.
fn unusual(recipient: &Recipient, way: Way, own: &CurveKey, random: &mut Seeded) {
    let enc = Enc::A256Gcm;
    let good = curve_key(Curve::X25519, "ephemeral").public;
    let mut marked = good.clone();
    marked[31] ^= 0x80;
    let mut cases = vec![("an epk with the unused bit set".to_owned(), marked)];
    for above in 2..19u8 {
        let u = x25519::written(&(&*x25519::P + above));
        cases.push((format!("an epk of p + {above}"), u));
    }
    for (case, epk) in cases {
        let z = x25519::x25519(&own.private, &epk);
        let params = Params { epk: Some((Curve::X25519, epk)), ..Params::default() };
        let derived = key_management::agreed_key(way.alg, enc, &z, &params);
        let (cek, encrypted_key) = if way.wraps() {
            let cek = random.bytes(enc.cek_len());
            let encrypted_key = crate::support::reference::aes_kw::wrap(&derived, &cek);
            (cek, encrypted_key)
        } else {
            (derived, Vec::new())
        };
        let got = recipient.receives(&case, enc, &params, &encrypted_key);
        recipient.site.same(&case, "the CEK", &got, &cek);
    }
}

#[cfg(test)]
mod tests {
    use jwe_core::Curve;

    use super::{hostile, small_order};
    use crate::support::reference::{agreement, x25519};
    use crate::support::seeded::Seeded;

    #[test]
    fn the_hostile_keys_are_hostile() {
        let mut random = Seeded::new("hostile");
        for curve in Curve::ALL.iter().copied() {
            let own = super::curve_key(curve, "recipient");
            let cases = hostile(curve, &mut random);
            assert!(cases.len() > 15, "{curve}");
            for (case, epk) in cases {
                assert!(agreement::secret(curve, &own.private, &epk).is_err(), "{curve}: {case}");
            }
        }
        for (name, u) in small_order() {
            assert_eq!(x25519::x25519(&[0x77; 32], &u), [0; 32], "{name}");
        }
    }
}
