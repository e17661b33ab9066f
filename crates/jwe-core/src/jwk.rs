//! One key: its material with what it says about itself (RFC 7517 §4).

use core::fmt;

use zeroize::Zeroizing;

use crate::alg::Alg;
use crate::backend::Backend;
use crate::certificate::Certificate;
use crate::curve::Curve;
use crate::ec_key::{EcPrivateKey, EcPublicKey};
use crate::error::{BackendError, ImportError, KeyRejected};
use crate::key_material::{KeyMaterial, OctKey};
use crate::shown;

/// The longest text or DER of one key, in bytes.
pub(crate) const MAX_KEY_LEN: usize = 64 * 1024;
/// The longest `kid` in bytes.
const MAX_KID_LEN: usize = 512;

/// A JSON Web Key (RFC 7517), or the same made from PEM or DER, which say nothing of `kid`, `alg`
/// and use.
///
/// The material is parsed and range-checked; unknown members are ignored (RFC 7517 §4), among them
/// `x5u`: nothing is ever fetched. Private parts are wiped on drop and absent from `Debug`.
#[derive(Clone)]
pub struct Jwk {
    pub(crate) material: KeyMaterial,
    pub(crate) kid: Option<String>,
    pub(crate) alg: Option<String>,
    pub(crate) key_use: Option<String>,
    pub(crate) key_ops: Option<Vec<String>>,
    // That of this key comes first.
    pub(crate) certificates: Vec<Certificate>,
    pub(crate) x5t_s256: Option<[u8; 32]>,
}

impl Jwk {
    /// A key of this material that says nothing about itself.
    #[must_use]
    pub fn from_material(material: KeyMaterial) -> Self {
        Self {
            material,
            kid: None,
            alg: None,
            key_use: None,
            key_ops: None,
            certificates: Vec::new(),
            x5t_s256: None,
        }
    }

    /// A password as a symmetric key: its UTF-8 bytes, for the PBES2 family (RFC 7518 §4.8).
    ///
    /// The bytes are taken as they are. Where people type the password on different systems,
    /// prepare it first with the OpaqueString profile (RFC 8265 §4.2), so that the same password is
    /// always the same bytes.
    ///
    /// # Errors
    /// [`ImportError::WeakKey`] when it is empty.
    pub fn from_password(password: &str) -> Result<Self, ImportError> {
        let key = OctKey::new(Zeroizing::new(password.as_bytes().to_vec()))?;
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

    /// The key's own certificate: that from which it was read, or the first of its `x5c`
    /// (RFC 7517 §4.7). It is about this key; nothing else of it was checked, see [`Certificate`].
    #[must_use]
    pub fn certificate(&self) -> Option<&Certificate> {
        self.certificates.first()
    }

    /// Checks that the `x5t#S256` is the SHA-256 of the key's [`certificate`](Self::certificate)
    /// (RFC 7517 §4.9). Where one of the two is missing there is nothing to check. The import of a
    /// key into a backend checks it too.
    ///
    /// # Errors
    /// [`ImportError::InvalidMember`] when it is another's.
    pub fn check_certificate(&self, backend: &Backend) -> Result<(), ImportError> {
        match (&self.x5t_s256, self.certificate()) {
            (Some(digest), Some(certificate)) if *digest != backend.sha256(certificate.der()) => {
                Err(ImportError::InvalidMember {
                    member: "x5t#S256",
                    reason: "is not the SHA-256 of the first certificate of \"x5c\": ask the key's publisher",
                })
            }
            _ => Ok(()),
        }
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
    /// then works out. A public half that is there must be the one that belongs to the private
    /// half, as far as the backend takes private keys on that curve.
    ///
    /// # Errors
    /// [`ImportError::MissingPublicHalf`] when the backend takes no private keys on that curve;
    /// [`ImportError::Rejected`] when it refuses this one, or the halves do not belong together.
    pub fn with_public_half(mut self, backend: &Backend) -> Result<Self, ImportError> {
        let KeyMaterial::EcPrivate(key) = &self.material else {
            return Ok(self);
        };
        let curve = key.curve();
        let Some((name, agreement)) = backend.static_agreement(curve) else {
            let whole = key.public().is_some();
            return if whole { Ok(self) } else { Err(ImportError::MissingPublicHalf) };
        };
        let rejected = |reason| ImportError::Rejected { backend: name, reason };
        let mut public = vec![0; curve.public_len()];
        agreement
            .import(key)
            .and_then(|key| {
                key.public_key(&mut public).map_err(|BackendError| KeyRejected::INCONSISTENT)
            })
            .map_err(rejected)?;
        let public =
            EcPublicKey::new(curve, &public).map_err(|_| rejected(KeyRejected::INCONSISTENT))?;
        if key.public().is_some_and(|named| *named != public) {
            return Err(rejected(KeyRejected::INCONSISTENT));
        }
        let key = EcPrivateKey::new(curve, key.secret(), Some(public))?;
        self.material = KeyMaterial::EcPrivate(key);
        Ok(self)
    }

    /// The public half, with the same `kid`, `alg`, `use` and certificates; `None` for a symmetric
    /// key, which has none, and for a private key whose file left it out: see
    /// [`with_public_half`](Self::with_public_half).
    #[must_use]
    pub fn to_public(&self) -> Option<Self> {
        let material = self.material.public_half()?;
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
            certificates: self.certificates.clone(),
            x5t_s256: self.x5t_s256,
        })
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
            .finish_non_exhaustive()
    }
}

pub(crate) fn check_len(text: &[u8]) -> Result<(), ImportError> {
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
