//! The peer: josekit's own high-level functions with a prepared key, the header set for every
//! token, as its documentation shows.

use josekit::jwe::{
    A128KW, A256GCMKW, A256KW, Dir, ECDH_ES, ECDH_ES_A256KW, JweDecrypter, JweEncrypter, JweHeader,
    JweHeaderSet, PBES2_HS256_A128KW, RSA_OAEP_256, deserialize_compact, deserialize_json,
    serialize_compact, serialize_flattened_json, serialize_general_json,
};
use jwe::{Enc, Jwk};

/// Reads a JWK.
#[must_use]
pub fn read(json: &str) -> josekit::jwk::Jwk {
    josekit::jwk::Jwk::from_bytes(json).unwrap()
}

/// Prepares a public or symmetric key for the `alg` that it names.
#[must_use]
pub fn import_public(jwk: &josekit::jwk::Jwk) -> Box<dyn JweEncrypter> {
    match jwk.algorithm() {
        Some("RSA-OAEP-256") => Box::new(RSA_OAEP_256.encrypter_from_jwk(jwk).unwrap()),
        Some("dir") => Box::new(Dir.encrypter_from_jwk(jwk).unwrap()),
        Some("A128KW") => Box::new(A128KW.encrypter_from_jwk(jwk).unwrap()),
        Some("A256KW") => Box::new(A256KW.encrypter_from_jwk(jwk).unwrap()),
        Some("A256GCMKW") => Box::new(A256GCMKW.encrypter_from_jwk(jwk).unwrap()),
        Some("ECDH-ES") => Box::new(ECDH_ES.encrypter_from_jwk(jwk).unwrap()),
        Some("ECDH-ES+A256KW") => Box::new(ECDH_ES_A256KW.encrypter_from_jwk(jwk).unwrap()),
        Some("PBES2-HS256+A128KW") => Box::new(PBES2_HS256_A128KW.encrypter_from_jwk(jwk).unwrap()),
        other => panic!("an algorithm that is not measured: {other:?}"),
    }
}

/// Prepares a private or symmetric key for the `alg` that it names.
#[must_use]
pub fn import_private(jwk: &josekit::jwk::Jwk) -> Box<dyn JweDecrypter> {
    match jwk.algorithm() {
        Some("RSA-OAEP-256") => Box::new(RSA_OAEP_256.decrypter_from_jwk(jwk).unwrap()),
        Some("dir") => Box::new(Dir.decrypter_from_jwk(jwk).unwrap()),
        Some("A128KW") => Box::new(A128KW.decrypter_from_jwk(jwk).unwrap()),
        Some("A256KW") => Box::new(A256KW.decrypter_from_jwk(jwk).unwrap()),
        Some("A256GCMKW") => Box::new(A256GCMKW.decrypter_from_jwk(jwk).unwrap()),
        Some("ECDH-ES") => Box::new(ECDH_ES.decrypter_from_jwk(jwk).unwrap()),
        Some("ECDH-ES+A256KW") => Box::new(ECDH_ES_A256KW.decrypter_from_jwk(jwk).unwrap()),
        Some("PBES2-HS256+A128KW") => Box::new(PBES2_HS256_A128KW.decrypter_from_jwk(jwk).unwrap()),
        other => panic!("an algorithm that is not measured: {other:?}"),
    }
}

/// A sender with a prepared key.
pub struct Sender {
    encrypter: Box<dyn JweEncrypter>,
    enc: Enc,
    iterations: Option<u32>,
    compress: bool,
}

impl Sender {
    /// Prepares the key. For PBES2 josekit's own iteration count, 1000, is taken.
    #[must_use]
    pub fn new(jwk: &Jwk, enc: Enc) -> Self {
        let public = jwk.to_public().unwrap_or_else(|| jwk.clone());
        let encrypter = import_public(&read(&public.to_json()));
        Self { encrypter, enc, iterations: None, compress: false }
    }

    /// The same with another iteration count.
    #[must_use]
    pub fn with_iterations(mut self, p2c: u32) -> Self {
        self.iterations = Some(p2c);
        self
    }

    /// The same with compression.
    #[must_use]
    pub fn compress(mut self) -> Self {
        self.compress = true;
        self
    }

    /// Makes a token.
    #[must_use]
    pub fn encrypt(&self, plaintext: &[u8]) -> String {
        let mut header = JweHeader::new();
        header.set_content_encryption(self.enc.name());
        if let Some(p2c) = self.iterations {
            header.set_claim("p2c", Some(p2c.into())).unwrap();
        }
        if self.compress {
            header.set_compression("DEF");
        }
        serialize_compact(plaintext, &header, &*self.encrypter).unwrap()
    }

    fn shared_header(&self) -> JweHeaderSet {
        let mut header = JweHeaderSet::new();
        header.set_content_encryption(self.enc.name(), true);
        header
    }

    /// Makes a message in the flattened JSON serialization.
    #[must_use]
    pub fn encrypt_flattened(&self, plaintext: &[u8]) -> String {
        let header = self.shared_header();
        serialize_flattened_json(plaintext, Some(&header), None, None, &*self.encrypter).unwrap()
    }

    /// Makes a message in the general JSON serialization, for so many recipients with this key.
    #[must_use]
    pub fn encrypt_general(&self, plaintext: &[u8], recipients: usize) -> String {
        let header = self.shared_header();
        let recipients = vec![(None, &*self.encrypter); recipients];
        serialize_general_json(plaintext, Some(&header), &recipients, None).unwrap()
    }
}

/// A recipient with a prepared private key.
pub struct Recipient {
    decrypter: Box<dyn JweDecrypter>,
}

impl Recipient {
    /// Prepares the key.
    #[must_use]
    pub fn new(jwk: &Jwk) -> Self {
        Self { decrypter: import_private(&read(&jwk.to_json())) }
    }

    /// Opens a token.
    #[must_use]
    pub fn decrypt(&self, token: &str) -> Vec<u8> {
        let (plaintext, _header) = deserialize_compact(token, &*self.decrypter).unwrap();
        plaintext
    }

    /// Opens a message in one of the JSON serializations.
    #[must_use]
    pub fn decrypt_json(&self, message: &str) -> Vec<u8> {
        let (plaintext, _header) = deserialize_json(message, &*self.decrypter).unwrap();
        plaintext
    }
}
