//! Keys in PEM and DER: SubjectPublicKeyInfo, PKCS #8, PKCS #1, SEC 1 and certificates.

use der::Decode;

use crate::certificate::Certificate;
use crate::curve::Curve;
use crate::der_encoding::Structure;
use crate::ec_der;
use crate::error::ImportError;
use crate::jwk::{Jwk, check_len};
use crate::key_material::KeyMaterial;
use crate::pem;
use crate::rsa_key::{self, RsaPrivateKey, RsaPublicKey};

const UNSUPPORTED: ImportError = ImportError::Unsupported(
    "its algorithm is none of RSA (rsaEncryption), EC (id-ecPublicKey) on P-256, P-384 or P-521, and \
     X25519: take a key of one of these",
);

impl Jwk {
    /// Reads the first block of a PEM text (RFC 7468): `PUBLIC KEY`, `PRIVATE KEY`,
    /// `RSA PUBLIC KEY`, `RSA PRIVATE KEY`, `EC PRIVATE KEY` or `CERTIFICATE`. A block
    /// `EC PARAMETERS`, which OpenSSL writes before an EC key, is passed over; what else stands
    /// before and behind is not looked at.
    ///
    /// Of a certificate only the key is taken, see [`Certificate`].
    ///
    /// # Errors
    /// [`ImportError`]: no PEM, another label, DER that does not fit the label, a key of another
    /// algorithm or curve, numbers out of range, or longer than 64 KiB;
    /// [`ImportError::Encrypted`] for `ENCRYPTED PRIVATE KEY`.
    pub fn from_pem(pem: &str) -> Result<Self, ImportError> {
        check_len(pem.as_bytes())?;
        let (label, der) = pem::first_block(pem)?;
        let structure = match label {
            "PUBLIC KEY" => Structure::Spki,
            "PRIVATE KEY" => Structure::Pkcs8,
            "RSA PUBLIC KEY" => Structure::Pkcs1Public,
            "RSA PRIVATE KEY" => Structure::Pkcs1Private,
            "EC PRIVATE KEY" => Structure::Sec1,
            "CERTIFICATE" => Structure::Certificate,
            "ENCRYPTED PRIVATE KEY" => Structure::EncryptedPkcs8,
            _ => {
                return Err(ImportError::NotPem(
                    "the label is none of PUBLIC KEY, PRIVATE KEY, RSA PUBLIC KEY, RSA PRIVATE KEY, \
                     EC PRIVATE KEY and CERTIFICATE",
                ));
            }
        };
        Self::from_structure(structure, &der)
    }

    /// Reads DER: SubjectPublicKeyInfo (RFC 5280 §4.1), PKCS #8 PrivateKeyInfo (RFC 5208 §5,
    /// RFC 5958 §2), a PKCS #1 RSAPublicKey or RSAPrivateKey (RFC 8017 §A.1), an ECPrivateKey
    /// (RFC 5915 §3) or a certificate (RFC 5280 §4.1), told apart by their first elements.
    ///
    /// # Errors
    /// [`ImportError`]: none of these, a key of another algorithm or curve, numbers out of range,
    /// or longer than 64 KiB; [`ImportError::Encrypted`] for an EncryptedPrivateKeyInfo.
    pub fn from_der(der: &[u8]) -> Result<Self, ImportError> {
        check_len(der)?;
        let structure = Structure::of(der).ok_or(ImportError::NotDer(
            "none of SubjectPublicKeyInfo, PKCS #8, PKCS #1, ECPrivateKey and certificate",
        ))?;
        Self::from_structure(structure, der)
    }

    fn from_structure(structure: Structure, der: &[u8]) -> Result<Self, ImportError> {
        let material = match structure {
            Structure::Spki => from_spki(der)?,
            Structure::Pkcs8 => from_pkcs8(der)?,
            Structure::Pkcs1Public => KeyMaterial::RsaPublic(RsaPublicKey::from_pkcs1_der(der)?),
            Structure::Pkcs1Private => KeyMaterial::RsaPrivate(RsaPrivateKey::from_pkcs1_der(der)?),
            Structure::Sec1 => KeyMaterial::EcPrivate(ec_der::private_key_from_sec1(der, None)?),
            Structure::Certificate => return Certificate::from_der(der)?.public_key(),
            Structure::EncryptedPkcs8 => return Err(ImportError::Encrypted),
        };
        Ok(Self::from_material(material))
    }
}

/// The key of a SubjectPublicKeyInfo.
pub(crate) fn from_spki(der: &[u8]) -> Result<KeyMaterial, ImportError> {
    let spki = spki::SubjectPublicKeyInfoRef::from_der(der)
        .map_err(|_| ImportError::NotDer("no SubjectPublicKeyInfo (RFC 5280 §4.1)"))?;
    let bytes = || {
        spki.subject_public_key
            .as_bytes()
            .ok_or(ImportError::NotDer("the key's bit string is not whole bytes"))
    };
    let parameters = spki.algorithm.parameters;
    Ok(match spki.algorithm.oid {
        rsa_key::RSA_ENCRYPTION => {
            rsa_key::null_parameters(parameters)?;
            KeyMaterial::RsaPublic(RsaPublicKey::from_pkcs1_der(bytes()?)?)
        }
        ec_der::EC_PUBLIC_KEY => {
            let curve = ec_der::named_curve(parameters)?;
            KeyMaterial::EcPublic(ec_der::public_key(curve, bytes()?)?)
        }
        ec_der::X25519 => {
            ec_der::no_parameters(parameters)?;
            KeyMaterial::EcPublic(ec_der::public_key(Curve::X25519, bytes()?)?)
        }
        _ => return Err(UNSUPPORTED),
    })
}

/// The key of a PrivateKeyInfo or OneAsymmetricKey.
pub(crate) fn from_pkcs8(der: &[u8]) -> Result<KeyMaterial, ImportError> {
    let info = pkcs8::PrivateKeyInfoRef::from_der(der)
        .map_err(|_| ImportError::NotDer("no PrivateKeyInfo (RFC 5208 §5)"))?;
    let parameters = info.algorithm.parameters;
    let private_key = info.private_key.as_bytes();
    Ok(match info.algorithm.oid {
        rsa_key::RSA_ENCRYPTION => {
            rsa_key::null_parameters(parameters)?;
            KeyMaterial::RsaPrivate(RsaPrivateKey::from_pkcs1_der(private_key)?)
        }
        ec_der::EC_PUBLIC_KEY => {
            let curve = ec_der::named_curve(parameters)?;
            let key = ec_der::private_key_from_sec1(private_key, Some(curve))?;
            KeyMaterial::EcPrivate(key)
        }
        ec_der::X25519 => {
            ec_der::no_parameters(parameters)?;
            let public = info
                .public_key
                .map(|bits| bits.as_bytes().ok_or(ImportError::NotDer("no whole bytes of key")))
                .transpose()?;
            KeyMaterial::EcPrivate(ec_der::x25519_private_key(private_key, public)?)
        }
        _ => return Err(UNSUPPORTED),
    })
}
