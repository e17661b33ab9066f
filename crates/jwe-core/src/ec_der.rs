//! DER of keys for key agreement: points in SubjectPublicKeyInfo (RFC 5480), ECPrivateKey
//! (RFC 5915), which SEC 1 has as well, and X25519 (RFC 8410).

use der::asn1::{AnyRef, BitStringRef, OctetStringRef};
use der::oid::ObjectIdentifier;
use der::{Decode, Header, SliceReader, Tag, Tagged};
use zeroize::Zeroizing;

use crate::curve::Curve;
use crate::der_encoding::encode;
use crate::ec_key::{EcPrivateKey, EcPublicKey};
use crate::error::ImportError;

/// id-ecPublicKey (RFC 5480 §2.1.1).
pub(crate) const EC_PUBLIC_KEY: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// id-X25519 (RFC 8410 §3).
pub(crate) const X25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.110");

/// The named curves of RFC 5480 §2.1.1.1 that are handled here.
const NAMED_CURVES: [(Curve, ObjectIdentifier); 3] = [
    (Curve::P256, ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7")),
    (Curve::P384, ObjectIdentifier::new_unwrap("1.3.132.0.34")),
    (Curve::P521, ObjectIdentifier::new_unwrap("1.3.132.0.35")),
];

const NOT_SEC1: ImportError = ImportError::NotDer("no ECPrivateKey (RFC 5915 §3)");
const EXPLICIT: ImportError = ImportError::Unsupported(
    "its curve is spelled out with explicit parameters, and only curves with a name are taken: write it \
     with its name, for example with `openssl ec -in FILE -param_enc named_curve`",
);

fn curve_of(oid: ObjectIdentifier) -> Result<Curve, ImportError> {
    NAMED_CURVES
        .iter()
        .find(|(_, known)| *known == oid)
        .map(|(curve, _)| *curve)
        .ok_or(ImportError::Unsupported("its curve is none of P-256, P-384, P-521 and X25519"))
}

/// The object identifier of a NIST curve; that of X25519 is one of an algorithm.
fn oid_of(curve: Curve) -> Option<ObjectIdentifier> {
    NAMED_CURVES.iter().find(|(known, _)| *known == curve).map(|(_, oid)| *oid)
}

/// The curve that the parameters of id-ecPublicKey name.
pub(crate) fn named_curve(parameters: Option<AnyRef<'_>>) -> Result<Curve, ImportError> {
    match parameters {
        Some(parameters) if parameters.tag() == Tag::Sequence => Err(EXPLICIT),
        Some(parameters) => {
            let oid = parameters.decode_as().map_err(|_| {
                ImportError::NotDer("the parameters of the EC key name no curve (RFC 5480 §2.1.1)")
            })?;
            curve_of(oid)
        }
        None => Err(ImportError::NotDer("the EC key has no parameters to name its curve")),
    }
}

/// The parameters of X25519, which must be absent (RFC 8410 §3).
pub(crate) fn no_parameters(parameters: Option<AnyRef<'_>>) -> Result<(), ImportError> {
    match parameters {
        None => Ok(()),
        Some(_) => Err(ImportError::NotDer("the X25519 key has parameters (RFC 8410 §3)")),
    }
}

/// A public key as a bit string has it.
pub(crate) fn public_key(curve: Curve, bytes: &[u8]) -> Result<EcPublicKey, ImportError> {
    let compressed = curve.is_nist()
        && bytes.len() == curve.secret_len().saturating_add(1)
        && matches!(bytes.first(), Some(2 | 3));
    if compressed {
        return Err(ImportError::Unsupported(
            "its point is in the compressed form, and only the uncompressed form is taken: write it so, \
             for example with `openssl ec -in FILE -conv_form uncompressed`",
        ));
    }
    EcPublicKey::new(curve, bytes)
}

/// An ECPrivateKey. `curve` is what the PKCS #8 around it says, if there is one; then it need not
/// say it again.
pub(crate) fn private_key_from_sec1(
    der: &[u8],
    curve: Option<Curve>,
) -> Result<EcPrivateKey, ImportError> {
    let key = sec1::EcPrivateKey::from_der(der).map_err(|_| {
        if has_explicit_parameters(der).unwrap_or_default() { EXPLICIT } else { NOT_SEC1 }
    })?;
    let own = key.parameters.and_then(sec1::EcParameters::named_curve).map(curve_of).transpose()?;
    let curve = match (curve, own) {
        (Some(curve), Some(own)) if curve != own => {
            return Err(ImportError::NotDer("the EC key names two different curves"));
        }
        (Some(curve), _) | (None, Some(curve)) => curve,
        (None, None) => {
            return Err(ImportError::NotDer("the EC key does not name its curve (RFC 5915 §3)"));
        }
    };
    let public = key.public_key.map(|public| public_key(curve, public)).transpose()?;
    EcPrivateKey::new(curve, key.private_key, public)
}

/// Whether the parameters of what else could be an ECPrivateKey are a SEQUENCE.
fn has_explicit_parameters(der: &[u8]) -> der::Result<bool> {
    let mut reader = SliceReader::new(der)?;
    Header::decode(&mut reader)?;
    let _version = AnyRef::decode(&mut reader)?;
    let _private_key = AnyRef::decode(&mut reader)?;
    let parameters = AnyRef::decode(&mut reader)?;
    Ok(parameters.tag().is_context_specific() && parameters.value().first() == Some(&0x30))
}

/// The CurvePrivateKey of RFC 8410 §7 within a PKCS #8 of X25519, with the public half that may
/// stand beside it.
pub(crate) fn x25519_private_key(
    der: &[u8],
    public: Option<&[u8]>,
) -> Result<EcPrivateKey, ImportError> {
    let secret = <&OctetStringRef>::from_der(der)
        .map_err(|_| ImportError::NotDer("no CurvePrivateKey (RFC 8410 §7)"))?;
    let public = public.map(|public| EcPublicKey::new(Curve::X25519, public)).transpose()?;
    EcPrivateKey::new(Curve::X25519, secret.as_bytes(), public)
}

pub(crate) fn spki_der(key: &EcPublicKey) -> der::Result<Zeroizing<Vec<u8>>> {
    let curve = oid_of(key.curve());
    encode(&spki::SubjectPublicKeyInfoRef {
        algorithm: algorithm(curve.as_ref()),
        subject_public_key: BitStringRef::from_bytes(key.as_bytes())?,
    })
}

/// The ECPrivateKey with the name of its curve; `None` for X25519, which has no such structure.
pub(crate) fn sec1_der(key: &EcPrivateKey) -> Option<der::Result<Zeroizing<Vec<u8>>>> {
    let curve = oid_of(key.curve())?;
    Some(encode(&sec1::EcPrivateKey {
        private_key: key.secret(),
        parameters: Some(curve.into()),
        public_key: key.public().map(EcPublicKey::as_bytes),
    }))
}

/// As OpenSSL writes it: of a NIST curve without the curve's name in the inner structure, of X25519
/// as version 1 without the public half (RFC 8410 §7), which every reader takes.
pub(crate) fn pkcs8_der(key: &EcPrivateKey) -> der::Result<Zeroizing<Vec<u8>>> {
    let curve = oid_of(key.curve());
    let inner = if curve.is_some() {
        encode(&sec1::EcPrivateKey {
            private_key: key.secret(),
            parameters: None,
            public_key: key.public().map(EcPublicKey::as_bytes),
        })?
    } else {
        encode(&OctetStringRef::new(key.secret())?)?
    };
    encode(&pkcs8::PrivateKeyInfoRef::new(algorithm(curve.as_ref()), OctetStringRef::new(&inner)?))
}

fn algorithm(curve: Option<&ObjectIdentifier>) -> spki::AlgorithmIdentifierRef<'_> {
    spki::AlgorithmIdentifierRef {
        oid: if curve.is_some() { EC_PUBLIC_KEY } else { X25519 },
        parameters: curve.map(AnyRef::from),
    }
}
