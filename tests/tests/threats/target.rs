//! A recipient under attack, and what every refusal has to be: the right error, soon, in little
//! memory, and with nothing left in the output.

use std::time::{Duration, Instant};

use allocation_counter::measure;
use jwe::{Alg, Backend, DecryptError, Decrypter, Enc, Encrypter, Jwk};
use jwe_tests::capability::{backends, encs};
use jwe_tests::keys;
use jwe_tests::parts::Parts;

/// What a refusal may take, without optimization and on a machine that does other things at the
/// same time. Of three times the best counts: others slow a test down, but nobody makes it faster.
pub(crate) const TIME: Duration = Duration::from_millis(500);

/// The bytes that a refusal may allocate beyond the message itself.
pub(crate) const MEMORY: u64 = 64 * 1024;

/// The plaintext of the good tokens.
pub(crate) const PLAINTEXT: &[u8] = b"attack at dawn";

/// The backend of that name.
pub(crate) fn backend(name: &str) -> &'static Backend {
    backends().iter().copied().find(|backend| backend.name() == name).unwrap()
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
        let jwk = keys::key_for(alg, enc);
        let key = keys::recipient(backend, &jwk, alg);
        // All of the backend, so that changing the enc of a token is not simply refused. A key for
        // direct encryption serves only one.
        let decrypter = Decrypter::new(backend, [key], &encs(backend)).unwrap();
        let sender = keys::sender(backend, &jwk, alg);
        let encrypter = Encrypter::new(backend, &sender, enc).unwrap();
        let good = Parts::of(&encrypter.encrypt(PLAINTEXT).unwrap());
        let target = Self { backend, alg, enc, jwk, decrypter, good };
        assert_eq!(*target.decrypter.decrypt(&target.good.token()).unwrap(), PLAINTEXT);
        target
    }

    /// A backend as it decrypts with every `enc`: with RSA where it can, and directly.
    pub(crate) fn all(backend: &'static Backend) -> Vec<Self> {
        let mut targets = Vec::new();
        for enc in encs(backend) {
            for alg in [Alg::RsaOaep256, Alg::Dir] {
                if backend.decryption_key_import(alg, None).is_ok() {
                    targets.push(Self::new(backend, alg, enc));
                }
            }
        }
        // ring has no RSA key to decrypt with, and no AES-192-GCM.
        assert_eq!(targets.len(), if backend.name() == "ring" { 5 } else { 2 * 6 });
        targets
    }

    /// Those with an RSA key: none on ring.
    pub(crate) fn rsa(backend: &'static Backend) -> Vec<Self> {
        Self::all(backend).into_iter().filter(|target| target.alg.is_rsa()).collect()
    }

    /// The error of a token, which must leave the buffer alone, say little, come quickly and
    /// take at most `memory` bytes at any one time.
    #[track_caller]
    pub(crate) fn error_within(&self, token: &str, memory: u64) -> DecryptError {
        let mut out = b"before".to_vec();
        let mut best = Duration::MAX;
        let mut result = None;
        for _ in 0..3 {
            let used = measure(|| {
                let start = Instant::now();
                result = Some(self.decrypter.decrypt_into(token, &mut out));
                best = best.min(start.elapsed());
            });
            assert!(used.bytes_max <= memory, "{} bytes", used.bytes_max);
            if best < TIME {
                break;
            }
        }
        let error = result.unwrap().expect_err("a refusal");
        assert!(best < TIME, "{best:?} for {error}");
        assert_eq!(out, b"before");
        // The first step alone decides whatever is not the key's business.
        match self.decrypter.begin(token) {
            Ok(_) => assert_eq!(error, DecryptError::DecryptionFailed),
            Err(early) => assert_eq!(early, error),
        }
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(text.len() < 200, "{text}");
        }
        error
    }

    #[track_caller]
    pub(crate) fn refuses(&self, token: &str, code: &str) {
        let shown: String = token.chars().take(200).collect();
        let error = self.error_within(token, MEMORY);
        assert_eq!(error.code(), code, "{} {} {}: {shown}", self.backend, self.alg, self.enc);
    }

    /// A header of the same `kid` with these texts as the values of `alg` and `enc`.
    pub(crate) fn header(&self, alg: &str, enc: &str, more: &str) -> String {
        let kid = serde_json::Value::from(self.jwk.kid().unwrap());
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
}
