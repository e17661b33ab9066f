//! Keys on the curves of key agreement, from and to the forms of RFC 7518 §6.2 and RFC 8037 §2.

use std::sync::LazyLock;

use jwe_core::{BackendError, Curve, EcPrivateKey, is_well_formed};
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcGroupRef, EcKey, EcPoint, EcPointRef, PointConversionForm};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Private, Public};

/// The curves, of which OpenSSL has all.
pub(crate) const CURVES: &[Curve] = Curve::ALL;

/// A key pair: OpenSSL's key, and the public half in the form of
/// [`EcPublicKey::as_bytes`](jwe_core::EcPublicKey::as_bytes).
pub(crate) struct Pair {
    pub(crate) key: PKey<Private>,
    pub(crate) public: Vec<u8>,
}

type Group = LazyLock<Option<EcGroup>>;

static P256: Group = LazyLock::new(|| EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).ok());
static P384: Group = LazyLock::new(|| EcGroup::from_curve_name(Nid::SECP384R1).ok());
static P521: Group = LazyLock::new(|| EcGroup::from_curve_name(Nid::SECP521R1).ok());

/// The group of a NIST curve; `None` is X25519, whose keys OpenSSL takes as they stand.
fn group(curve: Curve) -> Result<Option<&'static EcGroupRef>, BackendError> {
    let group = match curve {
        Curve::P256 => &P256,
        Curve::P384 => &P384,
        Curve::P521 => &P521,
        Curve::X25519 => return Ok(None),
        _ => return Err(BackendError),
    };
    group.as_deref().map(Some).ok_or(BackendError)
}

/// Takes a public key that may be anything: a point of another curve, or of none, is refused.
pub(crate) fn public_key(curve: Curve, bytes: &[u8]) -> Result<PKey<Public>, BackendError> {
    if !is_well_formed(curve, bytes) {
        return Err(BackendError);
    }
    match group(curve)? {
        Some(group) => nist_public_key(group, bytes)?.ok_or(BackendError),
        None => PKey::public_key_from_raw_bytes(bytes, Id::X25519).map_err(|_| BackendError),
    }
}

/// `None` is a point at infinity or off the curve. A point on one of these curves is in the group
/// of its generator, because their cofactor is 1.
fn nist_public_key(group: &EcGroupRef, bytes: &[u8]) -> Result<Option<PKey<Public>>, BackendError> {
    let build = || -> Result<_, ErrorStack> {
        let mut context = BigNumContext::new()?;
        let point = EcPoint::from_bytes(group, bytes, &mut context)?;
        if point.is_infinity(group) || !point.is_on_curve(group, &mut context)? {
            return Ok(None);
        }
        PKey::from_ec_key(EcKey::from_public_key(group, &point)?).map(Some)
    };
    build().map_err(|_| BackendError)
}

/// Takes a private key and works out its public half. One that is out of the range of its curve is
/// refused; for X25519 every one is in range (RFC 7748 §5).
pub(crate) fn private_key(key: &EcPrivateKey) -> Result<Pair, BackendError> {
    let pair = match group(key.curve())? {
        Some(group) => nist_private_key(group, key.secret()),
        None => PKey::private_key_from_raw_bytes(key.secret(), Id::X25519).and_then(x25519_pair),
    };
    pair.map_err(|_| BackendError)
}

fn nist_private_key(group: &EcGroupRef, secret: &[u8]) -> Result<Pair, ErrorStack> {
    let mut context = BigNumContext::new_secure()?;
    // What is copied from a number of this kind is of this kind, and wiped when it is freed.
    let mut number = BigNum::new_secure()?;
    number.copy_from_slice(secret)?;
    number.set_const_time();
    let mut point = EcPoint::new(group)?;
    point.mul_generator2(group, &number, &mut context)?;
    let key = EcKey::from_private_components(group, &number, &point)?;
    // The number is in the range from 1 to the order less 1, and the point belongs to it.
    key.check_key()?;
    let public = uncompressed(group, &point)?;
    Ok(Pair { key: PKey::from_ec_key(key)?, public })
}

/// Draws a key pair from OpenSSL's random generator.
pub(crate) fn generate(curve: Curve) -> Result<Pair, BackendError> {
    let pair = match group(curve)? {
        Some(group) => nist_generate(group),
        None => PKey::generate_x25519().and_then(x25519_pair),
    };
    pair.map_err(|_| BackendError)
}

fn nist_generate(group: &EcGroupRef) -> Result<Pair, ErrorStack> {
    let key = EcKey::generate(group)?;
    let public = uncompressed(group, key.public_key())?;
    Ok(Pair { key: PKey::from_ec_key(key)?, public })
}

fn x25519_pair(key: PKey<Private>) -> Result<Pair, ErrorStack> {
    let public = key.raw_public_key()?;
    Ok(Pair { key, public })
}

fn uncompressed(group: &EcGroupRef, point: &EcPointRef) -> Result<Vec<u8>, ErrorStack> {
    point.to_bytes(group, PointConversionForm::UNCOMPRESSED, &mut *BigNumContext::new()?)
}
