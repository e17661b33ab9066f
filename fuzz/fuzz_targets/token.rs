//! A received token: it is refused or decrypted, and what the compact serialization reads it
//! writes back.
#![no_main]

use std::sync::LazyLock;

use jwe_core::{
    Compact, Decrypter, DecryptionKey, Enc, Inspection, Jwk, KeyOptions, Limits, Serialization,
};
use jwe_ring::RING;
use libfuzzer_sys::fuzz_target;

// The key of the seeds in corpus/token.
const KEY: &[u8] =
    br#"{"kty":"oct","alg":"dir","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}"#;

static DECRYPTER: LazyLock<Decrypter> = LazyLock::new(|| {
    let key =
        DecryptionKey::import(&RING, &Jwk::from_json(KEY).unwrap(), &KeyOptions::new()).unwrap();
    Decrypter::new(&RING, [key], &[Enc::A256Gcm, Enc::A128CbcHs256]).unwrap().ignore_kid()
});

fuzz_target!(|token: &str| {
    let before = b"before".to_vec();
    let mut out = before.clone();
    match DECRYPTER.decrypt_into(token, &mut out) {
        Ok(()) => assert!(out.starts_with(&before)),
        Err(_) => assert_eq!(out, before),
    }
    if let Ok(message) = Compact.parse(token, &Limits::default()) {
        let mut written = String::new();
        // Parts that are not base64url are not written.
        if Compact.write(&message, &mut written).is_ok() {
            assert_eq!(written, token);
        }
        let _ = Inspection::of(&message, &Limits::default());
    }
});
