//! Keys for key agreement: the one place where the form of their parts is checked, so that all
//! backends agree. Both JWK types, `EC` and `OKP`, are of this kind.

use core::fmt;

use zeroize::Zeroizing;

use crate::curve::Curve;
use crate::error::ImportError;

/// A public key on one of the [`Curve`]s.
///
/// The form is checked here: the length, the uncompressed form, coordinates that are less than
/// the field's prime and not both zero. That the point is on its curve is checked by the backend
/// that imports it.
#[derive(Clone, PartialEq, Eq)]
pub struct EcPublicKey {
    curve: Curve,
    bytes: Vec<u8>,
}

impl EcPublicKey {
    /// Takes the uncompressed point (SEC 1 §2.3.3), or for X25519 the u-coordinate.
    ///
    /// # Errors
    /// [`ImportError::WeakKey`] for anything that [`is_well_formed`] refuses.
    pub fn new(curve: Curve, bytes: &[u8]) -> Result<Self, ImportError> {
        if is_well_formed(curve, bytes) {
            Ok(Self { curve, bytes: bytes.to_vec() })
        } else {
            Err(ImportError::WeakKey(
                "its public part is no point in uncompressed form with coordinates of the curve's \
                 length, in the range of the field and not zero: export the key again from its origin",
            ))
        }
    }

    /// The curve.
    #[must_use]
    pub fn curve(&self) -> Curve {
        self.curve
    }

    /// The uncompressed point, or for X25519 the u-coordinate; [`Curve::public_len`] bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The x-coordinate, or for X25519 the u-coordinate; [`Curve::secret_len`] bytes.
    #[must_use]
    pub fn x(&self) -> &[u8] {
        coordinates(self.curve, &self.bytes).0
    }

    /// The y-coordinate, [`Curve::secret_len`] bytes; `None` for X25519.
    #[must_use]
    pub fn y(&self) -> Option<&[u8]> {
        coordinates(self.curve, &self.bytes).1
    }
}

impl fmt::Debug for EcPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EcPublicKey").field("curve", &self.curve).finish_non_exhaustive()
    }
}

/// The coordinates within a public key of the curve's length.
pub(crate) fn coordinates(curve: Curve, bytes: &[u8]) -> (&[u8], Option<&[u8]>) {
    if !curve.is_nist() {
        return (bytes, None);
    }
    let (x, y) =
        bytes.get(1..).and_then(|xy| xy.split_at_checked(curve.secret_len())).unwrap_or_default();
    (x, Some(y))
}

/// Whether `bytes` have the form of a public key: the curve's length, for the NIST curves the
/// uncompressed form with both coordinates less than the field's prime, and not all zero.
///
/// A u-coordinate of X25519 that is not less than 2^255 - 19 is one, because RFC 7748 §5 has
/// every implementation accept it.
#[must_use]
pub fn is_well_formed(curve: Curve, bytes: &[u8]) -> bool {
    if bytes.len() != curve.public_len() {
        return false;
    }
    match coordinates(curve, bytes) {
        (u, None) => u.iter().any(|byte| *byte != 0),
        (x, Some(y)) => {
            bytes.first() == Some(&4)
                && [x, y].iter().all(|coordinate| less_than_prime(curve, coordinate))
                && x.iter().chain(y).any(|byte| *byte != 0)
        }
    }
}

/// Whether a big-endian number of the curve's length is less than the prime of its field
/// (SP 800-186 §3.2.1). The numbers are public.
fn less_than_prime(curve: Curve, number: &[u8]) -> bool {
    #[rustfmt::skip]
    const P256: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x01,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    ];
    #[rustfmt::skip]
    const P384: [u8; 48] = [
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff,
    ];
    // 2^521 - 1: all ones, of which the first byte holds one.
    let p521 = |number: &[u8]| {
        number.first().is_some_and(|top| *top <= 1) && {
            let rest = number.get(1..).unwrap_or_default();
            number.first() == Some(&0) || rest.iter().any(|byte| *byte != 0xff)
        }
    };
    match curve {
        Curve::P256 => number < P256.as_slice(),
        Curve::P384 => number < P384.as_slice(),
        Curve::P521 => p521(number),
        Curve::X25519 => true,
    }
}

/// A private key on one of the [`Curve`]s, wiped on drop.
///
/// The length is checked here, and that it is not zero. That it is less than the order of its
/// curve (RFC 7518 §6.2.2.1 with SEC 1 §3.2.1) is checked by the backend that imports it.
///
/// The public half may be missing, as it may in PKCS #8; a backend works it out with
/// [`Jwk::with_public_half`](crate::Jwk::with_public_half).
#[derive(Clone)]
pub struct EcPrivateKey {
    curve: Curve,
    secret: Zeroizing<Vec<u8>>,
    public: Option<EcPublicKey>,
}

impl EcPrivateKey {
    /// Takes the private key, big-endian for the NIST curves (RFC 7518 §6.2.2.1), as it stands for
    /// X25519 (RFC 8037 §2), and the public half, where it is known.
    ///
    /// # Errors
    /// [`ImportError::WeakKey`] when it is not [`Curve::secret_len`] bytes long or is zero, or when
    /// the public half is on another curve.
    pub fn new(
        curve: Curve,
        secret: &[u8],
        public: Option<EcPublicKey>,
    ) -> Result<Self, ImportError> {
        if secret.len() != curve.secret_len() || secret.iter().all(|byte| *byte == 0) {
            return Err(ImportError::WeakKey(
                "its private part is zero or not as long as its curve has it: export the key again from its origin",
            ));
        }
        if public.as_ref().is_some_and(|public| public.curve != curve) {
            return Err(ImportError::WeakKey(
                "its two halves are on different curves: export the key again from its origin",
            ));
        }
        Ok(Self { curve, secret: Zeroizing::new(secret.to_vec()), public })
    }

    /// The curve.
    #[must_use]
    pub fn curve(&self) -> Curve {
        self.curve
    }

    /// The private key, [`Curve::secret_len`] bytes.
    #[must_use]
    pub fn secret(&self) -> &[u8] {
        &self.secret
    }

    /// The public half, where it is known.
    #[must_use]
    pub fn public(&self) -> Option<&EcPublicKey> {
        self.public.as_ref()
    }
}

impl fmt::Debug for EcPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EcPrivateKey").field("curve", &self.curve).finish_non_exhaustive()
    }
}
