//! Fixed keys, and what is random otherwise.

use std::sync::LazyLock;

use jwe::aws_lc_rs::AWS_LC_RS;
use jwe::{Curve, EcPrivateKey, Enc, Jwk, KeyMaterial};

use super::ways::Way;
use crate::base64url;

/// The private key of a way. That of `dir` is as long as the CEK of `enc`.
pub(super) fn private(way: Way, enc: Enc) -> Jwk {
    let json: &[u8] = match way.curve {
        Some(Curve::P256) => include_bytes!("../../data/p-256.jwk"),
        Some(Curve::P384) => include_bytes!("../../data/p-384.jwk"),
        Some(Curve::P521) => include_bytes!("../../data/p-521.jwk"),
        Some(Curve::X25519) => include_bytes!("../../data/x25519.jwk"),
        Some(other) => panic!("no key on {other}"),
        None if way.alg.is_rsa() => include_bytes!("../../data/rsa.jwk"),
        None => {
            let len = way.alg.kek_len().unwrap_or(enc.cek_len());
            let k = base64url::encode(&counted(len, 37));
            return Jwk::from_json(format!(r#"{{"kty":"oct","k":"{k}"}}"#).as_bytes()).unwrap();
        }
    };
    Jwk::from_json(json).unwrap()
}

/// Bytes that are all different as far as they can be.
pub(super) fn counted(len: usize, step: u8) -> Vec<u8> {
    let mut next = step;
    (0..len)
        .map(|_| {
            next = next.wrapping_add(step);
            next
        })
        .collect()
}

/// The CEK of all messages whose key does not determine it.
pub(super) fn cek(enc: Enc) -> Vec<u8> {
    counted(enc.cek_len(), 11)
}

/// The initialization vector of all messages.
pub(super) fn iv(enc: Enc) -> Vec<u8> {
    counted(enc.iv_len(), 3)
}

/// The ephemeral key pair of all messages on a curve.
pub(super) fn ephemeral(curve: Curve) -> &'static EcPrivateKey {
    static ALL: LazyLock<Vec<EcPrivateKey>> =
        LazyLock::new(|| Curve::ALL.iter().copied().map(make_ephemeral).collect());
    ALL.iter().find(|key| key.curve() == curve).unwrap()
}

fn make_ephemeral(curve: Curve) -> EcPrivateKey {
    let mut secret = counted(curve.secret_len(), 29);
    secret[0] = 0;
    let key = EcPrivateKey::new(curve, &secret, None).unwrap();
    let whole = Jwk::from_material(KeyMaterial::EcPrivate(key)).with_public_half(&AWS_LC_RS);
    match whole.unwrap().material() {
        KeyMaterial::EcPrivate(key) => key.clone(),
        _ => panic!("a private key"),
    }
}
