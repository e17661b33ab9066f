//! The floor of `A256KW` with `A256GCM`.

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrap};
use aws_lc_rs::rand;
use jwe::{Alg, Enc, Jwk, KeyMaterial};

use super::{decode, decode_content, encoded_header, open_gcm, seal_gcm, split};

/// The length of a wrapped CEK in bytes.
const WRAPPED_LEN: usize = 32 + 8;

/// Both sides, as they share the key.
pub struct Party {
    kek: Vec<u8>,
    header: String,
}

impl Party {
    /// Takes a key of 32 bytes. The library prepares nothing: a key is good for one call.
    #[must_use]
    pub fn new(jwk: &Jwk) -> Self {
        let KeyMaterial::Oct(key) = jwk.material() else { panic!("a symmetric key") };
        assert_eq!(key.as_bytes().len(), 32);
        let kek = key.as_bytes().to_vec();
        Self { kek, header: encoded_header(Alg::A256Kw, Enc::A256Gcm) }
    }

    fn kek(&self) -> Result<AesKek, Unspecified> {
        AesKek::new(&AES_256, &self.kek)
    }

    /// Makes a token.
    ///
    /// # Errors
    /// What the library gives.
    pub fn encrypt(&self, plaintext: &[u8]) -> Result<String, Unspecified> {
        let mut drawn = [0; 32 + 12];
        rand::fill(&mut drawn)?;
        let (cek, iv) = drawn.split_at(32);
        let mut encrypted_key = [0; WRAPPED_LEN];
        self.kek()?.wrap(cek, &mut encrypted_key)?;
        seal_gcm(&self.header, cek, &encrypted_key, iv, plaintext)
    }

    /// Opens a token that has the sender's header.
    ///
    /// # Errors
    /// What the library gives, and the same for a token that is not well formed.
    pub fn decrypt(&self, token: &str) -> Result<Vec<u8>, Unspecified> {
        let [header, encrypted_key, iv, ciphertext, tag] = split(token)?;
        if header != self.header {
            return Err(Unspecified);
        }
        let (mut key_buffer, mut iv_buffer, mut tag_buffer) = ([0; WRAPPED_LEN], [0; 12], [0; 16]);
        let encrypted_key = decode(encrypted_key, &mut key_buffer)?;
        let iv = decode(iv, &mut iv_buffer)?;
        let tag = decode(tag, &mut tag_buffer)?;
        let mut cek = [0; 32];
        let cek = self.kek()?.unwrap(encrypted_key, &mut cek)?;
        let mut text = decode_content(ciphertext)?;
        let len = open_gcm(cek, iv, header, &mut text, tag)?;
        text.truncate(len);
        Ok(text)
    }
}
