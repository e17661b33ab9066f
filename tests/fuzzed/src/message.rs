//! Target `message`: a text as a message in any serialization, for keys of several algorithms. It is
//! refused or decrypted, and what is read survives being written and read again.

use std::sync::LazyLock;

use jwe_core::{
    Alg, Compact, Decrypter, DecryptionKey, Enc, FlattenedJson, GeneralJson, Inspection, Jwk,
    KeyOptions, Limits, Message, Serialization,
};
use jwe_ring::RING;

use crate::sides::decrypts_behind;

// The key of the seeds, without an `alg`.
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

/// Runs the target.
pub fn run(input: &[u8]) {
    let Ok(text) = core::str::from_utf8(input) else { return };
    let limits = Limits::default();
    let Ok(message) = Message::parse(text, &limits) else { return };
    let inspection = Inspection::of(&message, &limits);
    let serializations: [&dyn Serialization; 3] = [&Compact, &FlattenedJson, &GeneralJson];
    for serialization in serializations {
        let mut written = String::from("before");
        match serialization.write(&message, &mut written) {
            Ok(()) => {
                let again = serialization.parse(&written["before".len()..], &limits).unwrap();
                assert_eq!(again, message);
                assert_eq!(Inspection::of(&again, &limits), inspection);
            }
            Err(_) => assert_eq!(written, "before"),
        }
    }
    let opened = decrypts_behind(|out| DECRYPTER.decrypt_message_into(message, out));
    assert!(opened.is_err() || inspection.is_ok());
}
