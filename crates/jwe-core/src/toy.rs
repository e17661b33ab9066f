//! A backend for the tests of the engine. It protects nothing, and counts what is asked of it.

use core::cell::Cell;
use core::hash::{Hash, Hasher};
use std::hash::DefaultHasher;

use crate::aes_key_wrap::{AesKeyWrap, AesKw, OVERHEAD};
use crate::alg::Alg;
use crate::backend::Backend;
use crate::base64url;
use crate::content_encryption::ContentEncryption;
use crate::direct::DIRECT;
use crate::enc::Enc;
use crate::error::BackendError;
use crate::gcm_key_wrap::GcmKw;
use crate::jwk::Jwk;
use crate::key::{DecryptionKey, EncryptionKey, KeyOptions, Kid};
use crate::random_source::RandomSource;

/// `dir`, `A256KW`, `A128GCMKW` and `A256GCMKW` with `A128GCM` and `A256GCM`.
pub(crate) static TOY: Backend = Backend::new("toy", &Random, |_| [0; 32])
    .with_encryption_keys(&[&DIRECT, &A256KW, &A128GCMKW, &A256GCMKW])
    .with_decryption_keys(&[&DIRECT, &A256KW, &A128GCMKW, &A256GCMKW])
    .with_content_encryption(&[&A128GCM, &A256GCM]);

static A256KW: AesKw = AesKw::new(Alg::A256Kw, &KeyWrap, "toy");
static A128GCMKW: GcmKw = GcmKw::new(Alg::A128GcmKw, &A128GCM);
static A256GCMKW: GcmKw = GcmKw::new(Alg::A256GcmKw, &A256GCM);
static A128GCM: Content = Content(Enc::A128Gcm);
static A256GCM: Content = Content(Enc::A256Gcm);

thread_local! {
    static OPENED: Cell<usize> = const { Cell::new(0) };
    static ASKED: Cell<Asked> = const { Cell::new(Asked { draws: 0, wraps: 0, unwraps: 0 }) };
    static DRAWN: Cell<u64> = const { Cell::new(0) };
}

/// How often this thread has unwrapped a key or opened content while `work` ran.
pub(crate) fn opened(work: impl FnOnce()) -> usize {
    let before = OPENED.get();
    work();
    OPENED.get() - before
}

fn count() {
    OPENED.set(OPENED.get() + 1);
}

/// How often random bytes were drawn, and keys wrapped and unwrapped by AES key wrap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) draws: usize,
    pub(crate) wraps: usize,
    pub(crate) unwraps: usize,
}

/// What this thread has asked for while `work` ran.
pub(crate) fn asked(work: impl FnOnce()) -> Asked {
    let before = ASKED.get();
    work();
    let after = ASKED.get();
    Asked {
        draws: after.draws - before.draws,
        wraps: after.wraps - before.wraps,
        unwraps: after.unwraps - before.unwraps,
    }
}

fn ask(count: impl FnOnce(&mut Asked)) {
    let mut asked = ASKED.get();
    count(&mut asked);
    ASKED.set(asked);
}

/// A symmetric key of that many bytes, all the same; without a name if that is empty.
pub(crate) fn keys(alg: Alg, len: usize, byte: u8, kid: &str) -> (EncryptionKey, DecryptionKey) {
    let k = base64url::encode(&vec![byte; len]);
    let jwk = Jwk::from_json(format!(r#"{{"kty":"oct","k":"{k}"}}"#).as_bytes()).unwrap();
    let kid = if kid.is_empty() { Kid::Omit } else { Kid::Given(kid.to_owned()) };
    let options = KeyOptions::new().with_alg(alg).with_kid(kid);
    let sender = EncryptionKey::import(&TOY, &jwk, &options).unwrap();
    (sender, DecryptionKey::import(&TOY, &jwk, &options).unwrap())
}

/// Bytes that are never the same, of this thread.
struct Random;

impl RandomSource for Random {
    fn fill(&self, dest: &mut [u8]) -> Result<(), BackendError> {
        ask(|asked| asked.draws += 1);
        for part in dest.chunks_mut(8) {
            DRAWN.set(DRAWN.get() + 1);
            part.copy_from_slice(&hash(&[&DRAWN.get().to_le_bytes()])[..part.len()]);
        }
        Ok(())
    }
}

fn hash(parts: &[&[u8]]) -> [u8; 8] {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish().to_le_bytes()
}

struct Content(Enc);

impl Content {
    fn tag(&self, parts: [&[u8]; 4]) -> [u8; 16] {
        let [cek, iv, aad, ciphertext] = parts;
        assert_eq!((cek.len(), iv.len()), (self.0.cek_len(), self.0.iv_len()));
        let half = hash(&[cek, iv, aad, ciphertext]);
        let mut tag = [0; 16];
        tag[..8].copy_from_slice(&half);
        tag[8..].copy_from_slice(&hash(&[&half]));
        tag
    }
}

impl ContentEncryption for Content {
    fn enc(&self) -> Enc {
        self.0
    }

    fn implementation(&self) -> &'static str {
        "toy"
    }

    fn seal(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        _: usize,
        tag: &mut [u8],
    ) -> Result<(), BackendError> {
        buf.iter_mut().for_each(|byte| *byte ^= cek[0]);
        tag.copy_from_slice(&self.tag([cek, iv, aad, buf]));
        Ok(())
    }

    fn open(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        tag: &[u8],
    ) -> Result<usize, BackendError> {
        count();
        if tag != self.tag([cek, iv, aad, buf]) {
            return Err(BackendError);
        }
        buf.iter_mut().for_each(|byte| *byte ^= cek[0]);
        Ok(buf.len())
    }
}

struct KeyWrap;

impl AesKeyWrap for KeyWrap {
    fn wrap(&self, kek: &[u8], cek: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
        ask(|asked| asked.wraps += 1);
        assert_eq!(out.len(), cek.len() + OVERHEAD);
        let (wrapped, check) = out.split_at_mut(cek.len());
        wrapped.iter_mut().zip(cek).for_each(|(to, from)| *to = from ^ kek[0]);
        check.copy_from_slice(&hash(&[kek, cek]));
        Ok(())
    }

    fn unwrap(&self, kek: &[u8], wrapped: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
        count();
        ask(|asked| asked.unwraps += 1);
        let (wrapped, check) = wrapped.split_at(out.len());
        out.iter_mut().zip(wrapped).for_each(|(to, from)| *to = from ^ kek[0]);
        if hash(&[kek, out]) == check { Ok(()) } else { Err(BackendError) }
    }
}
