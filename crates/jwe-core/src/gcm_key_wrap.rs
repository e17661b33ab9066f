//! `A128GCMKW`, `A192GCMKW` and `A256GCMKW` (RFC 7518 §4.7): key wrapping with AES-GCM. The CEK is
//! encrypted as content is, so that the engine does it over a backend's content encryption.

use core::fmt;
use std::sync::Arc;

use crate::aes_key_wrap::check_key_len;
use crate::alg::Alg;
use crate::content_encryption::ContentEncryption;
use crate::enc::Enc;
use crate::error::{BackendError, KeyRejected};
use crate::key_import::{
    DecryptionKeyImport, EncryptionKeyImport, RecipientContext, RecipientKey, SenderContext,
    SenderKey, UnwrapKey, WrapKey,
};
use crate::key_material::{KeyMaterial, OctKey};

/// The length of the `iv` header parameter in bytes (RFC 7518 §4.7.1.1).
pub const IV_LEN: usize = 12;
/// The length of the `tag` header parameter in bytes (RFC 7518 §4.7.1.2).
pub const TAG_LEN: usize = 16;

/// The import object of one of the three algorithms, for both directions.
#[derive(Clone, Copy)]
pub struct GcmKw {
    alg: Alg,
    gcm: &'static dyn ContentEncryption,
}

impl GcmKw {
    /// `alg` is one of the three and `gcm` the content encryption of the same key length.
    #[must_use]
    pub const fn new(alg: Alg, gcm: &'static dyn ContentEncryption) -> Self {
        Self { alg, gcm }
    }

    fn key(self, key: &KeyMaterial) -> Result<Arc<GcmKwKey>, KeyRejected> {
        let KeyMaterial::Oct(key) = key else {
            return Err(KeyRejected::WRONG_KEY_TYPE);
        };
        check_key_len(self.alg, key)?;
        Ok(Arc::new(GcmKwKey { key: key.clone(), gcm: self.gcm }))
    }
}

impl fmt::Debug for GcmKw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GcmKw").field("alg", &self.alg).finish_non_exhaustive()
    }
}

impl EncryptionKeyImport for GcmKw {
    fn alg(&self) -> Alg {
        self.alg
    }

    fn implementation(&self) -> &'static str {
        self.gcm.implementation()
    }

    fn import(&self, key: &KeyMaterial) -> Result<SenderKey, KeyRejected> {
        Ok(SenderKey::Wrap(self.key(key)?))
    }
}

impl DecryptionKeyImport for GcmKw {
    fn alg(&self) -> Alg {
        self.alg
    }

    fn implementation(&self) -> &'static str {
        self.gcm.implementation()
    }

    fn import(&self, key: &KeyMaterial) -> Result<RecipientKey, KeyRejected> {
        Ok(RecipientKey::Unwrap(self.key(key)?))
    }
}

/// A shared key in use with AES-GCM key wrapping.
struct GcmKwKey {
    key: OctKey,
    gcm: &'static dyn ContentEncryption,
}

impl WrapKey for GcmKwKey {
    fn encrypted_key_len(&self, cek_len: usize) -> usize {
        cek_len
    }

    fn wrap_key(
        &self,
        context: &mut SenderContext<'_>,
        cek: &[u8],
        encrypted_key: &mut [u8],
    ) -> Result<(), BackendError> {
        if cek.len() != encrypted_key.len() {
            return Err(BackendError);
        }
        let iv = context.take_iv().ok_or(BackendError)?;
        let mut tag = [0; TAG_LEN];
        encrypted_key.copy_from_slice(cek);
        let sealing =
            self.gcm.seal(self.key.as_bytes(), &iv, &[], encrypted_key, cek.len(), &mut tag);
        if sealing.is_err() {
            // It may still hold the CEK.
            encrypted_key.fill(0);
        }
        sealing?;
        context.set_tag(tag);
        Ok(())
    }
}

impl UnwrapKey for GcmKwKey {
    fn encrypted_key_len(&self, cek_len: usize) -> usize {
        cek_len
    }

    fn unwrap_key(
        &self,
        context: &RecipientContext<'_>,
        encrypted_key: &[u8],
        out: &mut [u8],
    ) -> Result<usize, BackendError> {
        let (iv, tag) = context.iv_and_tag().ok_or(BackendError)?;
        if encrypted_key.len() > Enc::MAX_CEK_LEN {
            return Err(BackendError);
        }
        let out = out.get_mut(..encrypted_key.len()).ok_or(BackendError)?;
        out.copy_from_slice(encrypted_key);
        self.gcm.open(self.key.as_bytes(), iv, &[], out, tag)
    }
}

#[cfg(test)]
mod tests {
    use crate::alg::Alg;
    use crate::enc::Enc;
    use crate::error::BackendError;
    use crate::key_import::{SenderContext, SenderKey};
    use crate::key_material::{KeyMaterial, OctKey};
    use crate::toy::TOY;

    #[test]
    fn an_iv_serves_once() {
        let key = OctKey::new(zeroize::Zeroizing::new(vec![1; 32])).unwrap();
        let (_, import) = TOY.encryption_key_import(Alg::A256GcmKw, None).unwrap();
        let Ok(SenderKey::Wrap(key)) = import.import(&KeyMaterial::Oct(key)) else {
            panic!("it wraps")
        };
        let mut context = SenderContext::new(Enc::A256Gcm, TOY.random()).with_iv([7; 12]);
        let mut encrypted_key = [0; 32];
        assert_eq!(key.wrap_key(&mut context, &[2; 32], &mut encrypted_key), Ok(()));
        let first = encrypted_key;
        let outcome = key.wrap_key(&mut context, &[3; 32], &mut encrypted_key);
        assert_eq!((outcome, encrypted_key), (Err(BackendError), first));
        let mut context = context.with_iv([8; 12]);
        assert_eq!(key.wrap_key(&mut context, &[3; 32], &mut encrypted_key), Ok(()));
    }
}
