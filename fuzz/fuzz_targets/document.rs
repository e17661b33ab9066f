//! A JSON document and a selector: what is encrypted comes back byte for byte.
#![no_main]

use std::sync::LazyLock;

use jwe_core::{Decrypter, DecryptionKey, Enc, Encrypter, EncryptionKey, Jwk, KeyOptions, Kid};
use jwe_fields::{
    AlreadyEncrypted, DecryptOptions, EncryptOptions, FieldDecrypter, FieldEncrypter,
    PlaintextEncoding, Selector,
};
use jwe_ring::RING;
use libfuzzer_sys::fuzz_target;

const KEY: &[u8] =
    br#"{"kty":"oct","alg":"dir","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}"#;

static SIDES: LazyLock<(Encrypter, Decrypter)> = LazyLock::new(|| {
    let (jwk, options) = (Jwk::from_json(KEY).unwrap(), KeyOptions::new().with_kid(Kid::Omit));
    let sender = EncryptionKey::import(&RING, &jwk, &options).unwrap();
    let recipient = DecryptionKey::import(&RING, &jwk, &options).unwrap();
    (
        Encrypter::new(&RING, &sender, Enc::A256Gcm).unwrap(),
        Decrypter::new(&RING, [recipient], &[Enc::A256Gcm]).unwrap(),
    )
});

fuzz_target!(|input: (&str, &[u8])| {
    let (selector, document) = input;
    let Ok(selector) = Selector::parse(selector) else { return };
    let (encrypter, decrypter) = &*SIDES;
    let options = EncryptOptions::new()
        .with_encoding(PlaintextEncoding::Json)
        .with_already_encrypted(AlreadyEncrypted::EncryptAgain);
    let Ok(fields) = FieldEncrypter::new(encrypter.clone(), [selector.clone()], options) else {
        return;
    };
    let Ok(encrypted) = fields.encrypt(document) else { return };
    // A filter may choose by the very value that is now a token, so that nothing or something else
    // is selected; a path without one selects the same again.
    if selector.as_str().contains('?') {
        return;
    }
    let options = DecryptOptions::new().with_encoding(PlaintextEncoding::Json);
    let fields = FieldDecrypter::new(decrypter.clone(), [selector], options).unwrap();
    assert_eq!(fields.decrypt(&encrypted).unwrap().as_slice(), document);
});
