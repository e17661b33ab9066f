//! An `epk` that is no point of the curve, is of small order, or is written in another form (invalid
//! curve attacks, RFC 7748 §6.1): what its form tells is refused without the private key, and what
//! the curve tells is the one error.

use jwe::{Alg, Backend, Curve, Direction, Enc, KeyMaterial};
use jwe_tests::curve_points::{epk, jwk_of, strange_points};
use jwe_tests::forge::{Agreement, agreed};
use jwe_tests::rfc_values::hex;
use jwe_tests::{base64url, keys};
use serde_json::Value;

use crate::target::{MEMORY, Target};

pub(crate) fn check(backend: &'static Backend) {
    for target in Target::every(backend, &[Enc::A128Gcm], Alg::is_ecdh) {
        an_epk_of_another_form(&target);
        strange(&target);
    }
    points_that_make_the_secret_known(backend);
    an_honest_forgery(backend);
}

/// Points in right form on no curve, on another one and of small order.
fn strange(target: &Target) {
    let curve = target.jwk.curve().unwrap();
    for point in strange_points(curve) {
        let parts = target.with_member("epk", Some(epk(curve, &point)));
        target.refuses_parts(&parts, "decryption_failed");
    }
}

/// Messages for which somebody chose a point that makes the agreed secret known, and sealed them
/// with it: a recipient that does not look at the point opens them.
fn points_that_make_the_secret_known(backend: &'static Backend) {
    let mut tried = 0;
    for target in Target::every(backend, &[Enc::A128Gcm, Enc::A128CbcHs256], Alg::is_ecdh) {
        let curve = target.jwk.curve().unwrap();
        let len = curve.secret_len();
        for point in strange_points(curve) {
            // Of small order on X25519: zero. Of order two on a curve with another constant: the
            // point itself, for half of all private keys, else the point at infinity.
            let secrets = match curve {
                Curve::X25519 => vec![vec![0; len]],
                _ => vec![point[..len].to_vec(), vec![0; len]],
            };
            for z in secrets {
                let (alg, enc) = (target.alg, target.enc);
                let forged = agreed(backend, alg, enc, (&epk(curve, &point), &z), b"forged");
                target.refuses_parts(&forged, "decryption_failed");
                tried += 1;
            }
        }
    }
    let least = if backend.name() == "ring" { 0 } else { 300 };
    assert!(tried >= least, "{tried}");
}

/// The same forging with an honest point is opened, so that it is the point that decides above: the
/// keys and the secret of RFC 7518, Appendix C.
fn an_honest_forgery(backend: &'static Backend) {
    let Agreement { recipient: bob, epk, z } = Agreement::of_the_rfc();
    let mut opened = 0;
    for alg in Alg::ALL.iter().copied().filter(|alg| alg.is_ecdh()) {
        if !keys::takes(backend, Direction::Decrypt, alg, &bob) {
            continue;
        }
        for enc in [Enc::A128Gcm, Enc::A128CbcHs256] {
            let target = Target::with_key(backend, alg, enc, bob.clone());
            let token = agreed(backend, alg, enc, (&epk, &z), b"forged").token();
            assert_eq!(*target.decrypter.decrypt(&token).unwrap(), b"forged");
            opened += 1;
        }
    }
    assert_eq!(opened, if backend.name() == "ring" { 0 } else { 4 * 2 });
}

/// What is no public key of the curve by its form alone, refused before the private key is used.
fn an_epk_of_another_form(target: &Target) {
    const PRIMES: [(Curve, &str); 3] = [
        (Curve::P256, "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"),
        (
            Curve::P384,
            "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
        ),
        (
            Curve::P521,
            "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        ),
    ];
    let curve = target.jwk.curve().unwrap();
    let (kty, crv, len) = (curve.kty(), curve.name(), curve.secret_len());
    let honest = target.member("epk");
    let coordinate = |name: &str| honest[name].as_str().map(base64url::decode).unwrap_or_default();
    let (x, y) = (coordinate("x"), coordinate("y"));
    let y = curve.is_nist().then_some(y.as_slice());
    let refuses = |epk: Value, code: &str| {
        target.refuses_parts(&target.with_member("epk", Some(epk)), code);
    };
    let parameter = "header_key_parameter";
    target.refuses_parts(&target.with_member("epk", None), parameter);
    // The point at infinity has no coordinates; zeros are not it.
    let zeros = vec![0; len];
    refuses(jwk_of(kty, crv, &zeros, y.map(|_| zeros.as_slice())), parameter);
    refuses(jwk_of(kty, crv, &[], y.map(|_| &[][..])), parameter);
    refuses(jwk_of(kty, crv, &[0], y.map(|_| &[0][..])), parameter);
    // Too short by what others drop of leading zeros, too long, compressed, with its first byte.
    let whole = [&[4], x.as_slice(), y.unwrap_or_default()].concat();
    for wrong in [
        &x[1..],
        &x[..len - 1],
        &[&[0], x.as_slice()].concat(),
        &[x.as_slice(), &[0]].concat(),
        &[&[2], x.as_slice()].concat(),
        &whole,
        &[0; 1000],
    ] {
        refuses(jwk_of(kty, crv, wrong, y), parameter);
        if y.is_some() {
            refuses(jwk_of(kty, crv, &x, Some(wrong)), parameter);
        }
    }
    match y {
        Some(y) => {
            refuses(jwk_of(kty, crv, &x, None), parameter);
            refuses(jwk_of(kty, crv, y, None), parameter);
        }
        None => refuses(jwk_of(kty, crv, &x, Some(&x)), parameter),
    }
    // Coordinates that are not below the prime, among them the honest ones a prime higher.
    if let Some((_, prime)) = PRIMES.iter().find(|(of, _)| *of == curve) {
        let prime = hex(&(*prime).into());
        assert_eq!(prime.len(), len);
        let mut one_more = prime.clone();
        *one_more.last_mut().unwrap() |= 1;
        for wrong in [&prime, &one_more, &vec![0xff; len]] {
            refuses(jwk_of(kty, crv, wrong, y), parameter);
            refuses(jwk_of(kty, crv, &x, Some(wrong)), parameter);
        }
    }
    // Another curve's name on this curve's point, and another curve's point.
    for other in Curve::ALL.iter().copied().filter(|other| *other != curve) {
        refuses(jwk_of(other.kty(), other.name(), &x, y), "epk_curve");
        let KeyMaterial::EcPublic(key) = keys::ec(other).to_public().unwrap().material().clone()
        else {
            panic!("a key on a curve")
        };
        refuses(jwk_of(other.kty(), other.name(), key.x(), key.y()), "epk_curve");
        let honest_point = jwk_of(kty, crv, key.x(), key.y());
        let code = target
            .error_within(&target.with_member("epk", Some(honest_point)).token(), MEMORY)
            .code();
        assert_eq!(code, parameter, "{curve} {other}");
    }
    for name in ["secp256k1", "P-256K", "X448", "Ed25519", "", "p-256", "25519"] {
        refuses(jwk_of(kty, name, &x, y), "epk_curve");
    }
    let other_kty = if curve.is_nist() { "OKP" } else { "EC" };
    for name in [other_kty, "oct", "RSA", "", "ec"] {
        refuses(jwk_of(name, crv, &x, y), parameter);
    }
    // Members of other types, a private key, and strange text.
    for name in ["kty", "crv", "x", "y", "d"] {
        for wrong in [Value::Null, 1.into(), Value::Array(vec![]), "AA==".into(), "".into()] {
            let mut epk = honest.clone();
            epk[name] = wrong;
            let code =
                target.error_within(&target.with_member("epk", Some(epk)).token(), MEMORY).code();
            assert!(
                matches!(code, "header_key_parameter" | "header_member_type" | "epk_curve"),
                "{code}"
            );
        }
    }
    for wrong in [Value::Null, "x".into(), 1.into(), Value::Array(vec![honest.clone()])] {
        refuses(wrong, "header_member_type");
    }
    refuses(serde_json::json!({}), parameter);
}
