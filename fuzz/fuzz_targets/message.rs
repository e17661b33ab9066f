//! A received message in any serialization, for keys of several algorithms: it is refused or
//! decrypted, and what is read survives being written and read again.
#![no_main]

use std::sync::LazyLock;

use jwe_core::{
    Alg, Compact, Decrypter, DecryptionKey, Enc, FlattenedJson, GeneralJson, Inspection, Jwk,
    KeyOptions, Limits, Message, Serialization,
};
use jwe_ring::RING;
use libfuzzer_sys::fuzz_target;

// The key of the seeds in corpus/message.
const KEY: &[u8] = br#"{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}"#;

static DECRYPTER: LazyLock<Decrypter> = LazyLock::new(|| {
    let keys = [Alg::Dir, Alg::A256Kw, Alg::A256GcmKw, Alg::Pbes2Hs256A128Kw].map(|alg| {
        let options = KeyOptions::new().with_alg(alg);
        DecryptionKey::import(&RING, &Jwk::from_json(KEY).unwrap(), &options).unwrap()
    });
    Decrypter::trying_keys(&RING, keys, &[Enc::A256Gcm, Enc::A128CbcHs256])
        .unwrap()
        .ignore_kid()
        .allow_pbes2(1000)
        .allow_zip(Decrypter::DEFAULT_MAX_INFLATED)
        .understand(&["exp"])
});

fuzz_target!(|text: &str| {
    let limits = Limits::default();
    let Ok(message) = Message::parse(text, &limits) else { return };
    let _ = Inspection::of(&message, &limits);
    let serializations: [&dyn Serialization; 3] = [&Compact, &FlattenedJson, &GeneralJson];
    for serialization in serializations {
        let mut written = String::from("before");
        match serialization.write(&message, &mut written) {
            Ok(()) => {
                let again = serialization.parse(&written["before".len()..], &limits).unwrap();
                assert_eq!(again, message);
            }
            Err(_) => assert_eq!(written, "before"),
        }
    }
    let before = b"before".to_vec();
    let mut out = before.clone();
    match DECRYPTER.decrypt_message_into(message, &mut out) {
        Ok(()) => assert!(out.starts_with(&before)),
        Err(_) => assert_eq!(out, before),
    }
});
