//! X.509 certificates (RFC 5280) as a source of public keys.

use core::fmt;

use der::{DateTime, Decode, Encode};
use x509_cert::ext::pkix::KeyUsage;

use crate::backend::Backend;
use crate::base64url;
use crate::error::ImportError;
use crate::jwk::{Jwk, check_len};
use crate::key_der;
use crate::key_material::KeyMaterial;
use crate::pem;

/// An X.509 certificate, of which the key, the dates and the key usage are read.
///
/// **No trust comes from it.** No chain is built, no signature, name, extension but the key usage
/// or revocation is looked at, and the dates are reported, not judged: to do so is the caller's,
/// who may have other reasons to trust the key, such as the place that it comes from.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    spki_der: Vec<u8>,
    not_before: DateTime,
    not_after: DateTime,
    encrypts: Encrypts,
}

/// What the key usage permits (RFC 5280 §4.2.1.3): all of it where there is none.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Encrypts {
    keys_or_data: bool,
    agrees: bool,
}

impl Certificate {
    /// Reads DER.
    ///
    /// # Errors
    /// [`ImportError::TooLarge`] beyond 64 KiB; [`ImportError::NotDer`] when it is no certificate,
    /// or has a key usage that is broken or stands there twice. That its key can be used here is for
    /// [`public_key`](Self::public_key) to say.
    pub fn from_der(der: &[u8]) -> Result<Self, ImportError> {
        check_len(der)?;
        let broken = |_| ImportError::NotDer("no certificate (RFC 5280 §4.1)");
        let certificate = x509_cert::Certificate::from_der(der).map_err(broken)?;
        let fields = certificate.tbs_certificate();
        let encrypts = match fields.get_extension::<KeyUsage>().map_err(|_| {
            ImportError::NotDer("the certificate's key usage is broken (RFC 5280 §4.2.1.3)")
        })? {
            None => Encrypts { keys_or_data: true, agrees: true },
            Some((_critical, usage)) => Encrypts {
                keys_or_data: usage.key_encipherment() || usage.data_encipherment(),
                agrees: usage.key_agreement(),
            },
        };
        Ok(Self {
            der: der.to_vec(),
            spki_der: fields.subject_public_key_info().to_der().map_err(broken)?,
            not_before: fields.validity().not_before.to_date_time(),
            not_after: fields.validity().not_after.to_date_time(),
            encrypts,
        })
    }

    /// Reads the first block of a PEM text (RFC 7468), `CERTIFICATE`.
    ///
    /// # Errors
    /// As [`from_der`](Self::from_der), and [`ImportError::NotPem`].
    pub fn from_pem(pem: &str) -> Result<Self, ImportError> {
        check_len(pem.as_bytes())?;
        match pem::first_block(pem)? {
            ("CERTIFICATE", der) => Self::from_der(&der),
            _ => Err(ImportError::NotPem("the label is not CERTIFICATE")),
        }
    }

    /// The bytes that were read.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The key, with this certificate as its [`certificate`](Jwk::certificate).
    ///
    /// # Errors
    /// [`ImportError`]: a key of an algorithm or on a curve that is not handled here, or numbers
    /// out of range.
    pub fn public_key(&self) -> Result<Jwk, ImportError> {
        let mut key = Jwk::from_material(self.key_material()?);
        key.certificates.push(self.clone());
        Ok(key)
    }

    pub(crate) fn key_material(&self) -> Result<KeyMaterial, ImportError> {
        key_der::from_spki(&self.spki_der)
    }

    /// From when it is valid, in seconds since 1970-01-01T00:00:00Z (RFC 5280 §4.1.2.5).
    #[must_use]
    pub fn not_before(&self) -> u64 {
        self.not_before.unix_duration().as_secs()
    }

    /// Until when it is valid, in seconds since 1970-01-01T00:00:00Z (RFC 5280 §4.1.2.5).
    #[must_use]
    pub fn not_after(&self) -> u64 {
        self.not_after.unix_duration().as_secs()
    }

    /// [`not_before`](Self::not_before) as RFC 3339 has it, such as `2026-11-22T08:00:00Z`.
    #[must_use]
    pub fn not_before_text(&self) -> String {
        self.not_before.to_string()
    }

    /// [`not_after`](Self::not_after) as RFC 3339 has it.
    #[must_use]
    pub fn not_after_text(&self) -> String {
        self.not_after.to_string()
    }

    /// The SHA-256 of the certificate, base64url: the `x5t#S256` of a JWK (RFC 7517 §4.9).
    #[must_use]
    pub fn sha256_thumbprint(&self, backend: &Backend) -> String {
        base64url::encode(&backend.sha256(&self.der))
    }

    /// Whether the key usage lets senders encrypt to this key: for RSA it must name the
    /// encipherment of keys or of data, for key agreement just that.
    pub(crate) fn permits_encryption_to(&self, key: &Jwk) -> bool {
        if key.curve().is_some() { self.encrypts.agrees } else { self.encrypts.keys_or_data }
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("not_before", &self.not_before_text())
            .field("not_after", &self.not_after_text())
            .finish_non_exhaustive()
    }
}
