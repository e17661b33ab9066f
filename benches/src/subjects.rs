//! Keys, encrypters and decrypters of jwe, on each backend.

use jwe::aws_lc_rs::AWS_LC_RS;
use jwe::{
    Alg, Backend, Decrypter, DecryptionKey, Enc, Encrypter, EncryptionKey, Jwk, KeyOptions,
    backends,
};
use jwe_fields::{DecryptOptions, EncryptOptions, FieldDecrypter, FieldEncrypter, Selector};

use crate::KID;

/// A new private RSA key with a `kid`, for RSA-OAEP-256.
#[must_use]
pub fn private_key(modulus_bits: usize) -> Jwk {
    Jwk::generate_rsa(&AWS_LC_RS, modulus_bits)
        .unwrap()
        .with_alg(Alg::RsaOaep256)
        .with_kid(KID)
        .unwrap()
}

/// The backends that can encrypt to an RSA key: all of them.
pub fn senders() -> impl Iterator<Item = &'static Backend> {
    backends().iter().copied().filter(|b| b.encryption_key_import(Alg::RsaOaep256, None).is_ok())
}

/// The backends that can decrypt with an RSA key.
pub fn recipients() -> impl Iterator<Item = &'static Backend> {
    backends().iter().copied().filter(|b| b.decryption_key_import(Alg::RsaOaep256, None).is_ok())
}

/// An encrypter with a prepared key.
#[must_use]
pub fn encrypter(backend: &Backend, jwk: &Jwk, enc: Enc) -> Encrypter {
    let key = EncryptionKey::import(backend, jwk, &KeyOptions::new()).unwrap();
    Encrypter::new(backend, &key, enc).unwrap()
}

/// A decrypter with a prepared key.
#[must_use]
pub fn decrypter(backend: &Backend, jwk: &Jwk, enc: Enc) -> Decrypter {
    let key = DecryptionKey::import(backend, jwk, &KeyOptions::new()).unwrap();
    Decrypter::new(backend, [key], &[enc]).unwrap()
}

/// The two sensitive values of [`DOCUMENT`](crate::DOCUMENT).
fn selectors() -> [Selector; 2] {
    ["/username", "/password"].map(|pointer| Selector::parse(pointer).unwrap())
}

/// Encrypts the two sensitive values of [`DOCUMENT`](crate::DOCUMENT).
#[must_use]
pub fn field_encrypter(encrypter: Encrypter) -> FieldEncrypter {
    FieldEncrypter::new(encrypter, selectors(), EncryptOptions::new()).unwrap()
}

/// Decrypts what [`field_encrypter`] made.
#[must_use]
pub fn field_decrypter(decrypter: Decrypter) -> FieldDecrypter {
    FieldDecrypter::new(decrypter, selectors(), DecryptOptions::new()).unwrap()
}
