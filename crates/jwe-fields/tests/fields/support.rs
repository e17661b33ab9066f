//! A sender and a recipient that share a key, for the tests of this crate.

use jwe_core::{Decrypter, DecryptionKey, Enc, Encrypter, EncryptionKey, Jwk, KeyOptions};
use jwe_fields::{DecryptOptions, EncryptOptions, FieldDecrypter, FieldEncrypter, Selector};
use jwe_ring::RING;

fn jwk() -> Jwk {
    Jwk::from_json(
        br#"{"kty":"oct","alg":"dir","kid":"1","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}"#,
    )
    .unwrap()
}

pub(crate) fn encrypter() -> Encrypter {
    let key = EncryptionKey::import(&RING, &jwk(), &KeyOptions::new()).unwrap();
    Encrypter::new(&RING, &key, Enc::A256Gcm).unwrap()
}

pub(crate) fn decrypter() -> Decrypter {
    let key = DecryptionKey::import(&RING, &jwk(), &KeyOptions::new()).unwrap();
    Decrypter::new(&RING, [key], &[Enc::A256Gcm]).unwrap()
}

fn selectors(texts: &[&str]) -> Vec<Selector> {
    texts.iter().map(|text| Selector::parse(text).unwrap()).collect()
}

pub(crate) fn sender(fields: &[&str], options: EncryptOptions) -> FieldEncrypter {
    FieldEncrypter::new(encrypter(), selectors(fields), options).unwrap()
}

pub(crate) fn recipient(fields: &[&str], options: DecryptOptions) -> FieldDecrypter {
    FieldDecrypter::new(decrypter(), selectors(fields), options).unwrap()
}

pub(crate) fn compressing_encrypter() -> Encrypter {
    let key = EncryptionKey::import(&RING, &jwk(), &KeyOptions::new()).unwrap();
    Encrypter::builder(&RING, &key, Enc::A256Gcm).compress().build().unwrap()
}

pub(crate) fn inflating_recipient(fields: &[&str], options: DecryptOptions) -> FieldDecrypter {
    let decrypter = decrypter().allow_zip(Decrypter::DEFAULT_MAX_INFLATED);
    FieldDecrypter::new(decrypter, selectors(fields), options).unwrap()
}
