//! Fixed keys, so that no test spends its time on making primes. They are those of the vector
//! files, so they are public and worth nothing.

use jwe::{Alg, Backend, Curve, DecryptionKey, Direction, Enc, EncryptionKey, Jwk, KeyOptions};

use crate::{base64url, vectors};

/// The private JWK of an RSA key of 2048, 3072 or 4096 bits. It has a `kid` and names no `alg`
/// that would bind it, except for 4096 bits: RSA-OAEP.
#[must_use]
pub fn rsa(bits: usize) -> Jwk {
    let (file, kid) = match bits {
        2048 => (vectors::peers(), "peer-rsa-2048"),
        3072 => (vectors::peers(), "peer-rsa-3072"),
        4096 => (vectors::rfc(), "samwise.gamgee@hobbiton.example"),
        other => panic!("no key of {other} bits"),
    };
    let vector = file.iter().find(|vector| vector.key["kid"] == kid).expect("a vector with it");
    let jwk = Jwk::from_json(vector.key.to_string().as_bytes()).expect("a key");
    let public = jwk.to_public().expect("an RSA key");
    let jwe::KeyMaterial::RsaPublic(key) = public.material() else { panic!("an RSA key") };
    assert_eq!(key.modulus_bits(), bits);
    jwk
}

/// The private JWK of a key on that curve, with a `kid` and no `alg`.
#[must_use]
pub fn ec(curve: Curve) -> Jwk {
    let kid =
        format!("peer-{}{}", if curve.is_nist() { "ec-" } else { "" }, curve.name().to_lowercase());
    let vector =
        vectors::peers().iter().find(|vector| vector.key["kid"] == *kid).expect("a vector with it");
    let jwk = Jwk::from_json(vector.key.to_string().as_bytes()).expect("a key");
    assert_eq!(jwk.curve(), Some(curve));
    jwk
}

/// A key of every kind that goes with `alg`: one of each curve for key agreement, else just one.
/// The key of `dir` is as long as the CEK of `enc`.
#[must_use]
pub fn of_every_kind(alg: Alg, enc: Enc) -> Vec<Jwk> {
    if alg.is_rsa() {
        vec![rsa(2048)]
    } else if alg.is_ecdh() {
        Curve::ALL.iter().copied().map(ec).collect()
    } else if alg.is_pbes2() {
        let password = base64url::encode(b"correct horse battery staple");
        let json = format!(r#"{{"kty":"oct","kid":"password","k":"{password}"}}"#);
        vec![Jwk::from_json(json.as_bytes()).expect("a key")]
    } else {
        vec![oct(alg.kek_len().unwrap_or(enc.cek_len()))]
    }
}

/// A symmetric JWK of that many bytes with the `kid` `"shared"`.
#[must_use]
pub fn oct(len: usize) -> Jwk {
    let bytes: Vec<u8> = (0..len).map(|at| (at * 37 + 11) as u8).collect();
    let json = format!(r#"{{"kty":"oct","kid":"shared","k":"{}"}}"#, base64url::encode(&bytes));
    Jwk::from_json(json.as_bytes()).expect("a key")
}

/// A key for `alg` and `enc`, the first of every kind.
#[must_use]
pub fn key_for(alg: Alg, enc: Enc) -> Jwk {
    of_every_kind(alg, enc).remove(0)
}

/// Whether the backend takes the key in that direction.
#[must_use]
pub fn takes(backend: &Backend, direction: Direction, alg: Alg, jwk: &Jwk) -> bool {
    match direction {
        Direction::Encrypt => backend.encryption_key_import(alg, jwk.curve()).is_ok(),
        Direction::Decrypt => backend.decryption_key_import(alg, jwk.curve()).is_ok(),
    }
}

/// Imports the sender's half. The key's own `alg` is not looked at, as one key serves all tests.
#[must_use]
pub fn sender(backend: &Backend, jwk: &Jwk, alg: Alg) -> EncryptionKey {
    let options = KeyOptions::new().with_alg(alg).ignore_declared_usage();
    EncryptionKey::import(backend, jwk, &options).expect("a key that the backend takes")
}

/// Imports the recipient's half in the same way.
#[must_use]
pub fn recipient(backend: &Backend, jwk: &Jwk, alg: Alg) -> DecryptionKey {
    let options = KeyOptions::new().with_alg(alg).ignore_declared_usage();
    DecryptionKey::import(backend, jwk, &options).expect("a key that the backend takes")
}
