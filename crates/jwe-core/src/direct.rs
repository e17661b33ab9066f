//! `dir`: the shared symmetric key is the CEK (RFC 7518 §4.5). There is no key operation, so the
//! engine does it for every backend that lists [`DIRECT`].

use std::sync::Arc;

use crate::alg::Alg;
use crate::error::{BackendError, KeyRejected};
use crate::key_import::{
    DecryptionKeyImport, EncryptionKeyImport, RecipientContext, RecipientDeriveKey, RecipientKey,
    SenderContext, SenderDeriveKey, SenderKey,
};
use crate::key_material::{KeyMaterial, OctKey};

/// The import object of `dir`, for both directions.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Direct;

/// The one value of [`Direct`], to be listed by a backend.
pub static DIRECT: Direct = Direct;

const IMPLEMENTATION: &str = "jwe-core";

/// A shared key in use as the CEK.
struct DirectKey(OctKey);

impl DirectKey {
    fn from_material(key: &KeyMaterial) -> Result<Arc<Self>, KeyRejected> {
        match key {
            KeyMaterial::Oct(key) => Ok(Arc::new(Self(key.clone()))),
            _ => Err(KeyRejected::WRONG_KEY_TYPE),
        }
    }

    fn copy_to(&self, cek: &mut [u8]) -> Result<(), BackendError> {
        let key = self.0.as_bytes();
        if key.len() != cek.len() {
            return Err(BackendError);
        }
        cek.copy_from_slice(key);
        Ok(())
    }
}

impl EncryptionKeyImport for Direct {
    fn alg(&self) -> Alg {
        Alg::Dir
    }

    fn implementation(&self) -> &'static str {
        IMPLEMENTATION
    }

    fn import(&self, key: &KeyMaterial) -> Result<SenderKey, KeyRejected> {
        Ok(SenderKey::Derive(DirectKey::from_material(key)?))
    }
}

impl DecryptionKeyImport for Direct {
    fn alg(&self) -> Alg {
        Alg::Dir
    }

    fn implementation(&self) -> &'static str {
        IMPLEMENTATION
    }

    fn import(&self, key: &KeyMaterial) -> Result<RecipientKey, KeyRejected> {
        Ok(RecipientKey::Derive(DirectKey::from_material(key)?))
    }
}

impl SenderDeriveKey for DirectKey {
    fn cek_len(&self) -> Option<usize> {
        Some(self.0.as_bytes().len())
    }

    fn derive_key(&self, _: &mut SenderContext<'_>, cek: &mut [u8]) -> Result<(), BackendError> {
        self.copy_to(cek)
    }
}

impl RecipientDeriveKey for DirectKey {
    fn cek_len(&self) -> Option<usize> {
        Some(self.0.as_bytes().len())
    }

    fn derive_key(&self, _: &RecipientContext<'_>, cek: &mut [u8]) -> Result<(), BackendError> {
        self.copy_to(cek)
    }
}
