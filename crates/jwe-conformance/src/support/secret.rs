//! A recipient's throw-away key of any type.

use jwe_core::{Alg, Curve, Enc, KeyMaterial};
use serde_json::{Map, Value};

use super::bytes::unbase64url;
use super::curve_keys::{CurveKey, curve_key};
use super::keys::{self, RsaNumbers};
use super::seeded::Seeded;
use super::ways::Way;

/// A private, symmetric or password key.
#[derive(Clone)]
pub(crate) enum Secret {
    Rsa(Box<RsaNumbers>),
    Curve(CurveKey),
    Shared(Vec<u8>),
}

impl Secret {
    /// The kit's key for a way; for `dir` it is as long as the CEK of `enc`.
    pub(crate) fn of(way: Way, enc: Enc) -> Self {
        match way.curve {
            Some(curve) => Self::Curve(curve_key(curve, "recipient")),
            None if way.alg.is_rsa() => Self::Rsa(Box::new(keys::rsa("2048").clone())),
            None => Self::Shared(Self::shared(way.alg, enc, "a symmetric key")),
        }
    }

    /// Another key of the same sort.
    pub(crate) fn other(way: Way, enc: Enc) -> Self {
        match way.curve {
            Some(curve) => Self::Curve(curve_key(curve, "other")),
            None if way.alg.is_rsa() => Self::Rsa(Box::new(keys::rsa("2048-other").clone())),
            None => Self::Shared(Self::shared(way.alg, enc, "another symmetric key")),
        }
    }

    fn shared(alg: Alg, enc: Enc, purpose: &str) -> Vec<u8> {
        if alg.is_pbes2() {
            // No password has to be text (RFC 7518 §4.8), but most are.
            return purpose.as_bytes().to_vec();
        }
        Seeded::fixed(purpose).bytes(alg.kek_len().unwrap_or(enc.cek_len()))
    }

    /// The key in a private or symmetric JWK.
    pub(crate) fn from_jwk(jwk: &Value) -> Self {
        match jwk["kty"].as_str() {
            Some("RSA") => Self::Rsa(Box::new(RsaNumbers::from_jwk(jwk))),
            Some("EC" | "OKP") => Self::Curve(CurveKey::from_jwk(jwk)),
            _ => Self::Shared(unbase64url(jwk["k"].as_str().expect("a symmetric key"))),
        }
    }

    /// The key as a JWK object without `alg` and `use`.
    pub(crate) fn jwk(&self) -> Map<String, Value> {
        match self {
            Self::Rsa(key) => key.private_jwk(),
            Self::Curve(key) => key.private_jwk(),
            Self::Shared(key) => keys::oct_jwk(key),
        }
    }

    /// The public half, or the symmetric key, as a JWK object without `alg` and `use`.
    pub(crate) fn public_jwk(&self) -> Map<String, Value> {
        match self {
            Self::Rsa(key) => key.public_jwk(),
            Self::Curve(key) => key.public_jwk(),
            Self::Shared(key) => keys::oct_jwk(key),
        }
    }

    /// What a sender imports.
    pub(crate) fn public_material(&self) -> KeyMaterial {
        match self {
            Self::Rsa(key) => key.public_material(),
            Self::Curve(key) => key.public_material().expect("a key of the kit is in range"),
            Self::Shared(key) => keys::oct_material(key),
        }
    }

    /// What a recipient imports.
    pub(crate) fn private_material(&self) -> KeyMaterial {
        match self {
            Self::Rsa(key) => key.private_material().expect("a key of the kit is in range"),
            Self::Curve(key) => key.private_material().expect("a key of the kit is in range"),
            Self::Shared(key) => keys::oct_material(key),
        }
    }

    pub(crate) fn curve(&self) -> Option<Curve> {
        match self {
            Self::Curve(key) => Some(key.curve),
            _ => None,
        }
    }
}
