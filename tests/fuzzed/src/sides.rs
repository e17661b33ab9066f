//! A sender and a recipient that share a key.

use std::sync::LazyLock;

use jwe_core::{
    Decrypter, DecryptionKey, Enc, Encrypter, EncrypterBuilder, EncryptionKey, Jwk, KeyOptions, Kid,
};
use jwe_ring::RING;

/// The key of the seeds that were encrypted: it is public and worth nothing.
pub const KEY: &[u8] =
    br#"{"kty":"oct","alg":"dir","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}"#;

/// The key of the seeds.
#[must_use]
pub fn jwk() -> Jwk {
    Jwk::from_json(KEY).unwrap()
}

/// A sender and a recipient.
pub struct Sides {
    key: EncryptionKey,
    /// The sender.
    pub encrypter: Encrypter,
    /// The recipient.
    pub decrypter: Decrypter,
}

impl Sides {
    fn of(jwk: &Jwk) -> Self {
        let options = KeyOptions::new().with_kid(Kid::Omit);
        let key = EncryptionKey::import(&RING, jwk, &options).unwrap();
        let recipient = DecryptionKey::import(&RING, jwk, &options).unwrap();
        Self {
            encrypter: Encrypter::new(&RING, &key, Enc::A256Gcm).unwrap(),
            decrypter: Decrypter::new(&RING, [recipient], &[Enc::A256Gcm]).unwrap(),
            key,
        }
    }

    /// The sender, not built yet.
    #[must_use]
    pub fn builder(&self) -> EncrypterBuilder<'_> {
        Encrypter::builder(&RING, &self.key, Enc::A256Gcm)
    }
}

/// Both sides with `dir` and `A256GCM`, the cheapest of all, on ring.
#[must_use]
pub fn direct() -> &'static Sides {
    static SIDES: LazyLock<Sides> = LazyLock::new(|| Sides::of(&jwk()));
    &SIDES
}

/// Both sides with `A256KW` and `A256GCM`, whose values can share a CEK, on ring.
#[must_use]
pub fn wrapping() -> &'static Sides {
    static SIDES: LazyLock<Sides> = LazyLock::new(|| {
        let json =
            r#"{"kty":"oct","alg":"A256KW","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}"#;
        Sides::of(&Jwk::from_json(json.as_bytes()).unwrap())
    });
    &SIDES
}

/// Decrypts behind other bytes, which are there afterwards, alone if it fails.
pub fn decrypts_behind<E>(
    decrypt: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<Vec<u8>, E> {
    const BEFORE: &[u8] = b"before";
    let mut out = BEFORE.to_vec();
    let outcome = decrypt(&mut out);
    assert!(out.starts_with(BEFORE), "the output had another beginning");
    let behind = out.split_off(BEFORE.len());
    outcome.inspect_err(|_| assert!(behind.is_empty(), "refused, with output"))?;
    Ok(behind)
}
