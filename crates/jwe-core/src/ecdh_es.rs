//! `ECDH-ES` and `ECDH-ES+A128KW`, `+A192KW`, `+A256KW` (RFC 7518 §4.6): the algorithms on a
//! backend's Diffie-Hellman, Concat KDF and AES key wrap.

use core::fmt;
use std::sync::Arc;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::aes_key_wrap::{AesKeyWrap, OVERHEAD, unwrap_to_start};
use crate::alg::Alg;
use crate::concat_kdf::{ConcatKdf, OtherInfo};
use crate::curve::Curve;
use crate::ec_key::is_well_formed;
use crate::enc::Enc;
use crate::error::{BackendError, KeyRejected};
use crate::key_agreement::{
    EphemeralAgreement, EphemeralAgreementKey, StaticAgreement, StaticAgreementKey,
};
use crate::key_import::{
    DecryptionKeyImport, EncryptionKeyImport, RecipientContext, RecipientDeriveKey, RecipientKey,
    SenderContext, SenderDeriveKey, SenderKey, UnwrapKey, WrapKey,
};
use crate::key_material::KeyMaterial;

/// What both directions of one of the four algorithms share.
#[derive(Clone, Copy)]
struct Scheme {
    alg: Alg,
    kdf: ConcatKdf,
    // For all but `ECDH-ES` itself.
    key_wrap: Option<&'static dyn AesKeyWrap>,
}

impl Scheme {
    /// Derives the CEK, or the key that wraps it, of which the algorithm gives the length.
    fn derive(
        &self,
        enc: Enc,
        (apu, apv): (&[u8], &[u8]),
        z: &[u8],
        out: &mut [u8],
    ) -> Result<(), BackendError> {
        // A key without a byte protects nothing, and not every KDF refuses to make one.
        if out.is_empty() {
            return Err(BackendError);
        }
        // RFC 7748 §6.1; a secret that is all zero is known to everybody.
        // Every byte is looked at, so that the time does not tell where the first one is.
        let any = z.iter().fold(0, |any, byte| any | byte);
        if bool::from(any.ct_eq(&0)) {
            return Err(BackendError);
        }
        let algorithm = if self.key_wrap.is_some() { self.alg.name() } else { enc.name() };
        let info = OtherInfo::new(algorithm, apu, apv, out.len())?;
        (self.kdf)(z, info.as_bytes(), out)
    }

    fn kek_len(&self) -> usize {
        self.alg.kek_len().unwrap_or_default()
    }
}

/// The import object of one of the four algorithms in the sender's direction.
#[derive(Clone, Copy)]
pub struct EcdhEsSender {
    scheme: Scheme,
    agreement: &'static dyn EphemeralAgreement,
    implementation: &'static str,
}

impl EcdhEsSender {
    /// `alg` is one of the four; `key_wrap` is for all but `ECDH-ES` itself; `implementation` names
    /// the code of the primitives, such as `"AWS-LC ECDH"`.
    #[must_use]
    pub const fn new(
        alg: Alg,
        agreement: &'static dyn EphemeralAgreement,
        kdf: ConcatKdf,
        key_wrap: Option<&'static dyn AesKeyWrap>,
        implementation: &'static str,
    ) -> Self {
        Self { scheme: Scheme { alg, kdf, key_wrap }, agreement, implementation }
    }
}

impl fmt::Debug for EcdhEsSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EcdhEsSender").field("alg", &self.scheme.alg).finish_non_exhaustive()
    }
}

impl EncryptionKeyImport for EcdhEsSender {
    fn alg(&self) -> Alg {
        self.scheme.alg
    }

    fn implementation(&self) -> &'static str {
        self.implementation
    }

    fn curves(&self) -> &'static [Curve] {
        self.agreement.curves()
    }

    fn import(&self, key: &KeyMaterial) -> Result<SenderKey, KeyRejected> {
        let KeyMaterial::EcPublic(key) = key else {
            return Err(KeyRejected::WRONG_KEY_TYPE);
        };
        let prepared = Arc::new(SenderEcKey {
            scheme: self.scheme,
            curve: key.curve(),
            key: self.agreement.import(key)?,
        });
        Ok(if self.scheme.key_wrap.is_some() {
            SenderKey::Wrap(prepared)
        } else {
            SenderKey::Derive(prepared)
        })
    }
}

/// A recipient's public key in use.
struct SenderEcKey {
    scheme: Scheme,
    curve: Curve,
    key: Arc<dyn EphemeralAgreementKey>,
}

impl SenderEcKey {
    /// Agrees on a key of the length of `out` and leaves the `epk` in the context.
    fn agree(&self, context: &mut SenderContext<'_>, out: &mut [u8]) -> Result<(), BackendError> {
        let mut z = Zeroizing::new([0; Curve::MAX_SECRET_LEN]);
        let z = z.get_mut(..self.curve.secret_len()).ok_or(BackendError)?;
        let mut epk = [0; Curve::MAX_PUBLIC_LEN];
        let epk = epk.get_mut(..self.curve.public_len()).ok_or(BackendError)?;
        self.key.agree(context.ephemeral(), epk, z)?;
        if !is_well_formed(self.curve, epk) {
            return Err(BackendError);
        }
        context.set_epk(epk);
        self.scheme.derive(context.enc(), (context.apu(), context.apv()), z, out)
    }
}

impl SenderDeriveKey for SenderEcKey {
    fn cek_len(&self) -> Option<usize> {
        None
    }

    fn derive_key(
        &self,
        context: &mut SenderContext<'_>,
        cek: &mut [u8],
    ) -> Result<(), BackendError> {
        self.agree(context, cek)
    }
}

impl WrapKey for SenderEcKey {
    fn encrypted_key_len(&self, cek_len: usize) -> usize {
        cek_len.saturating_add(OVERHEAD)
    }

    fn wrap_key(
        &self,
        context: &mut SenderContext<'_>,
        cek: &[u8],
        encrypted_key: &mut [u8],
    ) -> Result<(), BackendError> {
        let key_wrap = self.scheme.key_wrap.ok_or(BackendError)?;
        let mut kek = Zeroizing::new([0; 32]);
        let kek = kek.get_mut(..self.scheme.kek_len()).ok_or(BackendError)?;
        self.agree(context, kek)?;
        key_wrap.wrap(kek, cek, encrypted_key)
    }
}

/// The import object of one of the four algorithms in the recipient's direction.
#[derive(Clone, Copy)]
pub struct EcdhEsRecipient {
    scheme: Scheme,
    agreement: &'static dyn StaticAgreement,
    implementation: &'static str,
}

impl EcdhEsRecipient {
    /// As [`EcdhEsSender::new`].
    #[must_use]
    pub const fn new(
        alg: Alg,
        agreement: &'static dyn StaticAgreement,
        kdf: ConcatKdf,
        key_wrap: Option<&'static dyn AesKeyWrap>,
        implementation: &'static str,
    ) -> Self {
        Self { scheme: Scheme { alg, kdf, key_wrap }, agreement, implementation }
    }
}

impl fmt::Debug for EcdhEsRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EcdhEsRecipient").field("alg", &self.scheme.alg).finish_non_exhaustive()
    }
}

impl DecryptionKeyImport for EcdhEsRecipient {
    fn alg(&self) -> Alg {
        self.scheme.alg
    }

    fn implementation(&self) -> &'static str {
        self.implementation
    }

    fn curves(&self) -> &'static [Curve] {
        self.agreement.curves()
    }

    fn static_agreement(&self) -> Option<&'static dyn StaticAgreement> {
        Some(self.agreement)
    }

    fn import(&self, key: &KeyMaterial) -> Result<RecipientKey, KeyRejected> {
        let KeyMaterial::EcPrivate(key) = key else {
            return Err(KeyRejected::WRONG_KEY_TYPE);
        };
        let curve = key.curve();
        let prepared = self.agreement.import(key)?;
        if let Some(public) = key.public() {
            let mut own = [0; Curve::MAX_PUBLIC_LEN];
            let own = own.get_mut(..curve.public_len()).ok_or(KeyRejected::INCONSISTENT)?;
            prepared.public_key(own).map_err(|BackendError| KeyRejected::INCONSISTENT)?;
            if own != public.as_bytes() {
                return Err(KeyRejected::INCONSISTENT);
            }
        }
        let prepared = Arc::new(RecipientEcKey { scheme: self.scheme, curve, key: prepared });
        Ok(if self.scheme.key_wrap.is_some() {
            RecipientKey::Unwrap(prepared)
        } else {
            RecipientKey::Derive(prepared)
        })
    }
}

/// A private key in use.
struct RecipientEcKey {
    scheme: Scheme,
    curve: Curve,
    key: Arc<dyn StaticAgreementKey>,
}

impl RecipientEcKey {
    /// Agrees on a key of the length of `out`.
    fn agree(&self, context: &RecipientContext<'_>, out: &mut [u8]) -> Result<(), BackendError> {
        let epk = context.epk(self.curve).ok_or(BackendError)?;
        let mut z = Zeroizing::new([0; Curve::MAX_SECRET_LEN]);
        let z = z.get_mut(..self.curve.secret_len()).ok_or(BackendError)?;
        self.key.agree(epk, z)?;
        self.scheme.derive(context.enc(), (context.apu(), context.apv()), z, out)
    }
}

impl RecipientDeriveKey for RecipientEcKey {
    fn cek_len(&self) -> Option<usize> {
        None
    }

    fn derive_key(
        &self,
        context: &RecipientContext<'_>,
        cek: &mut [u8],
    ) -> Result<(), BackendError> {
        self.agree(context, cek)
    }
}

impl UnwrapKey for RecipientEcKey {
    fn encrypted_key_len(&self, cek_len: usize) -> usize {
        cek_len.saturating_add(OVERHEAD)
    }

    fn unwrap_key(
        &self,
        context: &RecipientContext<'_>,
        encrypted_key: &[u8],
        out: &mut [u8],
    ) -> Result<usize, BackendError> {
        let key_wrap = self.scheme.key_wrap.ok_or(BackendError)?;
        let mut kek = Zeroizing::new([0; 32]);
        let kek = kek.get_mut(..self.scheme.kek_len()).ok_or(BackendError)?;
        self.agree(context, kek)?;
        unwrap_to_start(key_wrap, kek, encrypted_key, out)
    }
}
