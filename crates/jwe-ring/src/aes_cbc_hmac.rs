//! `A128CBC-HS256`, `A192CBC-HS384` and `A256CBC-HS512` (RFC 7518 §5.2): AES-CBC of RustCrypto,
//! then HMAC of ring over additional data, initialization vector and ciphertext.

use aes::{Aes128Dec, Aes128Enc, Aes192Dec, Aes192Enc, Aes256Dec, Aes256Enc};
use cbc::cipher::{Array, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, consts::U16};
use cbc::{Decryptor, Encryptor};
use jwe_core::aes_cbc_hmac::{aad_bits, pad, split_cek, unpadded_len};
use jwe_core::{BackendError, ContentEncryption, Enc, wiped};
use ring::hmac;
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// Runs CBC over whole blocks in place.
type Cbc = fn(key: &[u8], iv: &[u8], blocks: &mut [u8]) -> Result<(), BackendError>;

/// One member of the family.
pub(crate) struct AesCbcHmac {
    enc: Enc,
    hmac: &'static hmac::Algorithm,
    encrypt: Cbc,
    decrypt: Cbc,
}

/// AES-128-CBC with HMAC-SHA-256 cut to 16 bytes (RFC 7518 §5.2.3).
pub(crate) static A128CBC_HS256: AesCbcHmac = AesCbcHmac {
    enc: Enc::A128CbcHs256,
    hmac: &hmac::HMAC_SHA256,
    encrypt: encrypt::<Encryptor<Aes128Enc>>,
    decrypt: decrypt::<Decryptor<Aes128Dec>>,
};
/// AES-192-CBC with HMAC-SHA-384 cut to 24 bytes (RFC 7518 §5.2.4).
pub(crate) static A192CBC_HS384: AesCbcHmac = AesCbcHmac {
    enc: Enc::A192CbcHs384,
    hmac: &hmac::HMAC_SHA384,
    encrypt: encrypt::<Encryptor<Aes192Enc>>,
    decrypt: decrypt::<Decryptor<Aes192Dec>>,
};
/// AES-256-CBC with HMAC-SHA-512 cut to 32 bytes (RFC 7518 §5.2.5).
pub(crate) static A256CBC_HS512: AesCbcHmac = AesCbcHmac {
    enc: Enc::A256CbcHs512,
    hmac: &hmac::HMAC_SHA512,
    encrypt: encrypt::<Encryptor<Aes256Enc>>,
    decrypt: decrypt::<Decryptor<Aes256Dec>>,
};

fn encrypt<M>(key: &[u8], iv: &[u8], blocks: &mut [u8]) -> Result<(), BackendError>
where
    M: KeyIvInit + BlockModeEncrypt<BlockSize = U16>,
{
    let (blocks, rest) = Array::slice_as_chunks_mut(blocks);
    if !rest.is_empty() {
        return Err(BackendError);
    }
    M::new_from_slices(key, iv).map_err(|_| BackendError)?.encrypt_blocks(blocks);
    Ok(())
}

fn decrypt<M>(key: &[u8], iv: &[u8], blocks: &mut [u8]) -> Result<(), BackendError>
where
    M: KeyIvInit + BlockModeDecrypt<BlockSize = U16>,
{
    let (blocks, rest) = Array::slice_as_chunks_mut(blocks);
    if !rest.is_empty() {
        return Err(BackendError);
    }
    M::new_from_slices(key, iv).map_err(|_| BackendError)?.decrypt_blocks(blocks);
    Ok(())
}

impl AesCbcHmac {
    /// HMAC over AAD, IV, ciphertext and AL, not yet cut (RFC 7518 §5.2.2.1, steps 4 and 5).
    fn mac(
        &self,
        mac_key: &[u8],
        iv: &[u8],
        aad: &[u8],
        ciphertext: &[u8],
    ) -> Result<hmac::Tag, BackendError> {
        let aad_bits = aad_bits(aad)?;
        let mut mac = hmac::Context::with_key(&hmac::Key::new(*self.hmac, mac_key));
        mac.update(aad);
        mac.update(iv);
        mac.update(ciphertext);
        mac.update(&aad_bits);
        Ok(mac.sign())
    }

    fn seal_now(
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
        (self.encrypt)(enc_key, iv, buf)?;
        let mac = self.mac(mac_key, iv, aad, buf)?;
        let cut = mac.as_ref().get(..tag.len()).ok_or(BackendError)?;
        tag.copy_from_slice(cut);
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
        let (mac_key, enc_key) = split_cek(cek)?;
        let mac = self.mac(mac_key, iv, aad, buf)?;
        let cut = mac.as_ref().get(..tag.len()).ok_or(BackendError)?;
        if !bool::from(cut.ct_eq(tag)) {
            return Err(BackendError);
        }
        (self.decrypt)(enc_key, iv, buf)?;
        unpadded_len(buf)
    }
}

impl ContentEncryption for AesCbcHmac {
    fn enc(&self) -> Enc {
        self.enc
    }

    fn implementation(&self) -> &'static str {
        "RustCrypto AES-CBC, ring HMAC"
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
        wiped::stack_after(|| self.seal_now(cek, iv, aad, buf, plaintext_len, tag))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_data::random;

    #[test]
    fn nothing_is_decrypted_before_the_tag_is_right() {
        let object = AesCbcHmac {
            enc: Enc::A256CbcHs512,
            hmac: &hmac::HMAC_SHA512,
            encrypt: A256CBC_HS512.encrypt,
            decrypt: |_, _, _| panic!("decrypted"),
        };
        let (cek, iv) = (random(64), random(16));
        let (mut buf, mut tag) = (vec![1; 32], vec![0; 32]);
        A256CBC_HS512.seal(&cek, &iv, b"", &mut buf, 20, &mut tag).unwrap();
        for bit in 0..256 {
            tag[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(object.open(&cek, &iv, b"", &mut buf.clone(), &tag), Err(BackendError));
            tag[bit / 8] ^= 1 << (bit % 8);
        }
        let right = std::panic::AssertUnwindSafe(|| object.open(&cek, &iv, b"", &mut buf, &tag));
        assert!(std::panic::catch_unwind(right).is_err(), "with the right tag it is reached");
    }
}
