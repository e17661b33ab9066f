//! The engine as a user sets it up, and the messages that the kit makes for it.

use core::fmt::Display;

use jwe_core::{
    Alg, Backend, ContentEncryption, DecryptError, Decrypter, DecryptionKey, Direction, Enc,
    Encrypter, EncryptionKey, Jwk, KeyOptions,
};
use serde_json::{Map, Value};

use super::attempt::Site;
use super::compact::{self, Parts};
use super::keys::RsaNumbers;
use super::prepared;
use super::reference::key_management::{self, Wrapped};
use super::sealed::Sealed;
use super::secret::Secret;
use super::seeded::Seeded;
use super::ways::Way;

/// One way with one `enc` and a throw-away key.
pub(crate) struct Pair<'a> {
    pub(crate) backend: &'a Backend,
    pub(crate) site: Site,
    pub(crate) way: Way,
    pub(crate) alg: Alg,
    pub(crate) enc: Enc,
    pub(crate) content: &'static dyn ContentEncryption,
    /// The private or symmetric key.
    pub(crate) secret: Secret,
    /// The same, as a JWK bound to `alg`.
    pub(crate) jwk: Map<String, Value>,
    /// Whether it is the first `enc` with this way: what does not depend on the `enc` need be
    /// checked once only.
    pub(crate) first: bool,
}

/// Every way with every `enc` of the backend's list; ways that it lists in no direction are left
/// out.
pub(crate) fn pairs(backend: &Backend) -> Vec<Pair<'_>> {
    let mut pairs = Vec::new();
    for way in Way::all() {
        if way.sender(backend).is_none() && way.recipient(backend).is_none() {
            continue;
        }
        for (count, content) in prepared::content(backend).enumerate() {
            let enc = content.enc();
            let secret = Secret::of(way, enc);
            let mut jwk = secret.jwk();
            jwk.insert("alg".to_owned(), Value::from(way.alg.name()));
            let site = Site::new(backend, format!("{way} with {enc}"));
            let (alg, first) = (way.alg, count == 0);
            pairs.push(Pair { backend, site, way, alg, enc, content, secret, jwk, first });
        }
    }
    pairs
}

/// Reads a JWK.
pub(crate) fn jwk(site: &Site, members: &Map<String, Value>) -> Jwk {
    let json = Value::Object(members.clone()).to_string();
    site.accepts("reading the key", || Jwk::from_json(json.as_bytes()))
}

/// The decrypter, told that a message may cost so many rounds, if it has a `p2c`.
pub(crate) fn allowing(decrypter: Decrypter, p2c: Option<u32>) -> Decrypter {
    match p2c {
        Some(p2c) => decrypter.allow_pbes2(p2c),
        None => decrypter,
    }
}

impl Pair<'_> {
    /// The sender, where the backend lists the way for senders.
    pub(crate) fn encrypter(&self) -> Option<Encrypter> {
        self.way.sender(self.backend)?;
        let jwk = jwk(&self.site, &self.jwk);
        let key = self.site.accepts("key import to encrypt", || {
            EncryptionKey::import(self.backend, &jwk, &KeyOptions::new())
        });
        let mut builder = Encrypter::builder(self.backend, &key, self.enc);
        if self.alg.is_pbes2() {
            builder = builder.with_iterations(key_management::P2C);
        }
        let (apu, apv) = self.agreement_info();
        if !apu.is_empty() {
            builder = builder.with_agreement_info(Some(apu), Some(apv));
        }
        Some(self.site.accepts("a new encrypter", || builder.build()))
    }

    /// The recipient, where the backend lists the way for recipients.
    pub(crate) fn decrypter(&self) -> Option<Decrypter> {
        self.way.recipient(self.backend)?;
        let jwk = jwk(&self.site, &self.jwk);
        let key = self.site.accepts("key import to decrypt", || {
            DecryptionKey::import(self.backend, &jwk, &KeyOptions::new())
        });
        let build = || Decrypter::new(self.backend, [key], &[self.enc]);
        let decrypter = self.site.accepts("a new decrypter", build);
        Some(allowing(decrypter, self.alg.is_pbes2().then_some(key_management::P2C)))
    }

    /// `apu` and `apv` of the messages: of the ECDH-ES family half have them.
    pub(crate) fn agreement_info(&self) -> (&'static [u8], &'static [u8]) {
        if self.alg.is_ecdh() && self.enc.is_cbc() { (b"Alice", b"Bob") } else { (b"", b"") }
    }

    pub(crate) fn rsa(&self) -> Option<RsaNumbers> {
        match &self.secret {
            Secret::Rsa(key) => Some((**key).clone()),
            _ => None,
        }
    }

    /// A right message, made by the kit with the backend's content encryption.
    pub(crate) fn message(&self, plaintext: &[u8], random: &mut Seeded) -> Message {
        let cek = random.bytes(self.enc.cek_len());
        self.message_with(&self.secret, &cek, plaintext, random)
    }

    /// A message to a key that may be another one, with a CEK that may have a wrong length; the
    /// content is then encrypted with one of the right length.
    pub(crate) fn message_with(
        &self,
        secret: &Secret,
        cek: &[u8],
        plaintext: &[u8],
        random: &mut Seeded,
    ) -> Message {
        let mut params = key_management::params(self.alg, random);
        let (apu, apv) = self.agreement_info();
        (params.apu, params.apv) = (apu.to_vec(), apv.to_vec());
        let sent = key_management::encrypt(self.alg, secret, self.enc, cek, params, random);
        self.around(&sent, plaintext, random)
    }

    /// The message of a CEK on its way, right or not.
    pub(crate) fn around(&self, sent: &Wrapped, plaintext: &[u8], random: &mut Seeded) -> Message {
        let kid = self.jwk["kid"].as_str().expect("a key of the kit has a kid");
        let members = sent.params.members();
        let mut cek = sent.cek.clone();
        cek.resize(self.enc.cek_len(), 0);
        let mut parts = Parts {
            header: compact::header(self.alg.name(), self.enc.name(), kid, members),
            encrypted_key: sent.encrypted_key.clone(),
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
