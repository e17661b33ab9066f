//! A recipient who is given a text of any serialization, and what refusing one may cost.

use std::time::Duration;

use jwe::{
    Alg, Backend, DecryptError, Decrypter, Enc, FlattenedJson, Inspection, Jwk, Limits, Message,
    MessageEncrypter,
};
use jwe_tests::keys;

use crate::attacks::tried_one;
use crate::target::{TIME, within};
use crate::watched::{watched, work_of};

pub(crate) const KIB: u64 = 1 << 10;
pub(crate) const MIB: u64 = 1 << 20;
pub(crate) const ENC: Enc = Enc::A256Gcm;

/// A recipient with a key for `A256KW`.
pub(crate) struct Reader {
    pub(crate) backend: &'static Backend,
    pub(crate) jwk: Jwk,
    pub(crate) decrypter: Decrypter,
}

impl Reader {
    pub(crate) fn new(backend: &'static Backend) -> Self {
        let jwk = keys::oct(32);
        let watched = watched(backend);
        let key = keys::recipient(watched, &jwk, Alg::A256Kw);
        let decrypter = Decrypter::new(watched, [key], &[ENC]).unwrap();
        Self { backend, jwk, decrypter }
    }

    /// Reads and decrypts, as somebody does who is given a text of any serialization.
    pub(crate) fn open(
        decrypter: &Decrypter,
        limits: &Limits,
        text: &str,
    ) -> Result<usize, DecryptError> {
        let message = Message::parse(text, limits)?;
        decrypter.clone().with_limits(*limits).decrypt_message(message).map(|text| text.len())
    }

    /// Refused with this code, within the time for each mebibyte of text and so many bytes, and
    /// without a key operation unless it is the key's business.
    #[track_caller]
    pub(crate) fn refuses(&self, what: &str, text: &str, code: &str, bytes: u64) {
        tried_one();
        let limits = Limits::default();
        let limit = time_for(text);
        let (outcome, work) =
            within(what, bytes, limit, || work_of(|| Self::open(&self.decrypter, &limits, text)));
        let error = outcome.expect_err(what);
        assert_eq!(error.code(), code, "{what}");
        let used = u32::from(error == DecryptError::DecryptionFailed);
        assert_eq!((work.keys, work.opened), (used, used), "{what}");
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(text.len() < 200, "{text}");
        }
        // Looking at it costs no more.
        if let Ok(message) = Message::parse(text, &limits) {
            within(what, bytes, limit, || {
                let _ = Inspection::of(&message, &limits);
            });
        }
    }

    /// A good message in the flattened serialization, without its last brace.
    pub(crate) fn open_end(&self) -> String {
        let sender = keys::sender(self.backend, &self.jwk, Alg::A256Kw);
        let encrypter =
            MessageEncrypter::builder(self.backend, ENC).with_recipient(&sender).build().unwrap();
        let text = encrypter.encrypt(&FlattenedJson, b"text", b"").unwrap();
        assert_eq!(Self::open(&self.decrypter, &Limits::default(), &text), Ok(4));
        text.strip_suffix('}').unwrap().to_owned()
    }
}

/// What may be taken for each mebibyte that is begun.
pub(crate) fn time_for(text: &str) -> Duration {
    TIME * (u32::try_from(text.len() as u64 / MIB).unwrap() + 1)
}
