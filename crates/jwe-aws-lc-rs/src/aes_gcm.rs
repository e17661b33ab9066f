//! AES in Galois/Counter Mode (RFC 7518 §5.3).

use aws_lc_rs::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};
use jwe_core::{BackendError, ContentEncryption, Enc};

/// One key length of AES-GCM.
pub(crate) struct AesGcm {
    enc: Enc,
    algorithm: &'static aead::Algorithm,
}

pub(crate) static A128GCM: AesGcm = AesGcm { enc: Enc::A128Gcm, algorithm: &aead::AES_128_GCM };
pub(crate) static A192GCM: AesGcm = AesGcm { enc: Enc::A192Gcm, algorithm: &aead::AES_192_GCM };
pub(crate) static A256GCM: AesGcm = AesGcm { enc: Enc::A256Gcm, algorithm: &aead::AES_256_GCM };

impl AesGcm {
    /// The key schedule and the nonce of one message.
    fn prepare(&self, cek: &[u8], iv: &[u8]) -> Result<(LessSafeKey, Nonce), BackendError> {
        let key = UnboundKey::new(self.algorithm, cek).map_err(|_| BackendError)?;
        let nonce = Nonce::try_assume_unique_for_key(iv).map_err(|_| BackendError)?;
        Ok((LessSafeKey::new(key), nonce))
    }

    fn try_open(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        tag: &[u8],
    ) -> Result<usize, BackendError> {
        self.enc.check_open(cek.len(), iv.len(), tag.len(), buf.len())?;
        let (key, nonce) = self.prepare(cek, iv)?;
        key.open_in_place_separate_tag(nonce, Aad::from(aad), tag, buf)
            .map(|plaintext| plaintext.len())
            .map_err(|_| BackendError)
    }
}

impl ContentEncryption for AesGcm {
    fn enc(&self) -> Enc {
        self.enc
    }

    fn implementation(&self) -> &'static str {
        "AWS-LC AES-GCM"
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
        let (key, nonce) = self.prepare(cek, iv)?;
        key.seal_in_place_scatter(nonce, Aad::from(aad), buf, &[], tag).map_err(|_| BackendError)
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
