//! Target `token`: a text as a token in the compact serialization. It is refused or decrypted, and
//! what is read is what is written.

use std::sync::LazyLock;

use jwe_core::{
    Compact, Decrypter, DecryptionKey, Enc, Inspection, KeyOptions, Limits, Serialization,
};
use jwe_ring::RING;

use crate::base64url;
use crate::sides::{decrypts_behind, jwk};

static DECRYPTER: LazyLock<Decrypter> = LazyLock::new(|| {
    let key = DecryptionKey::import(&RING, &jwk(), &KeyOptions::new()).unwrap();
    Decrypter::new(&RING, [key], &[Enc::A256Gcm, Enc::A128CbcHs256]).unwrap().ignore_kid()
});

/// Runs the target.
pub fn run(input: &[u8]) {
    let Ok(token) = core::str::from_utf8(input) else { return };
    let opened = decrypts_behind(|out| DECRYPTER.decrypt_into(token, out));
    let begun = DECRYPTER.begin(token).map(drop);
    if opened.is_ok() {
        // What is opened was found well-formed without the key, too.
        assert_eq!(begun, Ok(()));
    }
    let Ok(message) = Compact.parse(token, &Limits::default()) else {
        assert!(opened.is_err() && begun.is_err());
        return;
    };
    let parts: Vec<&str> = token.split('.').collect();
    let [recipient] = message.recipients() else { panic!("several recipients") };
    let read = [
        message.protected(),
        recipient.encrypted_key(),
        message.iv(),
        message.ciphertext(),
        message.tag(),
    ];
    assert_eq!(parts, read);
    let mut written = String::new();
    let inspection = Inspection::of(&message, &Limits::default());
    // Parts that are not base64url are not written.
    if Compact.write(&message, &mut written).is_ok() {
        assert_eq!(written, token);
        for part in parts {
            let decoded = base64url::decode(part).expect("base64url");
            assert_eq!(base64url::encode(&decoded), part, "not canonical");
        }
    } else {
        assert!(inspection.is_err() && begun.is_err());
    }
}
