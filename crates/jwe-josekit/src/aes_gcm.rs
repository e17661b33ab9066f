//! AES in Galois/Counter Mode (RFC 7518 §5.3).

use jwe_core::{BackendError, ContentEncryption, Enc};
use openssl::cipher::{Cipher, CipherRef};
use openssl::cipher_ctx::CipherCtx;
use openssl::error::ErrorStack;

use crate::cipher::{FetchedCipher, check_len};

/// One key length of AES-GCM.
pub(crate) struct AesGcm {
    enc: Enc,
    cipher: FetchedCipher,
}

pub(crate) static A128GCM: AesGcm = AesGcm {
    enc: Enc::A128Gcm,
    cipher: FetchedCipher::new(|| Cipher::fetch(None, "AES-128-GCM", None).ok()),
};
pub(crate) static A192GCM: AesGcm = AesGcm {
    enc: Enc::A192Gcm,
    cipher: FetchedCipher::new(|| Cipher::fetch(None, "AES-192-GCM", None).ok()),
};
pub(crate) static A256GCM: AesGcm = AesGcm {
    enc: Enc::A256Gcm,
    cipher: FetchedCipher::new(|| Cipher::fetch(None, "AES-256-GCM", None).ok()),
};

/// Passes `aad` and then `buf`, in place, through a context that is set up.
fn update(context: &mut CipherCtx, aad: &[u8], buf: &mut [u8]) -> Result<(), ErrorStack> {
    if !aad.is_empty() {
        context.cipher_update(aad, None)?;
    }
    if !buf.is_empty() {
        let len = buf.len();
        context.cipher_update_inplace(buf, len)?;
    }
    // Nothing is left over; decryption compares the tags here.
    context.cipher_final(&mut [])?;
    Ok(())
}

fn encrypt(
    cipher: &CipherRef,
    cek: &[u8],
    iv: &[u8],
    aad: &[u8],
    buf: &mut [u8],
    tag: &mut [u8],
) -> Result<(), ErrorStack> {
    let mut context = CipherCtx::new()?;
    context.encrypt_init(Some(cipher), Some(cek), Some(iv))?;
    update(&mut context, aad, buf)?;
    context.tag(tag)
}

fn decrypt(
    cipher: &CipherRef,
    cek: &[u8],
    iv: &[u8],
    aad: &[u8],
    buf: &mut [u8],
    tag: &[u8],
) -> Result<(), ErrorStack> {
    let mut context = CipherCtx::new()?;
    context.decrypt_init(Some(cipher), Some(cek), Some(iv))?;
    context.set_tag(tag)?;
    update(&mut context, aad, buf)
}

impl AesGcm {
    fn try_open(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        tag: &[u8],
    ) -> Result<usize, BackendError> {
        self.enc.check_open(cek.len(), iv.len(), tag.len(), buf.len())?;
        check_len(aad)?;
        check_len(buf)?;
        decrypt(self.cipher.get()?, cek, iv, aad, buf, tag).map_err(|_| BackendError)?;
        Ok(buf.len())
    }
}

impl ContentEncryption for AesGcm {
    fn enc(&self) -> Enc {
        self.enc
    }

    fn implementation(&self) -> &'static str {
        "OpenSSL AES-GCM"
    }

    fn seal(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        plaintext_len: usize,
        tag: &mut [u8],
    ) -> Result<(), BackendError> {
        self.enc.check_seal(cek.len(), iv.len(), tag.len(), buf.len(), plaintext_len)?;
        check_len(aad)?;
        check_len(buf)?;
        encrypt(self.cipher.get()?, cek, iv, aad, buf, tag).map_err(|_| BackendError)
    }

    fn open(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        tag: &[u8],
    ) -> Result<usize, BackendError> {
        let result = self.try_open(cek, iv, aad, buf, tag);
        if result.is_err() {
            buf.fill(0);
        }
        result
    }
}
