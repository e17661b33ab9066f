//! The first trait of a backend: turning parsed, range-checked key material into prepared keys,
//! and what a prepared key can do.
//!
//! A backend offers one object per `alg` and direction. Import happens once; a prepared key is
//! parsed, validated and precomputed, and is never parsed again in use.

use core::fmt;
use core::marker::PhantomData;
use std::sync::Arc;

use crate::alg::Alg;
use crate::enc::Enc;
use crate::error::{BackendError, KeyRejected};
use crate::key_material::KeyMaterial;
use crate::random_source::RandomSource;

/// The length in bytes of the buffer that [`UnwrapKey::unwrap_key`] is given: the longest modulus
/// that the engine accepts.
pub const UNWRAP_BUFFER_LEN: usize = crate::rsa_key::MAX_MODULUS_BITS / 8;

/// Imports keys that encrypt with one `alg`: the sender's direction.
pub trait EncryptionKeyImport: Send + Sync {
    /// The algorithm to which a key imported here is bound.
    fn alg(&self) -> Alg;

    /// The name of the code that does the work, such as `"AWS-LC RSA-OAEP"`.
    fn implementation(&self) -> &'static str;

    /// Prepares a key.
    ///
    /// The engine passes [`KeyMaterial::RsaPublic`] for the RSAES-OAEP family and
    /// [`KeyMaterial::Oct`] for symmetric algorithms.
    ///
    /// # Errors
    /// [`KeyRejected::WRONG_KEY_TYPE`] when the material is of another type, another when the
    /// library does not take it.
    fn import(&self, key: &KeyMaterial) -> Result<SenderKey, KeyRejected>;
}

/// Imports keys that decrypt with one `alg`: the recipient's direction.
pub trait DecryptionKeyImport: Send + Sync {
    /// The algorithm to which a key imported here is bound.
    fn alg(&self) -> Alg;

    /// The name of the code that does the work, such as `"AWS-LC RSA-OAEP"`.
    fn implementation(&self) -> &'static str;

    /// Prepares a key.
    ///
    /// The engine passes [`KeyMaterial::RsaPrivate`] for the RSAES-OAEP family and
    /// [`KeyMaterial::Oct`] for symmetric algorithms.
    ///
    /// # Errors
    /// [`KeyRejected::WRONG_KEY_TYPE`] when the material is of another type,
    /// [`KeyRejected::INCONSISTENT`] when the numbers of a private RSA key do not belong together,
    /// another when the library does not take it.
    fn import(&self, key: &KeyMaterial) -> Result<RecipientKey, KeyRejected>;
}

/// A prepared key of the sender. Cloning it costs one reference count.
#[derive(Clone)]
#[non_exhaustive]
pub enum SenderKey {
    /// The engine draws a CEK and this key wraps it: key encryption and key wrapping.
    Wrap(Arc<dyn WrapKey>),
    /// This key determines the CEK: direct encryption and direct key agreement.
    Derive(Arc<dyn SenderDeriveKey>),
}

/// A prepared key of the recipient. Cloning it costs one reference count.
#[derive(Clone)]
#[non_exhaustive]
pub enum RecipientKey {
    /// This key unwraps the encrypted key of the message.
    Unwrap(Arc<dyn UnwrapKey>),
    /// This key determines the CEK; the encrypted key of the message is empty.
    Derive(Arc<dyn RecipientDeriveKey>),
}

impl fmt::Debug for SenderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wrap(_) => "SenderKey::Wrap(..)",
            Self::Derive(_) => "SenderKey::Derive(..)",
        })
    }
}

impl fmt::Debug for RecipientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unwrap(_) => "RecipientKey::Unwrap(..)",
            Self::Derive(_) => "RecipientKey::Derive(..)",
        })
    }
}

/// What a key may use while it encrypts, beside its own material. Header parameters that an
/// algorithm writes (`epk`, `iv` and `tag`, `p2s` and `p2c`) leave through it.
#[non_exhaustive]
pub struct SenderContext<'a> {
    enc: Enc,
    random: &'a dyn RandomSource,
}

impl<'a> SenderContext<'a> {
    /// The context of one message.
    #[must_use]
    pub fn new(enc: Enc, random: &'a dyn RandomSource) -> Self {
        Self { enc, random }
    }

    /// The content encryption algorithm of the message.
    #[must_use]
    pub fn enc(&self) -> Enc {
        self.enc
    }

    /// The random source of the backend value in use.
    #[must_use]
    pub fn random(&self) -> &'a dyn RandomSource {
        self.random
    }
}

impl fmt::Debug for SenderContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SenderContext").field("enc", &self.enc).finish_non_exhaustive()
    }
}

/// What a key may read of the message while it decrypts, beside the encrypted key: the header
/// parameters of its algorithm, decoded and length-checked.
#[derive(Debug)]
#[non_exhaustive]
pub struct RecipientContext<'a> {
    enc: Enc,
    // Header parameters are borrowed from the message.
    message: PhantomData<&'a [u8]>,
}

impl RecipientContext<'_> {
    /// The context of one message whose algorithm has no header parameters of its own.
    #[must_use]
    pub fn new(enc: Enc) -> Self {
        Self { enc, message: PhantomData }
    }

    /// The content encryption algorithm of the message.
    #[must_use]
    pub fn enc(&self) -> Enc {
        self.enc
    }
}

/// A prepared key that wraps a CEK (RFC 7516 §5.1, step 4).
pub trait WrapKey: Send + Sync {
    /// The exact length in bytes of the encrypted key of a CEK of `cek_len` bytes, at most
    /// [`UNWRAP_BUFFER_LEN`].
    fn encrypted_key_len(&self, cek_len: usize) -> usize;

    /// Wraps `cek` into `encrypted_key`, whose length is that of
    /// [`encrypted_key_len`](Self::encrypted_key_len).
    ///
    /// # Errors
    /// [`BackendError`] for a wrong length or a failure of the library.
    fn wrap_key(
        &self,
        context: &mut SenderContext<'_>,
        cek: &[u8],
        encrypted_key: &mut [u8],
    ) -> Result<(), BackendError>;
}

/// A prepared key of the sender that determines the CEK (RFC 7516 §5.1, steps 3 and 6).
pub trait SenderDeriveKey: Send + Sync {
    /// The one CEK length in bytes that this key can serve, or `None` for any.
    fn cek_len(&self) -> Option<usize>;

    /// Writes the CEK; `cek` is as long as the content encryption algorithm wants.
    ///
    /// # Errors
    /// [`BackendError`] for a length that the key cannot serve or a failure of the library.
    fn derive_key(
        &self,
        context: &mut SenderContext<'_>,
        cek: &mut [u8],
    ) -> Result<(), BackendError>;
}

/// A prepared key that unwraps an encrypted key (RFC 7516 §5.2, step 10).
pub trait UnwrapKey: Send + Sync {
    /// The exact length in bytes that the encrypted key of a CEK of `cek_len` bytes must have. For
    /// RSA it is the length of the modulus, whatever the CEK (RFC 8017 §7.1.2).
    fn encrypted_key_len(&self, cek_len: usize) -> usize;

    /// Unwraps into `out`, a wiped buffer of [`UNWRAP_BUFFER_LEN`] bytes, and returns the length.
    ///
    /// The engine goes on with a random CEK after an error or a wrong length (RFC 7516 §11.5), so
    /// an implementation must neither panic nor differ in time by the cause as far as its library
    /// allows.
    ///
    /// # Errors
    /// [`BackendError`], one for all causes, a buffer that is too short among them.
    fn unwrap_key(
        &self,
        context: &RecipientContext<'_>,
        encrypted_key: &[u8],
        out: &mut [u8],
    ) -> Result<usize, BackendError>;
}

/// A prepared key of the recipient that determines the CEK (RFC 7516 §5.2, steps 8 and 11).
pub trait RecipientDeriveKey: Send + Sync {
    /// The one CEK length in bytes that this key can serve, or `None` for any.
    fn cek_len(&self) -> Option<usize>;

    /// Writes the CEK; `cek` is as long as the content encryption algorithm wants.
    ///
    /// # Errors
    /// [`BackendError`] for a length that the key cannot serve or a failure of the library.
    fn derive_key(
        &self,
        context: &RecipientContext<'_>,
        cek: &mut [u8],
    ) -> Result<(), BackendError>;
}
