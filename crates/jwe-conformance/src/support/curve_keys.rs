//! Throw-away keys for key agreement, made from a fixed seed with the kit's own arithmetic.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use jwe_core::{Curve, EcPrivateKey, EcPublicKey, ImportError, KeyMaterial};
use num_bigint::BigUint;
use serde_json::{Map, Value, json};

use super::bytes::{base64url, left_padded, unbase64url};
use super::reference::{agreement, weierstrass};
use super::seeded::Seeded;

/// A key pair on a curve, in the forms of `EcPrivateKey::secret` and `EcPublicKey::as_bytes`.
#[derive(Clone, Debug)]
pub(crate) struct CurveKey {
    pub(crate) name: String,
    pub(crate) curve: Curve,
    pub(crate) private: Vec<u8>,
    pub(crate) public: Vec<u8>,
}

/// The key of that name on the curve: always the same.
pub(crate) fn curve_key(curve: Curve, name: &str) -> CurveKey {
    static KNOWN: LazyLock<Mutex<HashMap<String, CurveKey>>> = LazyLock::new(Mutex::default);
    let name = format!("throw-away-{curve}-{name}");
    let mut known = KNOWN.lock().expect("no panic while it is held");
    known.entry(name.clone()).or_insert_with(|| CurveKey::new(curve, &name)).clone()
}

impl CurveKey {
    fn new(curve: Curve, name: &str) -> Self {
        let bytes = Seeded::fixed(name).bytes(curve.secret_len());
        let private = if curve.is_nist() {
            let n = &weierstrass::parameters(curve).n;
            let number = BigUint::from_bytes_be(&bytes) % (n - 1u8) + 1u8;
            left_padded(&number.to_bytes_be(), curve.secret_len())
        } else {
            bytes
        };
        Self::of(curve, name, private)
    }

    /// The key pair of a private key.
    pub(crate) fn of(curve: Curve, name: &str, private: Vec<u8>) -> Self {
        let public = agreement::public(curve, &private);
        Self { name: name.to_owned(), curve, private, public }
    }

    pub(crate) fn from_jwk(jwk: &Value) -> Self {
        let member = |name: &str| jwk[name].as_str().map(unbase64url);
        let curve = jwk["crv"].as_str().and_then(Curve::from_name).expect("a curve");
        let x = member("x").expect("x");
        let public = match member("y") {
            Some(y) => [&[4][..], &x, &y].concat(),
            None => x,
        };
        let name = jwk["kid"].as_str().unwrap_or("without kid").to_owned();
        Self { name, curve, private: member("d").expect("d"), public }
    }

    /// The public half as a JWK object without `alg` and `use`.
    pub(crate) fn public_jwk(&self) -> Map<String, Value> {
        let mut jwk = public_members(self.curve, &self.public);
        jwk.insert("kid".to_owned(), json!(self.name));
        jwk
    }

    /// The key as a JWK object without `alg` and `use`.
    pub(crate) fn private_jwk(&self) -> Map<String, Value> {
        let mut jwk = self.public_jwk();
        jwk.insert("d".to_owned(), json!(base64url(&self.private)));
        jwk
    }

    /// The public half as key material.
    ///
    /// # Errors
    /// What jwe-core says of coordinates that are out of range.
    pub(crate) fn public_material(&self) -> Result<KeyMaterial, ImportError> {
        EcPublicKey::new(self.curve, &self.public).map(KeyMaterial::EcPublic)
    }

    /// The key with both halves.
    ///
    /// # Errors
    /// What jwe-core says of numbers that are out of range.
    pub(crate) fn key(&self) -> Result<EcPrivateKey, ImportError> {
        let public = EcPublicKey::new(self.curve, &self.public)?;
        EcPrivateKey::new(self.curve, &self.private, Some(public))
    }

    /// The key as key material.
    ///
    /// # Errors
    /// As [`key`](Self::key).
    pub(crate) fn private_material(&self) -> Result<KeyMaterial, ImportError> {
        self.key().map(KeyMaterial::EcPrivate)
    }
}

/// The members `kty`, `crv`, `x` and `y` of a public key, as they also stand in an `epk`.
pub(crate) fn public_members(curve: Curve, public: &[u8]) -> Map<String, Value> {
    let mut jwk = Map::new();
    jwk.insert("kty".to_owned(), json!(curve.kty()));
    jwk.insert("crv".to_owned(), json!(curve.name()));
    if curve.is_nist() {
        let (x, y) = public[1..].split_at(curve.secret_len());
        jwk.insert("x".to_owned(), json!(base64url(x)));
        jwk.insert("y".to_owned(), json!(base64url(y)));
    } else {
        jwk.insert("x".to_owned(), json!(base64url(public)));
    }
    jwk
}
