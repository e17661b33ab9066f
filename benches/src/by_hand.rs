//! The floor: `RSA-OAEP-256` on aws-lc-rs without a JWE library in between; [`aes_key_wrap`] and
//! [`ecdh_es`] are the same for `A256KW` and for `ECDH-ES` on P-256.
//!
//! It is written for one key, one `enc` and one header that never changes, as somebody would who
//! needs just that and cares for speed: keys prepared, header encoded beforehand, one draw of
//! random bytes, one string of the exact length. It leaves out what such code may leave out (it
//! wipes nothing, and its recipient accepts no header but its own) and nothing else.

pub mod aes_key_wrap;
pub mod ecdh_es;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{
    AES_256, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey,
    PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rand;
use aws_lc_rs::rsa::{
    OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, OaepPublicEncryptingKey,
    PrivateDecryptingKey, PublicEncryptingKey,
};
use base64_simd::{AsOut, URL_SAFE_NO_PAD};
use jwe::{Alg, Enc, Jwk, KeyMaterial};

use crate::KID;

/// The length of the modulus, and so of an encrypted key, in bytes.
const MODULUS_LEN: usize = 256;
/// Values up to this length are encrypted on the stack.
const ON_STACK: usize = 256;

/// base64url of a protected header that is the same for every token.
fn encoded_header(alg: Alg, enc: Enc) -> String {
    let (alg, enc) = (alg.name(), enc.name());
    let json = format!(r#"{{"alg":"{alg}","enc":"{enc}","kid":"{KID}"}}"#);
    URL_SAFE_NO_PAD.encode_to_string(json)
}

/// Imports a public key of any size, as a DER SubjectPublicKeyInfo (RFC 5280 §4.1).
#[must_use]
pub fn import_public(spki_der: &[u8]) -> OaepPublicEncryptingKey {
    OaepPublicEncryptingKey::new(PublicEncryptingKey::from_der(spki_der).unwrap()).unwrap()
}

/// Imports a private key of any size, as a DER PKCS#8 (RFC 5208).
#[must_use]
pub fn import_private(pkcs8_der: &[u8]) -> OaepPrivateDecryptingKey {
    OaepPrivateDecryptingKey::new(PrivateDecryptingKey::from_pkcs8(pkcs8_der).unwrap()).unwrap()
}

const fn encoded_len(len: usize) -> usize {
    (len * 4).div_ceil(3)
}

/// A sender with a prepared public key of 2048 bits.
pub struct Sender {
    key: OaepPublicEncryptingKey,
    enc: Enc,
    header: String,
}

impl Sender {
    /// Prepares the key. The `enc` is A256GCM or A256CBC-HS512.
    #[must_use]
    pub fn new(jwk: &Jwk, enc: Enc) -> Self {
        let public = jwk.to_public().expect("an RSA key");
        let KeyMaterial::RsaPublic(public) = public.material() else { panic!("an RSA key") };
        assert_eq!(public.modulus_len(), MODULUS_LEN);
        Self {
            key: import_public(public.spki_der()),
            enc,
            header: encoded_header(Alg::RsaOaep256, enc),
        }
    }

    /// The raw RSA operation with its padding, and nothing else.
    pub fn rsa(&self, cek: &[u8], out: &mut [u8; MODULUS_LEN]) {
        self.key.encrypt(&OAEP_SHA256_MGF1SHA256, cek, out, None).unwrap();
    }

    /// Makes a token.
    ///
    /// # Errors
    /// What the library gives.
    pub fn encrypt(&self, plaintext: &[u8]) -> Result<String, Unspecified> {
        match self.enc {
            Enc::A256Gcm => self.encrypt_gcm(plaintext),
            Enc::A256CbcHs512 => self.encrypt_cbc(plaintext),
            _ => Err(Unspecified),
        }
    }

    fn encrypt_gcm(&self, plaintext: &[u8]) -> Result<String, Unspecified> {
        let mut drawn = [0; 32 + 12];
        rand::fill(&mut drawn)?;
        let (cek, iv) = drawn.split_at(32);
        let mut encrypted_key = [0; MODULUS_LEN];
        self.key.encrypt(&OAEP_SHA256_MGF1SHA256, cek, &mut encrypted_key, None)?;
        seal_gcm(&self.header, cek, &encrypted_key, iv, plaintext)
    }

    fn encrypt_cbc(&self, plaintext: &[u8]) -> Result<String, Unspecified> {
        let mut drawn = [0; 64 + 16];
        rand::fill(&mut drawn)?;
        let (cek, iv) = drawn.split_at(64);
        let (mac_key, enc_key) = cek.split_at(32);
        let mut encrypted_key = [0; MODULUS_LEN];
        self.key.encrypt(&OAEP_SHA256_MGF1SHA256, cek, &mut encrypted_key, None)?;

        // The library pads into a vector.
        let mut buffer = Vec::with_capacity(plaintext.len() + 16);
        buffer.extend_from_slice(plaintext);
        PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_256, enc_key)?)?
            .less_safe_encrypt(&mut buffer, EncryptionContext::Iv128(FixedLength::try_from(iv)?))?;
        let mac = mac(mac_key, self.header.as_bytes(), iv, &buffer);
        Ok(write(&self.header, [&encrypted_key, iv, &buffer, &mac.as_ref()[..32]]))
    }
}

/// Encrypts the content and puts the token together.
fn seal_gcm(
    header: &str,
    cek: &[u8],
    encrypted_key: &[u8],
    iv: &[u8],
    plaintext: &[u8],
) -> Result<String, Unspecified> {
    let (mut short, mut long);
    let buffer = if plaintext.len() <= ON_STACK {
        short = [0; ON_STACK];
        short[..plaintext.len()].copy_from_slice(plaintext);
        &mut short[..plaintext.len()]
    } else {
        long = plaintext.to_vec();
        &mut long[..]
    };
    let tag = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, cek)?).seal_in_place_separate_tag(
        Nonce::try_assume_unique_for_key(iv)?,
        Aad::from(header.as_bytes()),
        buffer,
    )?;
    Ok(write(header, [encrypted_key, iv, buffer, tag.as_ref()]))
}

fn write(header: &str, parts: [&[u8]; 4]) -> String {
    let len = parts.iter().map(|part| 1 + encoded_len(part.len())).sum::<usize>();
    let mut token = String::with_capacity(header.len() + len);
    token.push_str(header);
    for part in parts {
        token.push('.');
        URL_SAFE_NO_PAD.encode_append(part, &mut token);
    }
    token
}

/// A recipient with a prepared private key of 2048 bits.
pub struct Recipient {
    key: OaepPrivateDecryptingKey,
    enc: Enc,
    header: String,
}

impl Recipient {
    /// Prepares the key. The `enc` is A256GCM or A256CBC-HS512.
    #[must_use]
    pub fn new(jwk: &Jwk, enc: Enc) -> Self {
        let KeyMaterial::RsaPrivate(private) = jwk.material() else { panic!("a private RSA key") };
        let key = import_private(private.pkcs8_der());
        assert_eq!(key.key_size_bytes(), MODULUS_LEN);
        Self { key, enc, header: encoded_header(Alg::RsaOaep256, enc) }
    }

    /// The raw RSA operation with its padding, and nothing else.
    pub fn rsa(&self, encrypted_key: &[u8], out: &mut [u8; MODULUS_LEN]) {
        self.key.decrypt(&OAEP_SHA256_MGF1SHA256, encrypted_key, out, None).unwrap();
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
        let (mut key_buffer, mut iv_buffer, mut tag_buffer) = ([0; MODULUS_LEN], [0; 16], [0; 32]);
        let encrypted_key = decode(encrypted_key, &mut key_buffer)?;
        let iv = decode(iv, &mut iv_buffer)?;
        let tag = decode(tag, &mut tag_buffer)?;
        let mut cek_buffer = [0; MODULUS_LEN];
        let cek =
            self.key.decrypt(&OAEP_SHA256_MGF1SHA256, encrypted_key, &mut cek_buffer, None)?;
        let mut text = decode_content(ciphertext)?;
        let len = match self.enc {
            Enc::A256Gcm => open_gcm(cek, iv, header, &mut text, tag)?,
            Enc::A256CbcHs512 => open_cbc(cek, iv, header, &mut text, tag)?,
            _ => return Err(Unspecified),
        };
        text.truncate(len);
        Ok(text)
    }
}

/// The five parts of a token.
fn split(token: &str) -> Result<[&str; 5], Unspecified> {
    let mut parts = token.split('.');
    let mut next = || parts.next().ok_or(Unspecified);
    let five = [next()?, next()?, next()?, next()?, next()?];
    if parts.next().is_some() { Err(Unspecified) } else { Ok(five) }
}

fn decode_content(ciphertext: &str) -> Result<Vec<u8>, Unspecified> {
    let mut text = Vec::with_capacity(ciphertext.len() / 4 * 3 + 2);
    URL_SAFE_NO_PAD.decode_append(ciphertext, &mut text).map_err(|_| Unspecified)?;
    Ok(text)
}

fn decode<'b>(text: &str, buffer: &'b mut [u8]) -> Result<&'b [u8], Unspecified> {
    if text.len() > encoded_len(buffer.len()) {
        return Err(Unspecified);
    }
    let decoded = URL_SAFE_NO_PAD.decode(text.as_bytes(), buffer.as_out());
    decoded.map(|decoded| &*decoded).map_err(|_| Unspecified)
}

fn open_gcm(
    cek: &[u8],
    iv: &[u8],
    header: &str,
    text: &mut [u8],
    tag: &[u8],
) -> Result<usize, Unspecified> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, cek)?);
    let nonce = Nonce::try_assume_unique_for_key(iv)?;
    key.open_in_place_separate_tag(nonce, Aad::from(header.as_bytes()), tag, text)
        .map(|plaintext| plaintext.len())
}

fn open_cbc(
    cek: &[u8],
    iv: &[u8],
    header: &str,
    text: &mut [u8],
    tag: &[u8],
) -> Result<usize, Unspecified> {
    let (mac_key, enc_key) = cek.split_at_checked(32).ok_or(Unspecified)?;
    let mac = mac(mac_key, header.as_bytes(), iv, text);
    verify_slices_are_equal(&mac.as_ref()[..32], tag)?;
    let context = DecryptionContext::Iv128(FixedLength::try_from(iv)?);
    PaddedBlockDecryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_256, enc_key)?)?
        .decrypt(text, context)
        .map(|plaintext| plaintext.len())
}

/// The HMAC of RFC 7518 §5.2.2.1.
fn mac(mac_key: &[u8], aad: &[u8], iv: &[u8], ciphertext: &[u8]) -> hmac::Tag {
    let mut mac = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA512, mac_key));
    mac.update(aad);
    mac.update(iv);
    mac.update(ciphertext);
    mac.update(&(aad.len() as u64 * 8).to_be_bytes());
    mac.sign()
}
