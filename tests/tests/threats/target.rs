//! A recipient under attack, and what every refusal has to be: the right error, soon, in little
//! memory, with nothing left in the output, and without a key operation where public bytes decide.

use std::time::{Duration, Instant};

use allocation_counter::measure;
use jwe::{
    Alg, Backend, DecryptError, Decrypter, Direction, Enc, Encrypter, FlattenedJson, Jwk,
    KeyMaterial, Limits, Message, Serialization,
};
use jwe_tests::capability::{backends, encs};
use jwe_tests::parts::Parts;
use jwe_tests::{base64url, keys};
use serde_json::{Map, Value};

use crate::attacks::tried_one;
use crate::watched::{Work, watched, work_of};

/// What a refusal may take, without optimization and on a machine that does other things at the
/// same time. Of three times the best counts: others slow a test down, but nobody makes it faster.
pub(crate) const TIME: Duration = Duration::from_millis(500);

/// The bytes that a refusal may allocate beyond the message itself. Only allocations of Rust code
/// are counted.
pub(crate) const MEMORY: u64 = 64 * 1024;

/// The plaintext of the good tokens.
pub(crate) const PLAINTEXT: &[u8] = b"attack at dawn";

/// The most iterations that a recipient here allows for a password.
pub(crate) const MOST_ITERATIONS: u32 = 2000;

/// The backend of that name.
pub(crate) fn backend(name: &str) -> &'static Backend {
    backends().iter().copied().find(|backend| backend.name() == name).unwrap()
}

/// Runs `work`, which must allocate at most `bytes` at any one time and keep nothing, within
/// `limit`, the best of three times.
#[track_caller]
pub(crate) fn within<T>(what: &str, bytes: u64, limit: Duration, mut work: impl FnMut() -> T) -> T {
    let mut result = None;
    let mut best = Duration::MAX;
    for _ in 0..3 {
        result = None;
        let used = measure(|| {
            let start = Instant::now();
            let outcome = work();
            best = best.min(start.elapsed());
            result = Some(outcome);
        });
        assert!(used.bytes_max <= bytes, "{what}: {} bytes", used.bytes_max);
        if best < limit {
            break;
        }
    }
    assert!(best < limit, "{what}: {best:?}");
    result.unwrap()
}

/// One recipient with a good token for it.
pub(crate) struct Target {
    pub(crate) backend: &'static Backend,
    pub(crate) alg: Alg,
    pub(crate) enc: Enc,
    pub(crate) jwk: Jwk,
    pub(crate) decrypter: Decrypter,
    pub(crate) good: Parts,
}

impl Target {
    pub(crate) fn new(backend: &'static Backend, alg: Alg, enc: Enc) -> Self {
        Self::with_key(backend, alg, enc, keys::key_for(alg, enc))
    }

    pub(crate) fn with_key(backend: &'static Backend, alg: Alg, enc: Enc, jwk: Jwk) -> Self {
        let watched = watched(backend);
        let key = keys::recipient(watched, &jwk, alg);
        // All of the backend, so that changing the enc of a token is not simply refused. A key for
        // direct encryption serves only one.
        let decrypter =
            Decrypter::new(watched, [key], &encs(backend)).unwrap().allow_pbes2(MOST_ITERATIONS);
        let sender = keys::sender(backend, &jwk, alg);
        let encrypter = Encrypter::builder(backend, &sender, enc)
            .with_iterations(1000)
            .with_agreement_info(Some(b"Alice"), Some(b"Bob"))
            .build()
            .unwrap();
        let good = Parts::of(&encrypter.encrypt(PLAINTEXT).unwrap());
        let target = Self { backend, alg, enc, jwk, decrypter, good };
        let (opened, work) = work_of(|| target.decrypter.decrypt(&target.good.token()).unwrap());
        assert_eq!(*opened, PLAINTEXT);
        assert_eq!((work.keys, work.opened), (1, 1), "{backend} {alg} {enc}");
        target
    }

    /// A backend as it decrypts with every `enc`: with RSA where it can, and directly.
    pub(crate) fn all(backend: &'static Backend) -> Vec<Self> {
        let targets =
            Self::every(backend, Enc::ALL, |alg| matches!(alg, Alg::RsaOaep256 | Alg::Dir));
        // ring has no RSA key to decrypt with, and no AES-192-GCM.
        assert_eq!(targets.len(), if backend.name() == "ring" { 5 } else { 2 * 6 });
        targets
    }

    /// Those with an RSA key: none on ring.
    pub(crate) fn rsa(backend: &'static Backend) -> Vec<Self> {
        let targets = Self::every(backend, Enc::ALL, |alg| alg == Alg::RsaOaep256);
        assert_eq!(targets.len(), if backend.name() == "ring" { 0 } else { 6 });
        targets
    }

    /// A backend with every key that it decrypts with for these algorithms: those for key agreement
    /// on each of its curves.
    pub(crate) fn every(
        backend: &'static Backend,
        encs: &[Enc],
        algs: impl Fn(Alg) -> bool,
    ) -> Vec<Self> {
        let mut targets = Vec::new();
        for alg in Alg::ALL.iter().copied().filter(|alg| algs(*alg)) {
            for enc in encs.iter().copied() {
                if backend.content_encryption(enc, Direction::Decrypt).is_err() {
                    continue;
                }
                for jwk in keys::of_every_kind(alg, enc) {
                    if keys::takes(backend, Direction::Decrypt, alg, &jwk) {
                        targets.push(Self::with_key(backend, alg, enc, jwk));
                    }
                }
            }
        }
        targets
    }

    /// The error of a token, which must leave the buffer alone, say little, come quickly and
    /// take at most `memory` bytes at any one time.
    #[track_caller]
    pub(crate) fn error_within(&self, token: &str, memory: u64) -> DecryptError {
        self.answer_within(token, memory, TIME).0
    }

    /// The same within a time, and what was done for it.
    #[track_caller]
    pub(crate) fn answer_within(
        &self,
        token: &str,
        memory: u64,
        limit: Duration,
    ) -> (DecryptError, Work) {
        tried_one();
        let mut out = b"before".to_vec();
        let (result, work) = within("a refusal", memory, limit, || {
            work_of(|| self.decrypter.decrypt_into(token, &mut out))
        });
        let error = result.expect_err("a refusal");
        assert_eq!(out, b"before");
        // The first step alone decides whatever is not the key's business, and a key is used once
        // for what is: so is the content opened, whatever came of the key.
        let (begun, early) = work_of(|| self.decrypter.begin(token).map(drop));
        assert_eq!((early.keys, early.opened), (0, 0), "{error}");
        match begun {
            Ok(()) => {
                assert_eq!(error, DecryptError::DecryptionFailed);
                assert_eq!((work.keys, work.opened), (1, 1));
                assert_eq!(
                    format!("{error}|{error:?}|{}", error.code()),
                    "the message could not be decrypted|DecryptionFailed|decryption_failed"
                );
                assert!(std::error::Error::source(&error).is_none());
            }
            Err(begun) => {
                assert_eq!(begun, error);
                assert_eq!((work.keys, work.opened), (0, 0), "{error}");
            }
        }
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(text.len() < 200, "{text}");
        }
        (error, work)
    }

    #[track_caller]
    pub(crate) fn refuses(&self, token: &str, code: &str) {
        let shown: String = token.chars().take(200).collect();
        let error = self.error_within(token, MEMORY);
        assert_eq!(error.code(), code, "{} {} {}: {shown}", self.backend, self.alg, self.enc);
    }

    /// The same of a token in the flattened serialization, too.
    #[track_caller]
    pub(crate) fn refuses_parts(&self, parts: &Parts, code: &str) {
        let token = parts.token();
        let error = self.error_within(&token, MEMORY);
        let header = String::from_utf8_lossy(&base64url::decode(&parts.header)).into_owned();
        assert_eq!(error.code(), code, "{} {} {}: {header}", self.backend, self.alg, self.enc);
        let limits = Limits::default();
        if let Ok(message) = Message::parse(&token, &limits) {
            let mut text = String::new();
            if FlattenedJson.write(&message, &mut text).is_ok() {
                let message = Message::parse(&text, &limits).unwrap();
                assert_eq!(self.decrypter.decrypt_message(message).unwrap_err(), error);
            }
        }
    }

    /// The plaintext of a message in any serialization.
    #[track_caller]
    pub(crate) fn opened(&self, text: &str) -> Vec<u8> {
        let message = Message::parse(text, &Limits::default()).unwrap();
        self.decrypter.decrypt_message(message).unwrap().to_vec()
    }

    /// Refuses a message in any serialization, as somebody does who reads them all.
    #[track_caller]
    pub(crate) fn refuses_message(&self, text: &str, code: &str) {
        tried_one();
        let limits = Limits::default();
        let (outcome, work) = within("a refusal", MEMORY, TIME, || {
            work_of(|| {
                let message = Message::parse(text, &limits)?;
                self.decrypter.decrypt_message(message).map(drop)
            })
        });
        let error: DecryptError = outcome.expect_err(text);
        assert_eq!(error.code(), code, "{} {} {}: {text}", self.backend, self.alg, self.enc);
        let times = u32::from(error == DecryptError::DecryptionFailed);
        assert_eq!((work.keys, work.opened), (times, times), "{error}");
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(text.len() < 200, "{text}");
        }
    }

    /// A header of the same `kid` with these texts as the values of `alg` and `enc`.
    pub(crate) fn header(&self, alg: &str, enc: &str, more: &str) -> String {
        let kid = Value::from(self.jwk.kid().unwrap());
        format!(r#"{{"alg":{alg},"enc":{enc},"kid":{kid}{more}}}"#)
    }

    /// The good header with more members: text that begins with a comma.
    pub(crate) fn header_with(&self, more: &str) -> String {
        self.header(&format!("\"{}\"", self.alg), &format!("\"{}\"", self.enc), more)
    }

    #[track_caller]
    pub(crate) fn refuses_header(&self, header: &[u8], code: &str) {
        self.refuses(&self.good.with_header(header).token(), code);
    }

    /// The good token with another value of a header member; `None` takes it out.
    pub(crate) fn with_member(&self, name: &str, value: Option<Value>) -> Parts {
        let mut header: Map<String, Value> =
            serde_json::from_str(&self.good.header_json()).unwrap();
        match value {
            Some(value) => drop(header.insert(name.to_owned(), value)),
            None => drop(header.remove(name)),
        }
        self.good.with_header(Value::Object(header).to_string().as_bytes())
    }

    /// The value of a member of the good header.
    pub(crate) fn member(&self, name: &str) -> Value {
        serde_json::from_str::<Value>(&self.good.header_json()).unwrap()[name].clone()
    }

    /// A header parameter in base64url is refused where it is missing, has one of these lengths in
    /// bytes, is no strict base64url or no text, without a key operation.
    pub(crate) fn refuses_parameter(&self, name: &str, lengths: &[usize]) {
        self.refuses_parts(&self.with_member(name, None), "header_key_parameter");
        for len in lengths {
            let text = base64url::encode(&vec![1; *len]);
            let parts = self.with_member(name, Some(text.into()));
            self.refuses_parts(&parts, "header_key_parameter");
        }
        let honest = self.member(name).as_str().unwrap().to_owned();
        for wrong in [
            format!("{honest}="),
            format!("{honest}=="),
            format!(" {honest}"),
            format!("{honest}\n"),
            format!("{}+", &honest[..honest.len() - 1]),
            format!("{}é", &honest[..honest.len() - 2]),
            "A".to_owned(),
        ] {
            let parts = self.with_member(name, Some(wrong.into()));
            self.refuses_parts(&parts, "header_key_parameter");
        }
        for wrong in [Value::Null, 1.into(), Value::Array(vec![]), true.into()] {
            self.refuses_parts(&self.with_member(name, Some(wrong)), "header_member_type");
        }
    }

    /// The bytes of a symmetric key.
    pub(crate) fn shared_key(&self) -> &[u8] {
        let KeyMaterial::Oct(key) = self.jwk.material() else { panic!("a symmetric key") };
        key.as_bytes()
    }
}
