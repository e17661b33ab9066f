//! Random sources, hashes and key generators, good and bad.

use std::sync::atomic::{AtomicU64, Ordering};

use jwe_aws_lc_rs::AWS_LC_RS;
use jwe_core::{
    BackendError, Curve, EcKeyGeneration, Jwk, KeyMaterial, RandomSource, RsaKeyGeneration,
    Zeroizing,
};
use num_bigint::BigUint;
use serde_json::{Value, json};

/// What a random source does wrong.
pub(crate) enum Random {
    Good,
    /// Always the same bytes.
    Constant,
    /// Leaves the last byte as it was.
    LastByte,
    /// Comes round after a thousand draws.
    ShortPeriod(AtomicU64),
    /// Two values in turn.
    Two(AtomicU64),
    /// Fails when asked for nothing.
    Nothing,
}

pub(crate) static GOOD: Random = Random::Good;
pub(crate) static TWO: Random = Random::Two(AtomicU64::new(0));

impl RandomSource for Random {
    fn fill(&self, dest: &mut [u8]) -> Result<(), BackendError> {
        match self {
            Self::Good => AWS_LC_RS.random().fill(dest),
            Self::Constant => {
                dest.fill(7);
                Ok(())
            }
            Self::LastByte => match dest.split_last_mut() {
                Some((_, rest)) => AWS_LC_RS.random().fill(rest),
                None => Ok(()),
            },
            Self::ShortPeriod(state) => {
                let draw = state.fetch_add(1, Ordering::Relaxed) % 1000 + 1;
                for (at, byte) in (1u64..).zip(dest) {
                    *byte = (draw.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_mul(at) >> 32) as u8;
                }
                Ok(())
            }
            Self::Two(state) => {
                dest.fill(if state.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
                    1
                } else {
                    2
                });
                Ok(())
            }
            Self::Nothing if dest.is_empty() => Err(BackendError),
            Self::Nothing => AWS_LC_RS.random().fill(dest),
        }
    }
}

/// SHA-256.
pub(crate) fn sha256(data: &[u8]) -> [u8; 32] {
    AWS_LC_RS.sha256(data)
}

/// SHA-256 that is wrong for messages that fill their last block.
pub(crate) fn sha256_of_short_messages(data: &[u8]) -> [u8; 32] {
    let mut digest = AWS_LC_RS.sha256(data);
    if data.len() == 64 {
        digest[31] ^= 1;
    }
    digest
}

/// What a key generator does wrong.
pub(crate) enum Generation {
    /// Makes every key of 2048 bits.
    TooShort,
    /// Makes keys of lengths that it does not list.
    Unlisted,
    /// Makes one key only.
    OneKey(std::sync::Mutex<Option<Vec<u8>>>),
    /// Makes two keys in turn, which have one prime in common.
    SharedPrime(AtomicU64),
}

/// Key 0 is one of the kit's, key 1 has its p and the q of another.
fn with_shared_prime(which: u64) -> Result<Zeroizing<Vec<u8>>, BackendError> {
    let file: Value =
        serde_json::from_str(include_str!("../../vectors/keys.json")).expect("vectors/keys.json");
    let key = |kid: &str| {
        let keys = file["keys"].as_array().expect("vectors/keys.json: keys");
        keys.iter().find(|key| key["kid"] == kid).expect("a key of the kit").clone()
    };
    let mut jwk = key("throw-away-2048");
    if which == 1 {
        let number = |jwk: &Value, member: &str| {
            let text = jwk[member].as_str().expect("a member of the key");
            let bytes = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(text).expect("base64url");
            BigUint::from_bytes_be(&bytes)
        };
        let one = BigUint::from(1u8);
        let (p, q) = (number(&jwk, "p"), number(&key("throw-away-2048-other"), "q"));
        let e = number(&jwk, "e");
        let d = e.modinv(&((&p - &one) * (&q - &one))).expect("e has an inverse");
        let numbers = [
            ("n", &p * &q),
            ("dp", &d % (&p - &one)),
            ("dq", &d % (&q - &one)),
            ("qi", q.modpow(&(&p - 2u8), &p)),
            ("q", q),
            ("d", d),
        ];
        for (member, number) in numbers {
            jwk[member] =
                json!(base64_simd::URL_SAFE_NO_PAD.encode_to_string(number.to_bytes_be()));
        }
    }
    let jwk = Jwk::from_json(jwk.to_string().as_bytes()).expect("a key in range");
    match jwk.material() {
        KeyMaterial::RsaPrivate(key) => Ok(Zeroizing::new(key.pkcs8_der().to_vec())),
        _ => Err(BackendError),
    }
}

impl RsaKeyGeneration for Generation {
    fn implementation(&self) -> &'static str {
        "spoilt"
    }

    fn modulus_bits(&self) -> &'static [usize] {
        match self {
            Self::TooShort => &[2048, 3072],
            Self::Unlisted | Self::OneKey(_) | Self::SharedPrime(_) => &[2048],
        }
    }

    fn generate(&self, modulus_bits: usize) -> Result<Zeroizing<Vec<u8>>, BackendError> {
        let good = AWS_LC_RS.rsa_key_generation().expect("aws-lc-rs generates keys");
        match self {
            Self::TooShort if self.modulus_bits().contains(&modulus_bits) => good.generate(2048),
            Self::TooShort => Err(BackendError),
            Self::Unlisted => good.generate(2048),
            Self::OneKey(_) | Self::SharedPrime(_) if modulus_bits != 2048 => Err(BackendError),
            Self::SharedPrime(made) => with_shared_prime(made.fetch_add(1, Ordering::Relaxed) % 2),
            Self::OneKey(key) => {
                let mut key = key.lock().expect("no panic while it is held");
                if key.is_none() {
                    *key = Some(good.generate(2048)?.to_vec());
                }
                key.clone().map(Zeroizing::new).ok_or(BackendError)
            }
        }
    }
}

/// What a generator of key pairs for key agreement does wrong. It lists P-256.
pub(crate) enum CurveGeneration {
    /// Nothing: the control.
    Good,
    /// Makes one key only.
    OneKey(std::sync::Mutex<Option<Vec<u8>>>),
    /// Makes keys on P-384.
    OtherCurve,
    /// Makes keys on curves that it does not list.
    Unlisted,
    /// Puts the public half of another key beside the private one.
    OtherHalf,
}

impl EcKeyGeneration for CurveGeneration {
    fn implementation(&self) -> &'static str {
        "spoilt"
    }

    fn curves(&self) -> &'static [Curve] {
        &[Curve::P256]
    }

    fn generate(&self, curve: Curve) -> Result<Zeroizing<Vec<u8>>, BackendError> {
        let good = AWS_LC_RS.ec_key_generation(Curve::P256).expect("aws-lc-rs generates keys");
        if curve != Curve::P256 && !matches!(self, Self::Unlisted) {
            return Err(BackendError);
        }
        match self {
            Self::Good | Self::Unlisted => good.generate(curve),
            Self::OtherCurve => good.generate(Curve::P384),
            Self::OneKey(key) => {
                let mut key = key.lock().expect("no panic while it is held");
                if key.is_none() {
                    *key = Some(good.generate(curve)?.to_vec());
                }
                key.clone().map(Zeroizing::new).ok_or(BackendError)
            }
            Self::OtherHalf => {
                let mut der = good.generate(curve)?;
                let other = public_half(&good.generate(curve)?);
                let own = public_half(&der);
                let at = der.windows(own.len()).position(|part| part == own).expect("its place");
                der[at..at + own.len()].copy_from_slice(&other);
                Ok(der)
            }
        }
    }
}

fn public_half(der: &[u8]) -> Vec<u8> {
    match Jwk::from_der(der).expect("a key pair").material() {
        KeyMaterial::EcPrivate(key) => key.public().expect("a public half").as_bytes().to_vec(),
        _ => panic!("a key for key agreement"),
    }
}
