//! `PBES2-HS256+A128KW`, `PBES2-HS384+A192KW` and `PBES2-HS512+A256KW` (RFC 7518 §4.8): a key from a
//! password. The primitive that a backend offers is PBKDF2; the engine composes the rest.

use core::fmt;
use core::num::NonZeroU32;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::aes_key_wrap::{AesKeyWrap, OVERHEAD, unwrap_to_start};
use crate::alg::Alg;
use crate::error::{BackendError, KeyRejected};
use crate::key_import::{
    DecryptionKeyImport, EncryptionKeyImport, RecipientContext, RecipientKey, SenderContext,
    SenderKey, UnwrapKey, WrapKey,
};
use crate::key_material::{KeyMaterial, OctKey};

/// The hash under the HMAC of PBKDF2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Pbkdf2Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// PBKDF2 with HMAC (RFC 8018 §5.2): fills all of `out`, at most [`MAX_OUTPUT_LEN`] bytes.
///
/// # Errors
/// [`BackendError`] for an output that is too long, or a hash or a number of iterations that the
/// library does not have; `out` is then all zero.
pub type Pbkdf2 = fn(
    hash: Pbkdf2Hash,
    password: &[u8],
    salt: &[u8],
    iterations: NonZeroU32,
    out: &mut [u8],
) -> Result<(), BackendError>;

/// The length of `out` in bytes beyond which a [`Pbkdf2`] refuses: the longest key that wraps a
/// CEK.
pub const MAX_OUTPUT_LEN: usize = 32;

/// The shortest `p2s` in bytes (RFC 7518 §4.8.1.1).
pub const MIN_SALT_LEN: usize = 8;
/// The longest `p2s` in bytes that is read; senders write 16.
pub const MAX_SALT_LEN: usize = 256;
/// The smallest `p2c` (RFC 7518 §4.8.1.2).
pub const MIN_ITERATIONS: u32 = 1000;

/// The import object of one of the three algorithms, for both directions.
#[derive(Clone, Copy)]
pub struct Pbes2 {
    alg: Alg,
    pbkdf2: Pbkdf2,
    key_wrap: &'static dyn AesKeyWrap,
    implementation: &'static str,
}

impl Pbes2 {
    /// `alg` is one of the three; `implementation` names the code of the primitives, such as
    /// `"AWS-LC PBKDF2 and AES-KW"`.
    #[must_use]
    pub const fn new(
        alg: Alg,
        pbkdf2: Pbkdf2,
        key_wrap: &'static dyn AesKeyWrap,
        implementation: &'static str,
    ) -> Self {
        Self { alg, pbkdf2, key_wrap, implementation }
    }

    fn key(self, key: &KeyMaterial) -> Result<Arc<Password>, KeyRejected> {
        let KeyMaterial::Oct(password) = key else {
            return Err(KeyRejected::WRONG_KEY_TYPE);
        };
        let hash = match self.alg {
            Alg::Pbes2Hs256A128Kw => Pbkdf2Hash::Sha256,
            Alg::Pbes2Hs384A192Kw => Pbkdf2Hash::Sha384,
            _ => Pbkdf2Hash::Sha512,
        };
        Ok(Arc::new(Password { password: password.clone(), hash, parts: self }))
    }
}

impl fmt::Debug for Pbes2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pbes2").field("alg", &self.alg).finish_non_exhaustive()
    }
}

impl EncryptionKeyImport for Pbes2 {
    fn alg(&self) -> Alg {
        self.alg
    }

    fn implementation(&self) -> &'static str {
        self.implementation
    }

    fn import(&self, key: &KeyMaterial) -> Result<SenderKey, KeyRejected> {
        Ok(SenderKey::Wrap(self.key(key)?))
    }
}

impl DecryptionKeyImport for Pbes2 {
    fn alg(&self) -> Alg {
        self.alg
    }

    fn implementation(&self) -> &'static str {
        self.implementation
    }

    fn import(&self, key: &KeyMaterial) -> Result<RecipientKey, KeyRejected> {
        Ok(RecipientKey::Unwrap(self.key(key)?))
    }
}

/// A password in use.
struct Password {
    password: OctKey,
    hash: Pbkdf2Hash,
    parts: Pbes2,
}

impl Password {
    /// Derives the key that wraps the CEK, into `kek`, of the length that the algorithm wants.
    fn derive(&self, p2s: &[u8], p2c: u32, kek: &mut [u8]) -> Result<(), BackendError> {
        let iterations = NonZeroU32::new(p2c).ok_or(BackendError)?;
        if !(MIN_SALT_LEN..=MAX_SALT_LEN).contains(&p2s.len()) || p2c < MIN_ITERATIONS {
            return Err(BackendError);
        }
        // RFC 7518 §4.8.1.1: the name of the algorithm, a zero byte, and p2s.
        let name = self.parts.alg.name().as_bytes();
        let mut salt = [0; 32 + MAX_SALT_LEN];
        let len = name.len().saturating_add(1).saturating_add(p2s.len());
        let salt = salt.get_mut(..len).ok_or(BackendError)?;
        let parts = name.iter().chain([&0]).chain(p2s);
        salt.iter_mut().zip(parts).for_each(|(to, from)| *to = *from);
        (self.parts.pbkdf2)(self.hash, self.password.as_bytes(), salt, iterations, kek)
    }

    fn kek_len(&self) -> usize {
        self.parts.alg.kek_len().unwrap_or_default()
    }
}

impl WrapKey for Password {
    fn encrypted_key_len(&self, cek_len: usize) -> usize {
        cek_len.saturating_add(OVERHEAD)
    }

    fn wrap_key(
        &self,
        context: &mut SenderContext<'_>,
        cek: &[u8],
        encrypted_key: &mut [u8],
    ) -> Result<(), BackendError> {
        let (p2s, p2c) = context.salt_and_count().ok_or(BackendError)?;
        let mut kek = Zeroizing::new([0; MAX_OUTPUT_LEN]);
        let kek = kek.get_mut(..self.kek_len()).ok_or(BackendError)?;
        self.derive(p2s, p2c, kek)?;
        self.parts.key_wrap.wrap(kek, cek, encrypted_key)
    }
}

impl UnwrapKey for Password {
    fn encrypted_key_len(&self, cek_len: usize) -> usize {
        cek_len.saturating_add(OVERHEAD)
    }

    fn unwrap_key(
        &self,
        context: &RecipientContext<'_>,
        encrypted_key: &[u8],
        out: &mut [u8],
    ) -> Result<usize, BackendError> {
        let (p2s, p2c) = context.salt_and_count().ok_or(BackendError)?;
        let mut kek = Zeroizing::new([0; MAX_OUTPUT_LEN]);
        let kek = kek.get_mut(..self.kek_len()).ok_or(BackendError)?;
        self.derive(p2s, p2c, kek)?;
        unwrap_to_start(self.parts.key_wrap, kek, encrypted_key, out)
    }
}
