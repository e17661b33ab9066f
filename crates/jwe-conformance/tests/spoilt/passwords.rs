//! PBKDF2 and PBES2 with a fault.

use core::num::NonZeroU32;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use jwe_core::aes_key_wrap::AesKeyWrap;
use jwe_core::pbes2::Pbkdf2Hash;
use jwe_core::{
    Alg, BackendError, DecryptionKeyImport, EncryptionKeyImport, KeyMaterial, KeyRejected,
    RecipientContext, RecipientKey, SenderContext, SenderKey, UnwrapKey, WrapKey,
};
use sha2::{Sha256, Sha384, Sha512};

use super::wrapping;

/// One block, which is enough for every key.
fn block<M: Mac + KeyInit + Clone>(password: &[u8], salt: &[u8], iterations: u32) -> Vec<u8> {
    let keyed = <M as KeyInit>::new_from_slice(password).expect("HMAC takes any key");
    let mac = |data: &[u8]| {
        let mut mac = keyed.clone();
        mac.update(data);
        mac.finalize().into_bytes().to_vec()
    };
    let mut u = mac(&[salt, &[0, 0, 0, 1]].concat());
    let mut sum = u.clone();
    for _ in 1..iterations {
        u = mac(&u);
        sum.iter_mut().zip(&u).for_each(|(sum, u)| *sum ^= u);
    }
    sum
}

/// The right PBKDF2.
pub(crate) fn pbkdf2(
    hash: Pbkdf2Hash,
    password: &[u8],
    salt: &[u8],
    iterations: NonZeroU32,
    out: &mut [u8],
) -> Result<(), BackendError> {
    let key = match hash {
        Pbkdf2Hash::Sha256 => block::<Hmac<Sha256>>(password, salt, iterations.get()),
        Pbkdf2Hash::Sha384 => block::<Hmac<Sha384>>(password, salt, iterations.get()),
        Pbkdf2Hash::Sha512 => block::<Hmac<Sha512>>(password, salt, iterations.get()),
        _ => return Err(BackendError),
    };
    out.copy_from_slice(&key[..out.len()]);
    Ok(())
}

/// The count is always 1000.
pub(crate) fn of_1000_rounds(
    hash: Pbkdf2Hash,
    password: &[u8],
    salt: &[u8],
    _: NonZeroU32,
    out: &mut [u8],
) -> Result<(), BackendError> {
    pbkdf2(hash, password, salt, NonZeroU32::new(1000).expect("not zero"), out)
}

/// Only the name of the algorithm is salt.
pub(crate) fn without_salt(
    hash: Pbkdf2Hash,
    password: &[u8],
    salt: &[u8],
    iterations: NonZeroU32,
    out: &mut [u8],
) -> Result<(), BackendError> {
    let name = salt.split(|byte| *byte == 0).next().expect("at least one part");
    pbkdf2(hash, password, name, iterations, out)
}

/// The name of the algorithm is no salt.
pub(crate) fn without_name(
    hash: Pbkdf2Hash,
    password: &[u8],
    salt: &[u8],
    iterations: NonZeroU32,
    out: &mut [u8],
) -> Result<(), BackendError> {
    let name = salt.iter().position(|byte| *byte == 0).expect("a zero behind the name");
    pbkdf2(hash, password, &salt[name + 1..], iterations, out)
}

/// The hash is always SHA-256.
pub(crate) fn of_sha256(
    _: Pbkdf2Hash,
    password: &[u8],
    salt: &[u8],
    iterations: NonZeroU32,
    out: &mut [u8],
) -> Result<(), BackendError> {
    pbkdf2(Pbkdf2Hash::Sha256, password, salt, iterations, out)
}

/// A password is cut at 64 bytes.
pub(crate) fn of_short_passwords(
    hash: Pbkdf2Hash,
    password: &[u8],
    salt: &[u8],
    iterations: NonZeroU32,
    out: &mut [u8],
) -> Result<(), BackendError> {
    pbkdf2(hash, &password[..password.len().min(64)], salt, iterations, out)
}

/// `PBES2-HS256+A128KW` for both directions with any salt and any count but zero.
pub(crate) struct AnyCount;

struct AnyCountKey(Vec<u8>);

impl AnyCount {
    fn key(key: &KeyMaterial) -> Result<Arc<AnyCountKey>, KeyRejected> {
        match key {
            KeyMaterial::Oct(key) => Ok(Arc::new(AnyCountKey(key.as_bytes().to_vec()))),
            _ => Err(KeyRejected::WRONG_KEY_TYPE),
        }
    }
}

impl AnyCountKey {
    fn kek(&self, salt_and_count: Option<(&[u8], u32)>) -> Result<[u8; 16], BackendError> {
        let (p2s, p2c) = salt_and_count.ok_or(BackendError)?;
        let salt = [Alg::Pbes2Hs256A128Kw.name().as_bytes(), &[0], p2s].concat();
        let count = NonZeroU32::new(p2c).ok_or(BackendError)?;
        let mut kek = [0; 16];
        pbkdf2(Pbkdf2Hash::Sha256, &self.0, &salt, count, &mut kek)?;
        Ok(kek)
    }
}

impl EncryptionKeyImport for AnyCount {
    fn alg(&self) -> Alg {
        Alg::Pbes2Hs256A128Kw
    }

    fn implementation(&self) -> &'static str {
        "spoilt"
    }

    fn import(&self, key: &KeyMaterial) -> Result<SenderKey, KeyRejected> {
        Ok(SenderKey::Wrap(Self::key(key)?))
    }
}

impl DecryptionKeyImport for AnyCount {
    fn alg(&self) -> Alg {
        Alg::Pbes2Hs256A128Kw
    }

    fn implementation(&self) -> &'static str {
        "spoilt"
    }

    fn import(&self, key: &KeyMaterial) -> Result<RecipientKey, KeyRejected> {
        Ok(RecipientKey::Unwrap(Self::key(key)?))
    }
}

static WRAP: wrapping::Spoilt = wrapping::Spoilt(wrapping::Fault::None);

impl WrapKey for AnyCountKey {
    fn encrypted_key_len(&self, cek_len: usize) -> usize {
        cek_len + 8
    }

    fn wrap_key(
        &self,
        context: &mut SenderContext<'_>,
        cek: &[u8],
        encrypted_key: &mut [u8],
    ) -> Result<(), BackendError> {
        WRAP.wrap(&self.kek(context.salt_and_count())?, cek, encrypted_key)
    }
}

impl UnwrapKey for AnyCountKey {
    fn encrypted_key_len(&self, cek_len: usize) -> usize {
        cek_len + 8
    }

    fn unwrap_key(
        &self,
        context: &RecipientContext<'_>,
        encrypted_key: &[u8],
        out: &mut [u8],
    ) -> Result<usize, BackendError> {
        let len = encrypted_key.len().checked_sub(8).ok_or(BackendError)?;
        let out = out.get_mut(..len).ok_or(BackendError)?;
        WRAP.unwrap(&self.kek(context.salt_and_count())?, encrypted_key, out)?;
        Ok(len)
    }
}
