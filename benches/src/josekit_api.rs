//! The peer: josekit's own high-level functions with a prepared key, the header set for every
//! token, as its documentation shows.

use josekit::jwe::alg::rsaes::{RsaesJweDecrypter, RsaesJweEncrypter};
use josekit::jwe::{JweHeader, RSA_OAEP_256, deserialize_compact, serialize_compact};
use jwe::{Enc, Jwk, KeyMaterial};

use crate::KID;

/// Reads a JWK.
#[must_use]
pub fn read(json: &str) -> josekit::jwk::Jwk {
    josekit::jwk::Jwk::from_bytes(json).unwrap()
}

/// Prepares the public key of a JWK.
#[must_use]
pub fn import_public(jwk: &josekit::jwk::Jwk) -> RsaesJweEncrypter {
    RSA_OAEP_256.encrypter_from_jwk(jwk).unwrap()
}

/// Prepares the private key of a JWK.
#[must_use]
pub fn import_private(jwk: &josekit::jwk::Jwk) -> RsaesJweDecrypter {
    RSA_OAEP_256.decrypter_from_jwk(jwk).unwrap()
}

/// A sender with a prepared public key.
pub struct Sender {
    encrypter: RsaesJweEncrypter,
    enc: Enc,
}

impl Sender {
    /// Prepares the key.
    #[must_use]
    pub fn new(jwk: &Jwk, enc: Enc) -> Self {
        let public = jwk.to_public().expect("an RSA key");
        let KeyMaterial::RsaPublic(public) = public.material() else { panic!("an RSA key") };
        let mut encrypter = RSA_OAEP_256.encrypter_from_der(public.spki_der()).unwrap();
        encrypter.set_key_id(KID);
        Self { encrypter, enc }
    }

    /// Makes a token.
    #[must_use]
    pub fn encrypt(&self, plaintext: &[u8]) -> String {
        let mut header = JweHeader::new();
        header.set_content_encryption(self.enc.name());
        serialize_compact(plaintext, &header, &self.encrypter).unwrap()
    }
}

/// A recipient with a prepared private key.
pub struct Recipient {
    decrypter: RsaesJweDecrypter,
}

impl Recipient {
    /// Prepares the key.
    #[must_use]
    pub fn new(jwk: &Jwk) -> Self {
        let KeyMaterial::RsaPrivate(private) = jwk.material() else { panic!("a private RSA key") };
        let mut decrypter = RSA_OAEP_256.decrypter_from_der(private.pkcs8_der()).unwrap();
        decrypter.set_key_id(KID);
        Self { decrypter }
    }

    /// Opens a token.
    #[must_use]
    pub fn decrypt(&self, token: &str) -> Vec<u8> {
        let (plaintext, _header) = deserialize_compact(token, &self.decrypter).unwrap();
        plaintext
    }
}
