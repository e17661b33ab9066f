//! The engine as a user sets it up, and the messages that the kit makes for it.

use core::fmt::Display;

use jwe_core::{
    Alg, Backend, ContentEncryption, DecryptError, Decrypter, DecryptionKey, Direction, Enc,
    Encrypter, EncryptionKey, Jwk, KeyOptions,
};
use serde_json::{Map, Value};

use super::attempt::Site;
use super::bytes::unbase64url;
use super::compact::{self, Parts};
use super::keys::{self, RsaNumbers};
use super::prepared;
use super::reference::oaep;
use super::sealed::Sealed;
use super::seeded::Seeded;

/// One `alg` with one `enc` and a throw-away key.
pub(crate) struct Pair<'a> {
    pub(crate) backend: &'a Backend,
    pub(crate) site: Site,
    pub(crate) alg: Alg,
    pub(crate) enc: Enc,
    pub(crate) content: &'static dyn ContentEncryption,
    /// The private or symmetric key, as a JWK bound to `alg`.
    pub(crate) jwk: Map<String, Value>,
}

/// Every `alg` with every `enc` of the backend's list; `alg` that it lists in no direction are
/// left out.
pub(crate) fn pairs(backend: &Backend) -> Vec<Pair<'_>> {
    let mut pairs = Vec::new();
    for alg in Alg::ALL.iter().copied() {
        if backend.encryption_key_import(alg).is_err()
            && backend.decryption_key_import(alg).is_err()
        {
            continue;
        }
        for content in prepared::content(backend) {
            let enc = content.enc();
            let mut jwk = if alg.is_rsa() {
                keys::rsa("2048").private_jwk()
            } else {
                keys::oct_jwk(&Seeded::new("a symmetric key").bytes(enc.cek_len()))
            };
            jwk.insert("alg".to_owned(), Value::from(alg.name()));
            let site = Site::new(backend, format!("{alg} with {enc}"));
            pairs.push(Pair { backend, site, alg, enc, content, jwk });
        }
    }
    pairs
}

/// Reads a JWK.
pub(crate) fn jwk(site: &Site, members: &Map<String, Value>) -> Jwk {
    let json = Value::Object(members.clone()).to_string();
    site.accepts("reading the key", || Jwk::from_json(json.as_bytes()))
}

impl Pair<'_> {
    /// The sender, where the backend lists the `alg` for senders.
    pub(crate) fn encrypter(&self) -> Option<Encrypter> {
        self.backend.encryption_key_import(self.alg).ok()?;
        let jwk = jwk(&self.site, &self.jwk);
        let key = self.site.accepts("key import to encrypt", || {
            EncryptionKey::import(self.backend, &jwk, &KeyOptions::new())
        });
        let build = || Encrypter::new(self.backend, &key, self.enc);
        Some(self.site.accepts("a new encrypter", build))
    }

    /// The recipient, where the backend lists the `alg` for recipients.
    pub(crate) fn decrypter(&self) -> Option<Decrypter> {
        self.backend.decryption_key_import(self.alg).ok()?;
        let jwk = jwk(&self.site, &self.jwk);
        let key = self.site.accepts("key import to decrypt", || {
            DecryptionKey::import(self.backend, &jwk, &KeyOptions::new())
        });
        let build = || Decrypter::new(self.backend, [key], &[self.enc]);
        Some(self.site.accepts("a new decrypter", build))
    }

    pub(crate) fn rsa(&self) -> Option<RsaNumbers> {
        self.alg.is_rsa().then(|| RsaNumbers::from_jwk(&Value::Object(self.jwk.clone())))
    }

    /// The CEK of `dir`.
    pub(crate) fn shared_key(&self) -> Option<Vec<u8>> {
        self.jwk.get("k").and_then(Value::as_str).map(unbase64url)
    }

    /// A right message, made by the kit with the backend's content encryption.
    pub(crate) fn message(&self, plaintext: &[u8], random: &mut Seeded) -> Message {
        let kid = self.jwk["kid"].as_str().expect("a key of the kit has a kid");
        let header = compact::header(self.alg.name(), self.enc.name(), kid);
        let (cek, encrypted_key) = match (self.rsa(), self.shared_key()) {
            (Some(key), _) => {
                let cek = random.bytes(self.enc.cek_len());
                let encrypted_key = oaep::encrypt(self.alg, &key, &cek, random);
                (cek, encrypted_key)
            }
            (None, Some(key)) => (key, Vec::new()),
            (None, None) => panic!("{}: the kit has no key: it needs an update", self.site),
        };
        let mut parts = Parts {
            header,
            encrypted_key,
            iv: random.bytes(self.enc.iv_len()),
            ciphertext: Vec::new(),
            tag: Vec::new(),
        };
        let sealed = Sealed::with(
            self.backend,
            self.content,
            cek.clone(),
            parts.iv.clone(),
            parts.aad(),
            plaintext,
        );
        (parts.ciphertext, parts.tag) = (sealed.ciphertext, sealed.tag);
        Message { parts, cek }
    }
}

/// A message with the CEK that its maker knows.
#[derive(Clone)]
pub(crate) struct Message {
    pub(crate) parts: Parts,
    pub(crate) cek: Vec<u8>,
}

/// Decrypts, which must be refused, with the output buffer as it was.
#[track_caller]
pub(crate) fn refused(
    site: &Site,
    decrypter: &Decrypter,
    case: impl Display,
    token: &str,
) -> DecryptError {
    const BEFORE: &[u8] = b"what stood there before";
    let mut out = BEFORE.to_vec();
    let error = site.refuses(&case, || decrypter.decrypt_into(token, &mut out));
    site.same(&case, "the output buffer after the error", &out, BEFORE);
    error
}

/// Whether the backend lists an `enc`, as the engine asks.
pub(crate) fn lists(backend: &Backend, enc: Enc) -> bool {
    backend.content_encryption(enc, Direction::Encrypt).is_ok()
}
