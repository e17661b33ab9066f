//! AES-CBC with HMAC-SHA-2 (RFC 7518 §5.2): encrypt-then-MAC.

use aws_lc_rs::cipher::{
    self, AES_128, AES_192, AES_256, DecryptionContext, EncryptingKey, EncryptionContext,
    PaddedBlockDecryptingKey, UnboundCipherKey,
};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac::{self, HMAC_SHA256, HMAC_SHA384, HMAC_SHA512};
use aws_lc_rs::iv::FixedLength;
use jwe_core::aes_cbc_hmac::{aad_bits, pad, split_cek};
use jwe_core::{BackendError, ContentEncryption, Enc, wiped};

/// One member of the family: a key length of AES and a hash.
pub(crate) struct AesCbcHmac {
    enc: Enc,
    cipher: &'static cipher::Algorithm,
    mac: hmac::Algorithm,
}

pub(crate) static A128CBC_HS256: AesCbcHmac =
    AesCbcHmac { enc: Enc::A128CbcHs256, cipher: &AES_128, mac: HMAC_SHA256 };
pub(crate) static A192CBC_HS384: AesCbcHmac =
    AesCbcHmac { enc: Enc::A192CbcHs384, cipher: &AES_192, mac: HMAC_SHA384 };
pub(crate) static A256CBC_HS512: AesCbcHmac =
    AesCbcHmac { enc: Enc::A256CbcHs512, cipher: &AES_256, mac: HMAC_SHA512 };

impl AesCbcHmac {
    /// The HMAC of which the tag is the start (RFC 7518 §5.2.2.1, steps 4 and 5).
    fn mac(
        &self,
        mac_key: &[u8],
        aad: &[u8],
        iv: &[u8],
        ciphertext: &[u8],
    ) -> Result<hmac::Tag, BackendError> {
        let aad_bits = aad_bits(aad)?;
        let mut mac = hmac::Context::with_key(&hmac::Key::new(self.mac, mac_key));
        mac.update(aad);
        mac.update(iv);
        mac.update(ciphertext);
        mac.update(&aad_bits);
        Ok(mac.sign())
    }

    fn cipher_key(&self, enc_key: &[u8]) -> Result<UnboundCipherKey, BackendError> {
        UnboundCipherKey::new(self.cipher, enc_key).map_err(|_| BackendError)
    }

    fn try_seal(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        plaintext_len: usize,
        tag: &mut [u8],
    ) -> Result<(), BackendError> {
        let (mac_key, enc_key) = split_cek(cek)?;
        pad(buf, plaintext_len)?;
        let context = FixedLength::try_from(iv).map_err(|_| BackendError)?;
        EncryptingKey::cbc(self.cipher_key(enc_key)?)
            .and_then(|key| key.less_safe_encrypt(buf, EncryptionContext::Iv128(context)))
            .map_err(|_| BackendError)?;
        let mac = self.mac(mac_key, aad, iv, buf)?;
        tag.copy_from_slice(mac.as_ref().get(..tag.len()).ok_or(BackendError)?);
        Ok(())
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
        let (mac_key, enc_key) = split_cek(cek)?;
        // Nothing is decrypted before the tag is found right: a padding that is looked at in
        // unauthenticated data is an oracle.
        let mac = self.mac(mac_key, aad, iv, buf)?;
        let expected = mac.as_ref().get(..tag.len()).ok_or(BackendError)?;
        verify_slices_are_equal(expected, tag).map_err(|_| BackendError)?;
        let iv = FixedLength::try_from(iv).map_err(|_| BackendError)?;
        PaddedBlockDecryptingKey::cbc_pkcs7(self.cipher_key(enc_key)?)
            .and_then(|key| key.decrypt(buf, DecryptionContext::Iv128(iv)).map(|text| text.len()))
            .map_err(|_| BackendError)
    }
}

impl ContentEncryption for AesCbcHmac {
    fn enc(&self) -> Enc {
        self.enc
    }

    fn implementation(&self) -> &'static str {
        "AWS-LC AES-CBC and HMAC"
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
        wiped::stack_after(|| self.try_seal(cek, iv, aad, buf, plaintext_len, tag))
    }

    fn open(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        tag: &[u8],
    ) -> Result<usize, BackendError> {
        let result = wiped::stack_after(|| self.try_open(cek, iv, aad, buf, tag));
        if result.is_err() {
            buf.fill(0);
        }
        result
    }
}
