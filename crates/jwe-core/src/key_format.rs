//! Writing keys as DER and PEM.

use core::fmt;

use zeroize::Zeroizing;

use crate::ec_der;
use crate::error::ExportError;
use crate::jwk::Jwk;
use crate::key_material::KeyMaterial;
use crate::pem;

/// A structure in which a key can be written, as DER or as PEM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyFormat {
    /// SubjectPublicKeyInfo (RFC 5280 §4.1), `PUBLIC KEY`: the public half of any key pair.
    Spki,
    /// PKCS #8 PrivateKeyInfo (RFC 5208 §5), `PRIVATE KEY`: a private key, in the clear.
    Pkcs8,
    /// ECPrivateKey (RFC 5915 §3), `EC PRIVATE KEY`: a private key on a NIST curve, in the clear.
    Sec1,
    /// PKCS #1 (RFC 8017 §A.1): of a public RSA key `RSA PUBLIC KEY`, of a private one
    /// `RSA PRIVATE KEY`, in the clear.
    Pkcs1,
}

impl KeyFormat {
    /// Every member.
    pub const ALL: &'static [Self] = &[Self::Spki, Self::Pkcs8, Self::Sec1, Self::Pkcs1];

    /// The label of the PEM (RFC 7468 §4) of a public or a private key in this format.
    #[must_use]
    pub const fn pem_label(self, private: bool) -> &'static str {
        match (self, private) {
            (Self::Spki, _) => "PUBLIC KEY",
            (Self::Pkcs8, _) => "PRIVATE KEY",
            (Self::Sec1, _) => "EC PRIVATE KEY",
            (Self::Pkcs1, false) => "RSA PUBLIC KEY",
            (Self::Pkcs1, true) => "RSA PRIVATE KEY",
        }
    }
}

impl fmt::Display for KeyFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Spki => "SPKI",
            Self::Pkcs8 => "PKCS #8",
            Self::Sec1 => "SEC 1",
            Self::Pkcs1 => "PKCS #1",
        })
    }
}

impl Jwk {
    /// The key as DER, wiped on drop. What the key says about itself (`kid`, `alg`, use,
    /// certificates) has no place there.
    ///
    /// A private key for key agreement whose own file left out the public half is written without
    /// it, and one on X25519 always is.
    ///
    /// # Errors
    /// [`ExportError`]: a symmetric key, a format that does not go with the key's type, a private
    /// format of a public key, or the public half of a private key whose file left it out.
    pub fn to_der(&self, format: KeyFormat) -> Result<Zeroizing<Vec<u8>>, ExportError> {
        use KeyMaterial::{EcPrivate, EcPublic, Oct, RsaPrivate, RsaPublic};

        let key_type = ExportError::KeyType { format, kty: self.kty() };
        let encoded = match (format, &self.material) {
            (_, Oct(_)) => return Err(ExportError::Symmetric),
            (KeyFormat::Spki, RsaPublic(key)) => Ok(Zeroizing::new(key.spki_der().to_vec())),
            (KeyFormat::Spki, RsaPrivate(key)) => {
                Ok(Zeroizing::new(key.public().spki_der().to_vec()))
            }
            (KeyFormat::Spki, EcPublic(key)) => ec_der::spki_der(key),
            (KeyFormat::Spki, EcPrivate(key)) => {
                ec_der::spki_der(key.public().ok_or(ExportError::MissingPublicHalf)?)
            }
            (KeyFormat::Pkcs1, RsaPublic(key)) => key.pkcs1_der(),
            (KeyFormat::Pkcs1, RsaPrivate(key)) => key.pkcs1_der(),
            (KeyFormat::Pkcs1, EcPublic(_) | EcPrivate(_))
            | (KeyFormat::Sec1, RsaPublic(_) | RsaPrivate(_)) => return Err(key_type),
            (KeyFormat::Sec1, EcPublic(key)) if !key.curve().is_nist() => return Err(key_type),
            (KeyFormat::Pkcs8, RsaPublic(_) | EcPublic(_)) | (KeyFormat::Sec1, EcPublic(_)) => {
                return Err(ExportError::PrivateKeyNeeded { format });
            }
            (KeyFormat::Pkcs8, RsaPrivate(key)) => Ok(Zeroizing::new(key.pkcs8_der().to_vec())),
            (KeyFormat::Pkcs8, EcPrivate(key)) => ec_der::pkcs8_der(key),
            (KeyFormat::Sec1, EcPrivate(key)) => ec_der::sec1_der(key).ok_or(key_type)?,
        };
        encoded.map_err(|_| ExportError::TooLong)
    }

    /// The key as PEM (RFC 7468) with lines that end in LF, wiped on drop; otherwise as
    /// [`to_der`](Self::to_der).
    ///
    /// # Errors
    /// As [`to_der`](Self::to_der).
    pub fn to_pem(&self, format: KeyFormat) -> Result<Zeroizing<String>, ExportError> {
        let der = self.to_der(format)?;
        pem::encode(format.pem_label(self.is_private()), &der).ok_or(ExportError::TooLong)
    }
}
