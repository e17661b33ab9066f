//! Diffie-Hellman on the curves of [`Curve`]: the primitive under ECDH-ES that a backend offers.
//!
//! An agreed secret that is all zero is refused on every curve. On X25519 it is what every point of
//! small order gives (RFC 7748 §6.1). On the NIST curves it is the x-coordinate of a point
//! with x = 0. Such a point is a public key like any other; that an agreement ends at one is as
//! improbable as that a private key is guessed, and is an error too.

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::curve::Curve;
use crate::ec_key::{EcPrivateKey, EcPublicKey};
use crate::error::{BackendError, KeyRejected};

/// The sender's half: agrees with a recipient's public key by a fresh key pair for each message.
pub trait EphemeralAgreement: Send + Sync {
    /// The curves on which this object can agree.
    fn curves(&self) -> &'static [Curve];

    /// Prepares a recipient's public key.
    ///
    /// # Errors
    /// [`KeyRejected`] when the key is not a point on its curve, or the curve is none of
    /// [`curves`](Self::curves).
    fn import(&self, key: &EcPublicKey) -> Result<Arc<dyn EphemeralAgreementKey>, KeyRejected>;
}

/// A recipient's public key, prepared for agreement.
pub trait EphemeralAgreementKey: Send + Sync {
    /// Draws a key pair, writes its public key to `epk` ([`Curve::public_len`] bytes, in the form
    /// of [`EcPublicKey::as_bytes`]) and the agreed secret to `z` ([`Curve::secret_len`] bytes).
    ///
    /// `ephemeral` is `None` but for test vectors; a library that imports no key pair refuses
    /// another.
    ///
    /// # Errors
    /// [`BackendError`] for a wrong length, an `ephemeral` that is refused or is on another curve, a
    /// failure of the library, or an agreed secret that is all zero (RFC 7748 §6.1). `epk` and `z`
    /// are then all zero.
    fn agree(
        &self,
        ephemeral: Option<&EcPrivateKey>,
        epk: &mut [u8],
        z: &mut [u8],
    ) -> Result<(), BackendError>;
}

/// The recipient's half: agrees with the ephemeral public keys of messages by a static private
/// key.
pub trait StaticAgreement: Send + Sync {
    /// The curves on which this object can agree.
    fn curves(&self) -> &'static [Curve];

    /// Prepares a private key. That its public half belongs to it is checked by the engine with
    /// [`public_key`](StaticAgreementKey::public_key).
    ///
    /// # Errors
    /// [`KeyRejected`] when the key is out of range, or the curve is none of
    /// [`curves`](Self::curves).
    fn import(&self, key: &EcPrivateKey) -> Result<Arc<dyn StaticAgreementKey>, KeyRejected>;
}

/// A private key, prepared for agreement.
pub trait StaticAgreementKey: Send + Sync {
    /// Writes the public key that belongs to it ([`Curve::public_len`] bytes, in the form of
    /// [`EcPublicKey::as_bytes`]).
    ///
    /// # Errors
    /// [`BackendError`] for a wrong length or a failure of the library.
    fn public_key(&self, out: &mut [u8]) -> Result<(), BackendError>;

    /// Writes the agreed secret of this key and `epk` to `z` ([`Curve::secret_len`] bytes). `epk`
    /// is of the key's curve in the form of [`EcPublicKey::as_bytes`], as [`is_well_formed`] has
    /// it.
    ///
    /// # Errors
    /// [`BackendError`], one for all causes: a wrong length or form, a point that is not on the
    /// curve, an agreed secret that is all zero (RFC 7748 §6.1), a failure of the library. `z` is
    /// then all zero.
    ///
    /// [`is_well_formed`]: crate::is_well_formed
    fn agree(&self, epk: &[u8], z: &mut [u8]) -> Result<(), BackendError>;
}

/// Generates key pairs for key agreement.
pub trait EcKeyGeneration: Send + Sync {
    /// The name of the code that does the work, such as `"AWS-LC"`.
    fn implementation(&self) -> &'static str;

    /// The curves on which key pairs can be generated.
    fn curves(&self) -> &'static [Curve];

    /// Generates a key pair and returns it as a PKCS #8 `PrivateKeyInfo` in DER (RFC 5208 §5,
    /// RFC 5915, RFC 8410), with or without its public half.
    ///
    /// # Errors
    /// [`BackendError`] for a curve that is none of [`curves`](Self::curves) or a failure of the
    /// library.
    fn generate(&self, curve: Curve) -> Result<Zeroizing<Vec<u8>>, BackendError>;
}
