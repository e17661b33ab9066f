//! An ephemeral public key that is no point of the recipient's curve, and a public key of a
//! recipient that is none.

use jwe::{Alg, Curve, Enc};
use serde_json::{Value, json};

use super::target::{Case, Target, has_private_keys};
use crate::support::{Place, base64url, with};

/// The prime of P-256.
const PRIME: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
];

pub(crate) fn check(backend: &'static str) {
    senders_refuse(backend);
    if !has_private_keys(backend) {
        // No oracle: it does not take the key.
        let place = Place::new();
        place.jwe("keygen --alg ECDH-ES --crv P-256 --kid k -o ec.jwk").run().ok();
        let token = place.jwe("encrypt --key ec.jwk").stdin("s3cret").run().ok();
        let decrypt = place.jwe(&format!("decrypt --key ec.jwk --backend {backend}"));
        decrypt.stdin(token).run().refused("backend_gap");
        return;
    }
    for alg in [Alg::EcdhEs, Alg::EcdhEsA256Kw] {
        for curve in [Curve::P256, Curve::X25519] {
            recipients_refuse(backend, alg, curve);
        }
    }
}

fn key(backend: &str, alg: Alg, curve: Curve) -> Value {
    let place = Place::new();
    place.jwe(&format!("keygen --alg {alg} --crv {curve} --backend {backend}")).run().ok_json()
}

fn recipients_refuse(backend: &'static str, alg: Alg, curve: Curve) {
    let jwk = key(backend, alg, curve);
    let target = Target::of(backend, jwk, alg, Enc::A256Gcm);
    let header: Value = serde_json::from_slice(&target.part(0)).unwrap();
    let epk = &header["epk"];
    let with_epk = |members: Value, code: &'static str| -> Case {
        let epk = with(epk.clone(), &members);
        (target.with_header(with(header.clone(), &json!({ "epk": epk })).to_string()), code)
    };
    let coordinate = |bytes: &[u8]| base64url::encode(bytes);
    let whole = |epk: Value| -> Case {
        let header = with(header.clone(), &json!({ "epk": epk })).to_string();
        (target.with_header(header), "header_member_type")
    };
    let mut cases = vec![
        with_epk(json!({ "x": null }), "header_key_parameter"),
        with_epk(json!({ "x": 7 }), "header_member_type"),
        with_epk(json!({ "x": coordinate(&[1; 31]) }), "header_key_parameter"),
        with_epk(json!({ "x": coordinate(&[1; 33]) }), "header_key_parameter"),
        with_epk(json!({ "crv": null }), "header_key_parameter"),
        with_epk(json!({ "crv": "P-999" }), "epk_curve"),
        with_epk(json!({ "kty": "oct" }), "header_key_parameter"),
        whole(json!([])),
        whole(json!("x")),
    ];
    if curve == Curve::P256 {
        let mut x = base64url::decode(epk["x"].as_str().unwrap());
        x[31] ^= 1;
        let larger = key(backend, alg, Curve::P384);
        cases.extend([
            with_epk(json!({ "y": null }), "header_key_parameter"),
            // Off the curve: one in two times x has no point, and never this y.
            with_epk(json!({ "x": coordinate(&x) }), "decryption_failed"),
            with_epk(json!({ "y": epk["x"] }), "decryption_failed"),
            // Where the point at infinity would be.
            with_epk(
                json!({ "x": coordinate(&[0; 32]), "y": coordinate(&[0; 32]) }),
                "header_key_parameter",
            ),
            with_epk(json!({ "x": coordinate(&PRIME) }), "header_key_parameter"),
            with_epk(json!({ "y": coordinate(&[0xff; 32]) }), "header_key_parameter"),
            // Another curve's point, under its name and under the wrong one.
            with_epk(json!({ "crv": "P-384", "x": larger["x"], "y": larger["y"] }), "epk_curve"),
            with_epk(json!({ "x": larger["x"], "y": larger["y"] }), "header_key_parameter"),
            with_epk(json!({ "crv": "P-384" }), "epk_curve"),
            with_epk(json!({ "kty": "OKP", "crv": "X25519", "y": null }), "epk_curve"),
        ]);
    } else {
        // Points of small order agree on zero with every key (RFC 7748 §6.1).
        let mut one = [0; 32];
        one[0] = 1;
        let p256 = key(backend, alg, Curve::P256);
        cases.extend([
            with_epk(json!({ "x": coordinate(&[0; 32]) }), "header_key_parameter"),
            with_epk(json!({ "x": coordinate(&one) }), "decryption_failed"),
            with_epk(
                json!({ "kty": "EC", "crv": "P-256", "x": p256["x"], "y": p256["y"] }),
                "epk_curve",
            ),
        ]);
    }
    target.refuses_all(&cases);
}

/// A sender does not agree on anything with a point that is none.
fn senders_refuse(backend: &str) {
    let place = Place::new();
    let public = with(key(backend, Alg::EcdhEs, Curve::P256), &json!({ "d": null }));
    let mut x = base64url::decode(public["x"].as_str().unwrap());
    x[31] ^= 1;
    for (members, code) in [
        (json!({ "x": base64url::encode(&x) }), "key_rejected"),
        (json!({ "x": base64url::encode(PRIME) }), "key_weak"),
        (json!({ "x": base64url::encode([0; 32]), "y": base64url::encode([0; 32]) }), "key_weak"),
        (json!({ "x": base64url::encode([1; 31]) }), "key_invalid_member"),
        (json!({ "y": null }), "key_missing_member"),
        (json!({ "crv": "P-384" }), "key_invalid_member"),
    ] {
        place.write("bad.jwk", with(public.clone(), &members).to_string());
        let encrypt = place.jwe(&format!("encrypt --key bad.jwk --backend {backend}"));
        encrypt.stdin("s3cret").run().refused(code);
    }
}
