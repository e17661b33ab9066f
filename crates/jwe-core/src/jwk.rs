//! One key: its material with what it says about itself (RFC 7517 §4).

use core::fmt;

use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::alg::Alg;
use crate::backend::Backend;
use crate::base64url;
use crate::curve::Curve;
use crate::ec_key::{EcPrivateKey, EcPublicKey};
use crate::error::{BackendError, ImportError, KeyRejected};
use crate::json_object::{self, ObjectError};
use crate::key_material::{KeyMaterial, OctKey};
use crate::pem;
use crate::rsa_key::{RsaPrivateKey, RsaPrivateNumbers, RsaPublicKey};
use crate::shown;

/// The longest text or DER of one key, in bytes.
pub(crate) const MAX_KEY_LEN: usize = 64 * 1024;
/// The longest `kid` in bytes.
const MAX_KID_LEN: usize = 512;

/// A JSON Web Key (RFC 7517), or the same made from PEM or DER, which say nothing of `kid`, `alg`
/// and use.
///
/// The material is parsed and range-checked; unknown members are ignored (RFC 7517 §4). Private
/// parts are wiped on drop and absent from `Debug`.
#[derive(Clone)]
pub struct Jwk {
    material: KeyMaterial,
    kid: Option<String>,
    alg: Option<String>,
    key_use: Option<String>,
    key_ops: Option<Vec<String>>,
}

impl Jwk {
    /// A key of this material that says nothing about itself.
    #[must_use]
    pub fn from_material(material: KeyMaterial) -> Self {
        Self { material, kid: None, alg: None, key_use: None, key_ops: None }
    }

    /// Reads the JSON text of a JWK of type `RSA` or `oct`.
    ///
    /// # Errors
    /// [`ImportError`]: not one JSON object, a member twice, missing or of a wrong type, a key
    /// type that is not handled, numbers out of range, or longer than 64 KiB.
    pub fn from_json(json: &[u8]) -> Result<Self, ImportError> {
        check_len(json)?;
        let json =
            core::str::from_utf8(json).map_err(|_| ImportError::NotJson { line: 1, column: 1 })?;
        Self::from_json_text(json)
    }

    pub(crate) fn from_json_text(json: &str) -> Result<Self, ImportError> {
        let mut members = Members::default();
        json_object::for_each_member(json, |name, value| members.take(&name, value)).map_err(
            |error| match error {
                ObjectError::NotJson { line, column } => ImportError::NotJson { line, column },
                ObjectError::Member(error) => error,
            },
        )?;
        members.into_jwk()
    }

    /// Reads the first block of a PEM text (RFC 7468): `PUBLIC KEY`, `PRIVATE KEY`,
    /// `RSA PUBLIC KEY` or `RSA PRIVATE KEY`. What stands before and behind it is not looked at.
    ///
    /// # Errors
    /// [`ImportError`]: no PEM, another label, DER that does not fit the label, numbers out of
    /// range, or longer than 64 KiB.
    pub fn from_pem(pem: &str) -> Result<Self, ImportError> {
        check_len(pem.as_bytes())?;
        let (label, der) = pem::first_block(pem)?;
        let material = match label {
            "PUBLIC KEY" => KeyMaterial::RsaPublic(RsaPublicKey::from_spki_der(&der)?),
            "RSA PUBLIC KEY" => KeyMaterial::RsaPublic(RsaPublicKey::from_pkcs1_der(&der)?),
            "PRIVATE KEY" => KeyMaterial::RsaPrivate(RsaPrivateKey::from_pkcs8_der(&der)?),
            "RSA PRIVATE KEY" => KeyMaterial::RsaPrivate(RsaPrivateKey::from_pkcs1_der(&der)?),
            "ENCRYPTED PRIVATE KEY" => {
                return Err(ImportError::Unsupported(
                    "the private key is encrypted with a passphrase: decrypt it first, for example with \
                     `openssl pkcs8 -in FILE`",
                ));
            }
            _ => {
                return Err(ImportError::NotPem(
                    "the label is none of PUBLIC KEY, PRIVATE KEY, RSA PUBLIC KEY and RSA PRIVATE KEY",
                ));
            }
        };
        Ok(Self::from_material(material))
    }

    /// Reads DER: SubjectPublicKeyInfo (RFC 5280 §4.1), PKCS #8 PrivateKeyInfo (RFC 5208 §5), or a
    /// PKCS #1 RSAPublicKey or RSAPrivateKey (RFC 8017 §A.1).
    ///
    /// # Errors
    /// [`ImportError`]: none of these, numbers out of range, or longer than 64 KiB.
    pub fn from_der(der: &[u8]) -> Result<Self, ImportError> {
        check_len(der)?;
        // The four structures differ in their first elements, so at most one of them fits.
        type Attempt = fn(&[u8]) -> Result<KeyMaterial, ImportError>;
        let attempts: [Attempt; 4] = [
            |der| RsaPublicKey::from_spki_der(der).map(KeyMaterial::RsaPublic),
            |der| RsaPrivateKey::from_pkcs8_der(der).map(KeyMaterial::RsaPrivate),
            |der| RsaPublicKey::from_pkcs1_der(der).map(KeyMaterial::RsaPublic),
            |der| RsaPrivateKey::from_pkcs1_der(der).map(KeyMaterial::RsaPrivate),
        ];
        for attempt in attempts {
            match attempt(der) {
                Err(ImportError::NotDer(_)) => {}
                outcome => return outcome.map(Self::from_material),
            }
        }
        Err(ImportError::NotDer(
            "neither SubjectPublicKeyInfo nor PKCS #8 nor PKCS #1 of an RSA key",
        ))
    }

    /// Generates an RSA key pair; `modulus_bits` is one that the backend's library can make.
    ///
    /// # Errors
    /// [`GenerateError`].
    pub fn generate_rsa(backend: &Backend, modulus_bits: usize) -> Result<Self, GenerateError> {
        let generation = backend
            .rsa_key_generation()
            .ok_or_else(|| GenerateError::NotOffered { backend: backend.name() })?;
        if !generation.modulus_bits().contains(&modulus_bits) {
            return Err(GenerateError::Length { possible: generation.modulus_bits() });
        }
        let der = generation.generate(modulus_bits)?;
        let key = RsaPrivateKey::from_pkcs8_der(&der).map_err(|_| GenerateError::Failed)?;
        Ok(Self::from_material(KeyMaterial::RsaPrivate(key)))
    }

    /// Generates a key pair for key agreement.
    ///
    /// # Errors
    /// [`GenerateError`].
    pub fn generate_ec(backend: &Backend, curve: Curve) -> Result<Self, GenerateError> {
        let generation = backend
            .ec_key_generation(curve)
            .ok_or_else(|| GenerateError::CurveNotOffered { backend: backend.name(), curve })?;
        let der = generation.generate(curve)?;
        Self::from_der(&der)
            .and_then(|key| key.with_public_half(backend))
            .map_err(|_| GenerateError::Failed)
    }

    /// Generates a symmetric key of `len` bytes, as long as the CEK of an `enc` for `dir`.
    ///
    /// # Errors
    /// [`GenerateError::OctLength`] when `len` is less than 16 or more than 1024;
    /// [`GenerateError::Failed`] when the random source fails.
    pub fn generate_oct(backend: &Backend, len: usize) -> Result<Self, GenerateError> {
        if !(16..=1024).contains(&len) {
            return Err(GenerateError::OctLength);
        }
        let mut bytes = Zeroizing::new(vec![0; len]);
        backend.random().fill(&mut bytes)?;
        let key = OctKey::new(bytes).map_err(|_| GenerateError::Failed)?;
        Ok(Self::from_material(KeyMaterial::Oct(key)))
    }

    /// The key material.
    #[must_use]
    pub fn material(&self) -> &KeyMaterial {
        &self.material
    }

    /// The `kty` (RFC 7518 §6.1).
    #[must_use]
    pub fn kty(&self) -> &'static str {
        match &self.material {
            KeyMaterial::RsaPublic(_) | KeyMaterial::RsaPrivate(_) => "RSA",
            KeyMaterial::EcPublic(key) => key.curve().kty(),
            KeyMaterial::EcPrivate(key) => key.curve().kty(),
            KeyMaterial::Oct(_) => "oct",
        }
    }

    /// Whether the key holds something secret.
    #[must_use]
    pub fn is_private(&self) -> bool {
        !matches!(self.material, KeyMaterial::RsaPublic(_) | KeyMaterial::EcPublic(_))
    }

    /// The `kid` (RFC 7517 §4.5).
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The `alg` as it stands there (RFC 7517 §4.4), which may be that of a signature.
    #[must_use]
    pub fn alg(&self) -> Option<&str> {
        self.alg.as_deref()
    }

    /// The `use` (RFC 7517 §4.2).
    #[must_use]
    pub fn key_use(&self) -> Option<&str> {
        self.key_use.as_deref()
    }

    /// The `key_ops` (RFC 7517 §4.3).
    #[must_use]
    pub fn key_ops(&self) -> Option<&[String]> {
        self.key_ops.as_deref()
    }

    /// The same key with this `kid`.
    ///
    /// # Errors
    /// [`ImportError::InvalidKid`] when it is empty, longer than 512 bytes, or has characters that
    /// are not to be seen.
    pub fn with_kid(mut self, kid: &str) -> Result<Self, ImportError> {
        self.kid = Some(checked_kid(kid)?.to_owned());
        Ok(self)
    }

    /// The same key, bound to `alg` and labelled `"use":"enc"`.
    #[must_use]
    pub fn with_alg(mut self, alg: Alg) -> Self {
        self.alg = Some(alg.name().to_owned());
        self.key_use = Some("enc".to_owned());
        self.key_ops = None;
        self
    }

    /// The curve of a key for key agreement (RFC 7518 §6.2.1.1, RFC 8037 §2).
    #[must_use]
    pub fn curve(&self) -> Option<Curve> {
        match &self.material {
            KeyMaterial::EcPublic(key) => Some(key.curve()),
            KeyMaterial::EcPrivate(key) => Some(key.curve()),
            _ => None,
        }
    }

    /// The same key with its public half, which a key file may have left out and which `backend`
    /// then works out. A key that is whole stays as it is.
    ///
    /// # Errors
    /// [`ImportError`] when the backend agrees on no keys of that curve, or refuses the key.
    pub fn with_public_half(mut self, backend: &Backend) -> Result<Self, ImportError> {
        if let KeyMaterial::EcPrivate(key) = &self.material
            && key.public().is_none()
        {
            let curve = key.curve();
            let agreement = backend
                .static_agreement(curve)
                .ok_or(ImportError::Unsupported(
                    "its file has no public half, and the backend can't work it out: use another backend for this step",
                ))?;
            let rejected =
                |reason| ImportError::Rejected { backend: "of the key agreement", reason };
            let prepared = agreement.import(key).map_err(rejected)?;
            let mut public = vec![0; curve.public_len()];
            prepared
                .public_key(&mut public)
                .map_err(|BackendError| rejected(KeyRejected::INCONSISTENT))?;
            let public = EcPublicKey::new(curve, &public)?;
            let key = EcPrivateKey::new(curve, key.secret(), Some(public))?;
            self.material = KeyMaterial::EcPrivate(key);
        }
        Ok(self)
    }

    /// The public half, with the same `kid`, `alg` and `use`; `None` for a symmetric key, which
    /// has none, and for a private key whose file left it out: see
    /// [`with_public_half`](Self::with_public_half).
    #[must_use]
    pub fn to_public(&self) -> Option<Self> {
        let material = match &self.material {
            KeyMaterial::RsaPublic(key) => KeyMaterial::RsaPublic(key.clone()),
            KeyMaterial::RsaPrivate(key) => KeyMaterial::RsaPublic(key.public().clone()),
            KeyMaterial::EcPublic(key) => KeyMaterial::EcPublic(key.clone()),
            KeyMaterial::EcPrivate(key) => KeyMaterial::EcPublic(key.public()?.clone()),
            KeyMaterial::Oct(_) => return None,
        };
        let key_ops = self.key_ops.as_ref().map(|ops| {
            let public = |op: &String| match op.as_str() {
                "decrypt" => "encrypt".to_owned(),
                "unwrapKey" => "wrapKey".to_owned(),
                "sign" => "verify".to_owned(),
                _ => op.clone(),
            };
            let mut ops: Vec<String> = ops.iter().map(public).collect();
            ops.sort();
            ops.dedup();
            ops
        });
        Some(Self {
            material,
            key_ops,
            kid: self.kid.clone(),
            alg: self.alg.clone(),
            key_use: self.key_use.clone(),
        })
    }

    /// The JWK thumbprint with SHA-256, base64url (RFC 7638 §3). It is that of the public half
    /// where there is one; `None` for a private key whose file left it out: see
    /// [`with_public_half`](Self::with_public_half).
    #[must_use]
    pub fn thumbprint(&self, backend: &Backend) -> Option<String> {
        // RFC 7638 §3.2: the required members only, in the order of their names.
        let json = match &self.material {
            KeyMaterial::RsaPublic(key) => rsa_thumbprint_input(key),
            KeyMaterial::RsaPrivate(key) => rsa_thumbprint_input(key.public()),
            KeyMaterial::EcPublic(key) => ec_thumbprint_input(key),
            KeyMaterial::EcPrivate(key) => ec_thumbprint_input(key.public()?),
            KeyMaterial::Oct(key) => {
                let mut json = SecretJson::new(key.as_bytes().len(), 0);
                json.secret("k", key.as_bytes());
                json.text("kty", "oct");
                json.finish()
            }
        };
        Some(base64url::encode(&backend.sha256(json.as_bytes())))
    }

    /// The JSON text of the key, private parts included, wiped on drop. Take
    /// [`to_public`](Self::to_public) first for what leaves the owner.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<String> {
        let secret_len = match &self.material {
            KeyMaterial::RsaPublic(key) => key.modulus_len(),
            KeyMaterial::RsaPrivate(key) => key.public().modulus_len() * 5,
            KeyMaterial::EcPublic(_) | KeyMaterial::EcPrivate(_) => 3 * Curve::MAX_SECRET_LEN,
            KeyMaterial::Oct(key) => key.as_bytes().len(),
        };
        let mut json = SecretJson::new(secret_len, self.labels_len());
        json.text("kty", self.kty());
        if let Some(kid) = &self.kid {
            json.text("kid", kid);
        }
        if let Some(key_use) = &self.key_use {
            json.text("use", key_use);
        }
        if let Some(alg) = &self.alg {
            json.text("alg", alg);
        }
        if let Some(key_ops) = &self.key_ops {
            json.raw("key_ops", &serde_json::Value::from(key_ops.clone()).to_string());
        }
        match &self.material {
            KeyMaterial::RsaPublic(key) => json.rsa_public(key),
            KeyMaterial::RsaPrivate(key) => {
                json.rsa_public(key.public());
                let RsaPrivateNumbers { d, p, q, dp, dq, qi } = key.numbers();
                for (name, number) in
                    [("d", d), ("p", p), ("q", q), ("dp", dp), ("dq", dq), ("qi", qi)]
                {
                    json.secret(name, number);
                }
            }
            KeyMaterial::EcPublic(key) => json.ec_public(key),
            KeyMaterial::EcPrivate(key) => {
                match key.public() {
                    Some(public) => json.ec_public(public),
                    None => json.text("crv", key.curve().name()),
                }
                json.secret("d", key.secret());
            }
            KeyMaterial::Oct(key) => json.secret("k", key.as_bytes()),
        }
        json.finish()
    }
}

impl Jwk {
    fn labels_len(&self) -> usize {
        let len = |label: &Option<String>| label.as_ref().map_or(0, String::len);
        let ops = self.key_ops.iter().flatten().map(|op| op.len() + 3).sum::<usize>();
        len(&self.kid) + len(&self.alg) + len(&self.key_use) + ops
    }
}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwk")
            .field("material", &self.material)
            .field("kid", &self.kid)
            .field("alg", &self.alg)
            .field("use", &self.key_use)
            .field("key_ops", &self.key_ops)
            .finish()
    }
}

/// Why a key was not generated.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GenerateError {
    /// The backend's library generates no RSA keys.
    NotOffered {
        /// The backend.
        backend: String,
    },
    /// The backend's library generates no key pairs on this curve.
    CurveNotOffered {
        /// The backend.
        backend: String,
        /// The curve.
        curve: Curve,
    },
    /// The backend's library generates no keys of this length.
    Length {
        /// The lengths in bits that it does generate.
        possible: &'static [usize],
    },
    /// A symmetric key has 16 to 1024 bytes.
    OctLength,
    /// The random source or the library failed.
    Failed,
}

impl GenerateError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotOffered { .. } | Self::CurveNotOffered { .. } => "generation_not_offered",
            Self::Length { .. } | Self::OctLength => "generation_length",
            Self::Failed => "generation_failed",
        }
    }
}

impl fmt::Display for GenerateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOffered { backend } => {
                write!(
                    f,
                    "the backend {backend} generates no RSA keys: use another backend for this step"
                )
            }
            Self::CurveNotOffered { backend, curve } => {
                write!(
                    f,
                    "the backend {backend} generates no keys on {curve}: use another backend for this step"
                )
            }
            Self::Length { possible } => {
                write!(
                    f,
                    "the backend generates RSA keys of these lengths in bits only: {possible:?}"
                )
            }
            Self::OctLength => f.write_str("a symmetric key has 16 to 1024 bytes: choose such a length"),
            Self::Failed => f.write_str(
                "the backend could not generate the key, because its random source or library failed: try again",
            ),
        }
    }
}

impl core::error::Error for GenerateError {}

impl From<BackendError> for GenerateError {
    fn from(_: BackendError) -> Self {
        Self::Failed
    }
}

fn check_len(text: &[u8]) -> Result<(), ImportError> {
    if text.len() > MAX_KEY_LEN {
        Err(ImportError::TooLarge { limit: MAX_KEY_LEN })
    } else {
        Ok(())
    }
}

/// A `kid` that can stand in a header and in a log line.
pub(crate) fn checked_kid(kid: &str) -> Result<&str, ImportError> {
    if kid.is_empty() {
        return Err(ImportError::InvalidKid("it is empty: give one, or none at all"));
    }
    if kid.len() > MAX_KID_LEN {
        return Err(ImportError::InvalidKid("it is longer than 512 bytes: give a shorter one"));
    }
    if kid.chars().any(shown::deceives) {
        return Err(ImportError::InvalidKid(
            "it has a character that controls the text or is not to be seen: give one without",
        ));
    }
    Ok(kid)
}

fn rsa_thumbprint_input(key: &RsaPublicKey) -> Zeroizing<String> {
    let mut json = SecretJson::new(key.modulus_len(), 0);
    json.secret("e", key.e());
    json.text("kty", "RSA");
    json.secret("n", key.n());
    json.finish()
}

fn ec_thumbprint_input(key: &EcPublicKey) -> Zeroizing<String> {
    let mut json = SecretJson::new(2 * Curve::MAX_SECRET_LEN, 0);
    json.text("crv", key.curve().name());
    json.text("kty", key.curve().kty());
    json.secret("x", key.x());
    if let Some(y) = key.y() {
        json.secret("y", y);
    }
    json.finish()
}

/// The members of a JWK as they come, values still as text.
#[derive(Default)]
struct Members<'a> {
    kty: Option<&'a RawValue>,
    kid: Option<&'a RawValue>,
    alg: Option<&'a RawValue>,
    key_use: Option<&'a RawValue>,
    key_ops: Option<&'a RawValue>,
    n: Option<&'a RawValue>,
    e: Option<&'a RawValue>,
    d: Option<&'a RawValue>,
    p: Option<&'a RawValue>,
    q: Option<&'a RawValue>,
    dp: Option<&'a RawValue>,
    dq: Option<&'a RawValue>,
    qi: Option<&'a RawValue>,
    oth: Option<&'a RawValue>,
    crv: Option<&'a RawValue>,
    x: Option<&'a RawValue>,
    y: Option<&'a RawValue>,
    k: Option<&'a RawValue>,
}

impl<'a> Members<'a> {
    fn take(&mut self, name: &str, value: &'a RawValue) -> Result<(), ImportError> {
        let (member, place) = match name {
            "kty" => ("kty", &mut self.kty),
            "kid" => ("kid", &mut self.kid),
            "alg" => ("alg", &mut self.alg),
            "use" => ("use", &mut self.key_use),
            "key_ops" => ("key_ops", &mut self.key_ops),
            "n" => ("n", &mut self.n),
            "e" => ("e", &mut self.e),
            "d" => ("d", &mut self.d),
            "p" => ("p", &mut self.p),
            "q" => ("q", &mut self.q),
            "dp" => ("dp", &mut self.dp),
            "dq" => ("dq", &mut self.dq),
            "qi" => ("qi", &mut self.qi),
            "oth" => ("oth", &mut self.oth),
            "crv" => ("crv", &mut self.crv),
            "x" => ("x", &mut self.x),
            "y" => ("y", &mut self.y),
            "k" => ("k", &mut self.k),
            _ => return Ok(()),
        };
        match place.replace(value) {
            None => Ok(()),
            Some(_) => {
                Err(ImportError::InvalidMember { member, reason: "appears twice: leave one" })
            }
        }
    }

    fn into_jwk(self) -> Result<Jwk, ImportError> {
        let kty = text("kty", self.kty)?.ok_or(ImportError::MissingMember("kty"))?;
        let kid = text("kid", self.kid)?;
        if let Some(kid) = &kid {
            checked_kid(kid)?;
        }
        let material = match kty.as_str() {
            "RSA" => self.rsa()?,
            "EC" | "OKP" => self.ec(&kty)?,
            "oct" => {
                let key = number("k", self.k)?.ok_or(ImportError::MissingMember("k"))?;
                KeyMaterial::Oct(OctKey::new(key)?)
            }
            _ => {
                return Err(ImportError::Unsupported(
                    "its kty is none of \"RSA\", \"EC\", \"OKP\" and \"oct\"",
                ));
            }
        };
        Ok(Jwk {
            material,
            kid,
            alg: text("alg", self.alg)?,
            key_use: text("use", self.key_use)?,
            key_ops: self.key_ops.map(key_ops).transpose()?,
        })
    }

    fn ec(&self, kty: &str) -> Result<KeyMaterial, ImportError> {
        let name = text("crv", self.crv)?.ok_or(ImportError::MissingMember("crv"))?;
        let curve = Curve::from_name(&name).filter(|curve| curve.kty() == kty).ok_or(
            ImportError::Unsupported("its curve is none of P-256, P-384, P-521 and X25519"),
        )?;
        let coordinate = |member, value| {
            let bytes = number(member, value)?.ok_or(ImportError::MissingMember(member))?;
            // RFC 7518 §6.2.1.2: leading zero bytes are part of it.
            if bytes.len() == curve.secret_len() {
                Ok(bytes)
            } else {
                Err(ImportError::InvalidMember {
                    member,
                    reason: "is not as long as its curve has it, leading zeros included (RFC 7518 §6.2.1.2)",
                })
            }
        };
        let mut public = Vec::with_capacity(curve.public_len());
        if curve.is_nist() {
            public.push(4);
        }
        public.extend_from_slice(&coordinate("x", self.x)?);
        if curve.is_nist() {
            public.extend_from_slice(&coordinate("y", self.y)?);
        }
        let public = EcPublicKey::new(curve, &public)?;
        if self.d.is_none() {
            return Ok(KeyMaterial::EcPublic(public));
        }
        let secret = coordinate("d", self.d)?;
        Ok(KeyMaterial::EcPrivate(EcPrivateKey::new(curve, &secret, Some(public))?))
    }

    fn rsa(&self) -> Result<KeyMaterial, ImportError> {
        let n = number("n", self.n)?.ok_or(ImportError::MissingMember("n"))?;
        let e = number("e", self.e)?.ok_or(ImportError::MissingMember("e"))?;
        let public = RsaPublicKey::new(&n, &e)?;
        if self.oth.is_some() {
            return Err(ImportError::Unsupported(
                "an RSA key of more than two primes: make one of two",
            ));
        }
        let private =
            [("p", self.p), ("q", self.q), ("dp", self.dp), ("dq", self.dq), ("qi", self.qi)];
        let Some(d) = number("d", self.d)? else {
            // RFC 7518 §6.3.2: without "d" it is a public key, and the rest would be stray secrets.
            return match private.iter().find(|(_, value)| value.is_some()) {
                None => Ok(KeyMaterial::RsaPublic(public)),
                Some((member, _)) => Err(ImportError::InvalidMember {
                    member,
                    reason: "belongs to a private key, but \"d\" is missing",
                }),
            };
        };
        let mut numbers = Vec::with_capacity(private.len());
        for (member, value) in private {
            // RFC 7518 §6.3.2 lets a producer leave all of these out; then a recipient has to
            // factor n. That is work for whoever made the key.
            numbers.push(number(member, value)?.ok_or(ImportError::MissingMember(member))?);
        }
        let [p, q, dp, dq, qi] = numbers.as_slice() else {
            return Err(ImportError::MissingMember("p"));
        };
        let numbers = RsaPrivateNumbers { d: d.as_slice(), p, q, dp, dq, qi };
        Ok(KeyMaterial::RsaPrivate(RsaPrivateKey::new(public, &numbers)?))
    }
}

fn text(member: &'static str, value: Option<&RawValue>) -> Result<Option<String>, ImportError> {
    value
        .map(|value| {
            json_object::string(value).map(std::borrow::Cow::into_owned).ok_or(
                ImportError::InvalidMember { member, reason: "is not a string: write it as one" },
            )
        })
        .transpose()
}

/// Decodes a base64url member. An escape in the JSON string is refused: base64url needs none, and
/// resolving it would leave a copy of a secret behind.
fn number(
    member: &'static str,
    value: Option<&RawValue>,
) -> Result<Option<Zeroizing<Vec<u8>>>, ImportError> {
    value
        .map(|value| {
            let text = json_object::plain_string(value).ok_or(ImportError::InvalidMember {
                member,
                reason: "is not a string without escapes",
            })?;
            base64url::decode_secret(text).map_err(|_| ImportError::InvalidMember {
                member,
                reason: "is not unpadded, canonical base64url (RFC 7515 §2)",
            })
        })
        .transpose()
}

fn key_ops(value: &RawValue) -> Result<Vec<String>, ImportError> {
    let invalid = |reason| ImportError::InvalidMember { member: "key_ops", reason };
    let ops: Vec<String> =
        serde_json::from_str(value.get()).map_err(|_| invalid("is not an array of strings"))?;
    let mut sorted: Vec<&String> = ops.iter().collect();
    sorted.sort();
    if sorted.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
        return Err(invalid("has a value twice (RFC 7517 §4.3)"));
    }
    Ok(ops)
}

/// Writes a JSON object of strings into a buffer that never grows, so that no copy of a secret is
/// left in freed memory.
struct SecretJson(Zeroizing<String>);

impl SecretJson {
    /// Room for numbers of `numbers_len` bytes and labels of `labels_len`, of which each byte may
    /// become an escape of six; names and punctuation take far less than the rest.
    fn new(numbers_len: usize, labels_len: usize) -> Self {
        let mut json =
            Zeroizing::new(String::with_capacity(numbers_len * 2 + labels_len * 6 + 1024));
        json.push('{');
        Self(json)
    }

    fn name(&mut self, name: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push('"');
        self.0.push_str(name);
        self.0.push_str("\":");
    }

    fn raw(&mut self, name: &str, json: &str) {
        self.name(name);
        self.0.push_str(json);
    }

    fn text(&mut self, name: &str, text: &str) {
        self.raw(name, &serde_json::Value::from(text).to_string());
    }

    fn secret(&mut self, name: &str, bytes: &[u8]) {
        self.name(name);
        self.0.push('"');
        base64url::encode_append_str(bytes, &mut self.0);
        self.0.push('"');
    }

    fn rsa_public(&mut self, key: &RsaPublicKey) {
        self.secret("n", key.n());
        self.secret("e", key.e());
    }

    fn ec_public(&mut self, key: &EcPublicKey) {
        self.text("crv", key.curve().name());
        self.secret("x", key.x());
        if let Some(y) = key.y() {
            self.secret("y", y);
        }
    }

    fn finish(mut self) -> Zeroizing<String> {
        self.0.push('}');
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Jwk;
    use crate::error::ImportError;
    use crate::key_material::KeyMaterial;

    /// RFC 7516 A.1.3.
    const PRIVATE: &str = concat!(
        r#"{"kty":"RSA","#,
        r#""n":"oahUIoWw0K0usKNuOR6H4wkf4oBUXHTxRvgb48E-BVvxkeDNjbC4he8rUWcJoZmds2h7M70imEVhRU5djINXtqllXI4DFqcI1DgjT9LewND8MW2Krf3Spsk_ZkoFnilakGygTwpZ3uesH-PFABNIUYpOiN15dsQRkgr0vEhxN92i2asbOenSZeyaxziK72UwxrrKoExv6kc5twXTq4h-QChLOln0_mtUZwfsRaMStPs6mS6XrgxnxbWhojf663tuEQueGC-FCMfra36C9knDFGzKsNa7LZK2djYgyD3JR_MB_4NUJW_TqOQtwHYbxevoJArm-L5StowjzGy-_bq6Gw","#,
        r#""e":"AQAB","#,
        r#""d":"kLdtIj6GbDks_ApCSTYQtelcNttlKiOyPzMrXHeI-yk1F7-kpDxY4-WY5NWV5KntaEeXS1j82E375xxhWMHXyvjYecPT9fpwR_M9gV8n9Hrh2anTpTD93Dt62ypW3yDsJzBnTnrYu1iwWRgBKrEYY46qAZIrA2xAwnm2X7uGR1hghkqDp0Vqj3kbSCz1XyfCs6_LehBwtxHIyh8Ripy40p24moOAbgxVw3rxT_vlt3UVe4WO3JkJOzlpUf-KTVI2Ptgm-dARxTEtE-id-4OJr0h-K-VFs3VSndVTIznSxfyrj8ILL6MG_Uv8YAu7VILSB3lOW085-4qE3DzgrTjgyQ","#,
        r#""p":"1r52Xk46c-LsfB5P442p7atdPUrxQSy4mti_tZI3Mgf2EuFVbUoDBvaRQ-SWxkbkmoEzL7JXroSBjSrK3YIQgYdMgyAEPTPjXv_hI2_1eTSPVZfzL0lffNn03IXqWF5MDFuoUYE0hzb2vhrlN_rKrbfDIwUbTrjjgieRbwC6Cl0","#,
        r#""q":"wLb35x7hmQWZsWJmB_vle87ihgZ19S8lBEROLIsZG4ayZVe9Hi9gDVCOBmUDdaDYVTSNx_8Fyw1YYa9XGrGnDew00J28cRUoeBB_jKI1oma0Orv1T9aXIWxKwd4gvxFImOWr3QRL9KEBRzk2RatUBnmDZJTIAfwTs0g68UZHvtc","#,
        r#""dp":"ZK-YwE7diUh0qR1tR7w8WHtolDx3MZ_OTowiFvgfeQ3SiresXjm9gZ5KLhMXvo-uz-KUJWDxS5pFQ_M0evdo1dKiRTjVw_x4NyqyXPM5nULPkcpU827rnpZzAJKpdhWAgqrXGKAECQH0Xt4taznjnd_zVpAmZZq60WPMBMfKcuE","#,
        r#""dq":"Dq0gfgJ1DdFGXiLvQEZnuKEN0UUmsJBxkjydc3j4ZYdBiMRAy86x0vHCjywcMlYYg4yoC4YZa9hNVcsjqA3FeiL19rk8g6Qn29Tt0cj8qqyFpz9vNDBUfCAiJVeESOjJDZPYHdHY8v1b-o-Z2X5tvLx-TCekf7oxyeKDUqKWjis","#,
        r#""qi":"VIMpMYbPf47dT1w_zDUXfPimsSegnMOA1zTaX7aGk_8urY6R8-ZW1FxU7AlWAyLWybqq6t16VFd7hQd0y6flUK4SlOydB61gwanOsXGOAOv82cHq0E3eL4HrtZkUuKvnPrMnsUUFlfUdybVzxyjz9JF_XyaY14ardLSjf4L_FNY""#,
        "}"
    );

    fn code(json: &str) -> &'static str {
        Jwk::from_json(json.as_bytes()).map(drop).unwrap_err().code()
    }

    #[test]
    fn a_private_key_is_the_same_through_json_and_der() {
        let jwk = Jwk::from_json(PRIVATE.as_bytes()).unwrap();
        assert_eq!(*jwk.to_json(), *PRIVATE);
        let KeyMaterial::RsaPrivate(key) = jwk.material() else { panic!("not private") };
        assert_eq!(*Jwk::from_der(key.pkcs8_der()).unwrap().to_json(), *PRIVATE);
        let public = jwk.to_public().unwrap();
        let spki = Jwk::from_der(key.public().spki_der()).unwrap();
        assert_eq!(*spki.to_json(), *public.to_json());
        assert!(!public.is_private() && jwk.is_private());
        for member in ["\"d\"", "\"p\"", "\"q\"", "\"dp\"", "\"dq\"", "\"qi\""] {
            assert!(!public.to_json().contains(member) && jwk.to_json().contains(member));
        }
    }

    #[test]
    fn nothing_secret_is_shown() {
        let shown = format!("{:?}", Jwk::from_json(PRIVATE.as_bytes()).unwrap());
        assert!(shown.len() < 200 && !shown.contains("kLdt") && !shown.contains("90"), "{shown}");
        let oct = Jwk::from_json(br#"{"kty":"oct","k":"c2VjcmV0","kid":"k"}"#).unwrap();
        let shown = format!("{oct:?}");
        assert!(
            !shown.contains("c2Vj") && !shown.contains("115") && !shown.contains("secret"),
            "{shown}"
        );
    }

    #[test]
    fn a_stray_or_missing_private_member_is_refused() {
        for member in ["d", "p", "q", "dp", "dq", "qi"] {
            let mut json: serde_json::Map<_, _> = serde_json::from_str(PRIVATE).unwrap();
            json.remove(member);
            let expected = if member == "d" { "key_invalid_member" } else { "key_missing_member" };
            assert_eq!(code(&serde_json::Value::Object(json).to_string()), expected, "{member}");
        }
        assert_eq!(code(&PRIVATE.replace("\"e\":", "\"oth\":[],\"e\":")), "key_unsupported");
    }

    #[test]
    fn members_are_typed_and_stand_once() {
        for (json, expected) in [
            (r#"{"kty":"RSA"}"#, "key_missing_member"),
            (r#"{"k":"AQ"}"#, "key_missing_member"),
            (r#"{"kty":"EC","crv":"P-256"}"#, "key_unsupported"),
            (r#"{"kty":["oct"],"k":"AQ"}"#, "key_invalid_member"),
            (r#"{"kty":"oct","kty":"oct","k":"AQ"}"#, "key_invalid_member"),
            (r#"{"kty":"oct","k":"AQ","\u006b":"Ag"}"#, "key_invalid_member"),
            (r#"{"kty":"oct","k":1}"#, "key_invalid_member"),
            (r#"{"kty":"oct","k":"A\u0051"}"#, "key_invalid_member"),
            (r#"{"kty":"oct","k":"AQ=="}"#, "key_invalid_member"),
            (r#"{"kty":"oct","k":"AR"}"#, "key_invalid_member"),
            (r#"{"kty":"oct","k":""}"#, "key_weak"),
            (r#"{"kty":"oct","k":"AAAA"}"#, "key_weak"),
            (r#"{"kty":"oct","k":"AQ","kid":5}"#, "key_invalid_member"),
            (r#"{"kty":"oct","k":"AQ","kid":""}"#, "key_invalid_kid"),
            (r#"{"kty":"oct","k":"AQ","alg":null}"#, "key_invalid_member"),
            (r#"{"kty":"oct","k":"AQ","use":[]}"#, "key_invalid_member"),
            (r#"{"kty":"oct","k":"AQ","key_ops":"encrypt"}"#, "key_invalid_member"),
            (r#"{"kty":"oct","k":"AQ","key_ops":["encrypt","encrypt"]}"#, "key_invalid_member"),
            (r#"{"kty":"oct","k":"AQ"} x"#, "key_not_json"),
            ("[]", "key_not_json"),
            ("", "key_not_json"),
        ] {
            assert_eq!(code(json), expected, "{json}");
        }
        assert!(Jwk::from_json(br#"{"x":[1e999],"kty":"oct","k":"AQ","x":2}"#).is_ok());
        let long = format!(r#"{{"kty":"oct","k":"AQ","x":"{}"}}"#, " ".repeat(64 * 1024));
        assert_eq!(code(&long), "key_too_large");
    }

    #[test]
    fn the_place_of_an_error_is_told() {
        let error = Jwk::from_json(b"{\"kty\":\"oct\",\n\"k\" \"AQ\"}").unwrap_err();
        assert_eq!(error, ImportError::NotJson { line: 2, column: 5 });
    }

    #[test]
    fn weak_rsa_keys_are_refused() {
        let rsa = |n: &[u8], e: &[u8]| {
            let text = crate::base64url::encode;
            let json = format!(r#"{{"kty":"RSA","n":"{}","e":"{}"}}"#, text(n), text(e));
            Jwk::from_json(json.as_bytes())
                .map(|jwk| jwk.is_private())
                .map_err(|error| error.code())
        };
        let f4 = [1, 0, 1];
        let n = |len: usize, first: u8, last: u8| {
            let mut n = vec![0xff; len];
            n[0] = first;
            n[len - 1] = last;
            n
        };
        assert_eq!(rsa(&n(256, 0x80, 1), &f4), Ok(false));
        assert_eq!(
            rsa(&n(257, 0, 1), &f4),
            Ok(false),
            "a leading zero byte is no part of the number"
        );
        assert_eq!(rsa(&n(1024, 0xff, 1), &f4), Ok(false));
        assert_eq!(rsa(&n(256, 0x80, 1), &[3]), Ok(false));
        assert_eq!(rsa(&n(256, 0x80, 1), &[1, 0xff, 0xff, 0xff, 0xff]), Ok(false), "33 bits");
        for (n, e) in [
            (n(256, 0x7f, 1), &f4[..]),
            (n(1025, 1, 1), &f4),
            (n(256, 0x80, 0), &f4),
            (vec![], &f4),
            (n(256, 0x80, 1), &[]),
            (n(256, 0x80, 1), &[0]),
            (n(256, 0x80, 1), &[1]),
            (n(256, 0x80, 1), &[2]),
            (n(256, 0x80, 1), &[1, 0, 0]),
            (n(256, 0x80, 1), &[2, 0, 0, 0, 1]),
            (n(256, 0x80, 1), &[1, 0, 0, 0, 0, 0, 0, 0, 1]),
        ] {
            assert_eq!(rsa(&n, e), Err("key_weak"), "{} {e:?}", n.len());
        }
    }
}
