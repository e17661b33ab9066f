//! The first trait of a backend: turning parsed, range-checked key material into prepared keys,
//! and what a prepared key can do.
//!
//! A backend offers one object per `alg` and direction. Import happens once; a prepared key is
//! parsed, validated and precomputed, and is never parsed again in use.

use core::fmt;
use std::sync::Arc;

use crate::alg::Alg;
use crate::curve::Curve;
use crate::ec_key::{EcPrivateKey, is_well_formed};
use crate::enc::Enc;
use crate::error::{BackendError, KeyRejected};
use crate::gcm_key_wrap;
use crate::key_agreement::StaticAgreement;
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

    /// The curves of the keys that can be imported, for the ECDH-ES family; none for the others.
    /// A backend may list several objects of one algorithm with different curves.
    fn curves(&self) -> &'static [Curve] {
        &[]
    }

    /// Prepares a key.
    ///
    /// The engine passes [`KeyMaterial::RsaPublic`] for the RSAES-OAEP family,
    /// [`KeyMaterial::EcPublic`] for the ECDH-ES family and [`KeyMaterial::Oct`] for the others.
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

    /// The curves of the keys that can be imported, for the ECDH-ES family; none for the others.
    /// A backend may list several objects of one algorithm with different curves.
    fn curves(&self) -> &'static [Curve] {
        &[]
    }

    /// The key agreement under the algorithm, for the ECDH-ES family: it works out public halves
    /// that a key file left out.
    fn static_agreement(&self) -> Option<&'static dyn StaticAgreement> {
        None
    }

    /// Prepares a key.
    ///
    /// The engine passes [`KeyMaterial::RsaPrivate`] for the RSAES-OAEP family,
    /// [`KeyMaterial::EcPrivate`] for the ECDH-ES family and [`KeyMaterial::Oct`] for the others.
    ///
    /// # Errors
    /// [`KeyRejected::WRONG_KEY_TYPE`] when the material is of another type,
    /// [`KeyRejected::INCONSISTENT`] when the parts of a private key do not belong together,
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

/// What a key may use while it encrypts, beside its own material: the header parameters that the
/// engine chose, and the place for those that the key writes (RFC 7518 §4.6.1, §4.7.1, §4.8.1).
#[non_exhaustive]
pub struct SenderContext<'a> {
    enc: Enc,
    random: &'a dyn RandomSource,
    apu: &'a [u8],
    apv: &'a [u8],
    iv: Option<[u8; gcm_key_wrap::IV_LEN]>,
    salt_and_count: Option<(&'a [u8], u32)>,
    ephemeral: Option<&'a EcPrivateKey>,
    epk: [u8; Curve::MAX_PUBLIC_LEN],
    epk_len: usize,
    tag: [u8; gcm_key_wrap::TAG_LEN],
}

impl<'a> SenderContext<'a> {
    /// The context of one message whose algorithm has no header parameters of its own.
    #[must_use]
    pub fn new(enc: Enc, random: &'a dyn RandomSource) -> Self {
        Self {
            enc,
            random,
            apu: &[],
            apv: &[],
            iv: None,
            salt_and_count: None,
            ephemeral: None,
            epk: [0; Curve::MAX_PUBLIC_LEN],
            epk_len: 0,
            tag: [0; gcm_key_wrap::TAG_LEN],
        }
    }

    /// The same with `apu` and `apv`, decoded (RFC 7518 §4.6.1.2, §4.6.1.3); empty where absent.
    #[must_use]
    pub fn with_agreement_info(mut self, apu: &'a [u8], apv: &'a [u8]) -> Self {
        (self.apu, self.apv) = (apu, apv);
        self
    }

    /// The same with the `iv` of AES-GCM key wrapping (RFC 7518 §4.7.1.1).
    #[must_use]
    pub fn with_iv(mut self, iv: [u8; gcm_key_wrap::IV_LEN]) -> Self {
        self.iv = Some(iv);
        self
    }

    /// The same with `p2s`, decoded, and `p2c` (RFC 7518 §4.8.1).
    #[must_use]
    pub fn with_salt_and_count(mut self, p2s: &'a [u8], p2c: u32) -> Self {
        self.salt_and_count = Some((p2s, p2c));
        self
    }

    pub(crate) fn with_fixed_ephemeral(mut self, ephemeral: Option<&'a EcPrivateKey>) -> Self {
        self.ephemeral = ephemeral;
        self
    }

    /// The same with a given ephemeral key pair instead of a fresh one: for test vectors only.
    #[cfg(feature = "hazmat")]
    #[must_use]
    pub fn with_ephemeral(self, ephemeral: &'a EcPrivateKey) -> Self {
        self.with_fixed_ephemeral(Some(ephemeral))
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

    /// The `apu`, decoded; empty where absent.
    #[must_use]
    pub fn apu(&self) -> &'a [u8] {
        self.apu
    }

    /// The `apv`, decoded; empty where absent.
    #[must_use]
    pub fn apv(&self) -> &'a [u8] {
        self.apv
    }

    /// Takes the `iv` of AES-GCM key wrapping, once: with one key it must never serve twice
    /// (RFC 7518 §4.7.1.1), and so no key can wrap two CEKs with it.
    pub fn take_iv(&mut self) -> Option<[u8; gcm_key_wrap::IV_LEN]> {
        self.iv.take()
    }

    /// The `p2s`, decoded, and the `p2c` of PBES2.
    #[must_use]
    pub fn salt_and_count(&self) -> Option<(&'a [u8], u32)> {
        self.salt_and_count
    }

    /// The ephemeral key pair to use; `None`, and so a fresh one, but for test vectors.
    #[must_use]
    pub fn ephemeral(&self) -> Option<&'a EcPrivateKey> {
        self.ephemeral
    }

    /// Leaves the ephemeral public key, in the form of
    /// [`EcPublicKey::as_bytes`](crate::EcPublicKey::as_bytes), for the `epk` (RFC 7518 §4.6.1.1).
    /// One that is longer than [`Curve::MAX_PUBLIC_LEN`] is left out.
    pub fn set_epk(&mut self, epk: &[u8]) {
        if let Some(place) = self.epk.get_mut(..epk.len()) {
            place.copy_from_slice(epk);
            self.epk_len = epk.len();
        }
    }

    /// Leaves the tag of AES-GCM key wrapping for the `tag` (RFC 7518 §4.7.1.2).
    pub fn set_tag(&mut self, tag: [u8; gcm_key_wrap::TAG_LEN]) {
        self.tag = tag;
    }

    /// The ephemeral public key that was left; empty if none was.
    #[must_use]
    pub fn epk(&self) -> &[u8] {
        self.epk.get(..self.epk_len).unwrap_or_default()
    }

    /// The tag that was left; zeros if none was.
    #[must_use]
    pub fn tag(&self) -> [u8; gcm_key_wrap::TAG_LEN] {
        self.tag
    }
}

impl fmt::Debug for SenderContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SenderContext").field("enc", &self.enc).finish_non_exhaustive()
    }
}

/// What a key may read of the message while it decrypts, beside the encrypted key: the header
/// parameters of its algorithm, decoded and length-checked.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RecipientContext<'a> {
    enc: Enc,
    epk: Option<(Curve, &'a [u8])>,
    apu: &'a [u8],
    apv: &'a [u8],
    iv_and_tag: Option<(&'a [u8; gcm_key_wrap::IV_LEN], &'a [u8; gcm_key_wrap::TAG_LEN])>,
    salt_and_count: Option<(&'a [u8], u32)>,
}

impl<'a> RecipientContext<'a> {
    /// The context of one message whose algorithm has no header parameters of its own.
    #[must_use]
    pub fn new(enc: Enc) -> Self {
        Self { enc, epk: None, apu: &[], apv: &[], iv_and_tag: None, salt_and_count: None }
    }

    /// The same with the `epk` (RFC 7518 §4.6.1.1), in the form of
    /// [`EcPublicKey::as_bytes`](crate::EcPublicKey::as_bytes).
    #[must_use]
    pub fn with_epk(mut self, curve: Curve, epk: &'a [u8]) -> Self {
        self.epk = Some((curve, epk));
        self
    }

    /// The same with `apu` and `apv`, decoded (RFC 7518 §4.6.1.2, §4.6.1.3); empty where absent.
    #[must_use]
    pub fn with_agreement_info(mut self, apu: &'a [u8], apv: &'a [u8]) -> Self {
        (self.apu, self.apv) = (apu, apv);
        self
    }

    /// The same with `iv` and `tag` of AES-GCM key wrapping (RFC 7518 §4.7.1).
    #[must_use]
    pub fn with_iv_and_tag(
        mut self,
        iv: &'a [u8; gcm_key_wrap::IV_LEN],
        tag: &'a [u8; gcm_key_wrap::TAG_LEN],
    ) -> Self {
        self.iv_and_tag = Some((iv, tag));
        self
    }

    /// The same with `p2s`, decoded, and `p2c` (RFC 7518 §4.8.1).
    #[must_use]
    pub fn with_salt_and_count(mut self, p2s: &'a [u8], p2c: u32) -> Self {
        self.salt_and_count = Some((p2s, p2c));
        self
    }

    /// The content encryption algorithm of the message.
    #[must_use]
    pub fn enc(&self) -> Enc {
        self.enc
    }

    /// The `epk`, if there is one and it is a well-formed public key of this curve.
    #[must_use]
    pub fn epk(&self, curve: Curve) -> Option<&'a [u8]> {
        self.epk
            .filter(|(other, epk)| *other == curve && is_well_formed(curve, epk))
            .map(|(_, epk)| epk)
    }

    /// The `apu`, decoded; empty where absent.
    #[must_use]
    pub fn apu(&self) -> &'a [u8] {
        self.apu
    }

    /// The `apv`, decoded; empty where absent.
    #[must_use]
    pub fn apv(&self) -> &'a [u8] {
        self.apv
    }

    /// The `iv` and the `tag` of AES-GCM key wrapping.
    #[must_use]
    pub fn iv_and_tag(
        &self,
    ) -> Option<(&'a [u8; gcm_key_wrap::IV_LEN], &'a [u8; gcm_key_wrap::TAG_LEN])> {
        self.iv_and_tag
    }

    /// The `p2s`, decoded, and the `p2c` of PBES2.
    #[must_use]
    pub fn salt_and_count(&self) -> Option<(&'a [u8], u32)> {
        self.salt_and_count
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
    /// [`BackendError`] for a wrong length, a header parameter that the context lacks or that the
    /// algorithm does not allow, or a failure of the library. Nothing of the CEK stands in
    /// `encrypted_key` then.
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
    /// [`BackendError`] for a length that the key cannot serve or a failure of the library. Nothing
    /// may be encrypted with what stands in `cek` then.
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

    /// Unwraps into `out`, [`UNWRAP_BUFFER_LEN`] bytes that are all zero, and returns the length.
    ///
    /// The engine goes on with a random CEK after an error or a wrong length (RFC 7516 §11.5), so
    /// an implementation must neither panic nor differ in time by the cause as far as its library
    /// allows.
    ///
    /// # Errors
    /// [`BackendError`], one for all causes, a buffer that is too short among them. `out` is then
    /// all zero again: nothing of what was not found right is released.
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

    /// Writes the CEK; `cek` is as long as the content encryption algorithm wants, and all zero.
    ///
    /// # Errors
    /// [`BackendError`], one for all causes: a length that the key cannot serve, an `epk` that is
    /// missing or no public key of the key's curve, a failure of the library. `cek` is then all zero
    /// again, and must not be used: the engine goes on with a random CEK, as after a key that can't
    /// be unwrapped.
    fn derive_key(
        &self,
        context: &RecipientContext<'_>,
        cek: &mut [u8],
    ) -> Result<(), BackendError>;
}
