//! `A128GCM` and `A256GCM` (RFC 7518 §5.3) by ring.

use jwe_core::{BackendError, ContentEncryption, Enc, wiped};
use ring::aead::{self, Aad, LessSafeKey, Nonce, Tag, UnboundKey};
use zeroize::Zeroize;

/// One key length of AES-GCM.
pub(crate) struct AesGcm {
    enc: Enc,
    algorithm: &'static aead::Algorithm,
}

/// AES-128 in Galois/Counter Mode.
pub(crate) static A128GCM: AesGcm = AesGcm { enc: Enc::A128Gcm, algorithm: &aead::AES_128_GCM };
/// AES-256 in Galois/Counter Mode.
pub(crate) static A256GCM: AesGcm = AesGcm { enc: Enc::A256Gcm, algorithm: &aead::AES_256_GCM };

impl AesGcm {
    // The engine draws a fresh CEK for every message, so a key is set up here for one use; with
    // `dir` it is set up again for each message, which costs less than keeping schedules of keys.
    fn key(&self, cek: &[u8]) -> Result<LessSafeKey, BackendError> {
        UnboundKey::new(self.algorithm, cek).map(LessSafeKey::new).map_err(|_| BackendError)
    }

    fn seal_now(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        tag: &mut [u8],
    ) -> Result<(), BackendError> {
        let nonce = Nonce::try_assume_unique_for_key(iv).map_err(|_| BackendError)?;
        let sealed = self
            .key(cek)?
            .seal_in_place_separate_tag(nonce, Aad::from(aad), buf)
            .map_err(|_| BackendError)?;
        // `check_seal` made `tag` 16 bytes long, as every tag of ring's is.
        tag.copy_from_slice(sealed.as_ref());
        Ok(())
    }

    fn open_now(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        tag: &[u8],
    ) -> Result<usize, BackendError> {
        self.enc.check_open(cek.len(), iv.len(), tag.len(), buf.len())?;
        let nonce = Nonce::try_assume_unique_for_key(iv).map_err(|_| BackendError)?;
        let tag = Tag::try_from(tag).map_err(|_| BackendError)?;
        self.key(cek)?
            .open_in_place_separate_tag(nonce, Aad::from(aad), tag, buf, 0..)
            .map(|plaintext| plaintext.len())
            .map_err(|_| BackendError)
    }
}

impl ContentEncryption for AesGcm {
    fn enc(&self) -> Enc {
        self.enc
    }

    fn implementation(&self) -> &'static str {
        "ring AES-GCM"
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
        wiped::stack_after(|| self.seal_now(cek, iv, aad, buf, tag))
    }

    fn open(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        tag: &[u8],
    ) -> Result<usize, BackendError> {
        let opened = wiped::stack_after(|| self.open_now(cek, iv, aad, buf, tag));
        if opened.is_err() {
            buf.zeroize();
        }
        opened
    }
}
