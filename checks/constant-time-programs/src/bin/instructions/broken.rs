//! Messages that fail, made anew on each call.

use jwe::{Alg, Backend, Enc, Encrypter, Jwk};
use jwe_tests::parts::Parts;
use jwe_tests::{base64url, keys};

/// One way to fail.
pub(crate) struct Broken {
    pub(crate) name: &'static str,
    pub(crate) make: Box<dyn Fn() -> String>,
}

impl Broken {
    pub(crate) fn new(name: &'static str, make: impl Fn() -> Parts + 'static) -> Self {
        Self { name, make: Box::new(move || make().token()) }
    }
}

/// Fresh random bytes.
pub(crate) fn random(backend: &Backend, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    backend.random().fill(&mut bytes).expect("random bytes");
    bytes
}

/// A good message of 40 bytes: three blocks of CBC, two and a half of GCM.
pub(crate) fn good(backend: &'static Backend, jwk: &Jwk, alg: Alg, enc: Enc) -> Parts {
    let key = keys::sender(backend, jwk, alg);
    let encrypter = Encrypter::new(backend, &key, enc).expect("an encrypter");
    Parts::of(&encrypter.encrypt(&random(backend, 40)).expect("a message"))
}

/// The same bytes with one of them changed, counted from the end where `at` is negative.
pub(crate) fn changed(part: &str, at: isize) -> Vec<u8> {
    let mut bytes = base64url::decode(part);
    let at = if at < 0 { bytes.len().checked_add_signed(at) } else { at.try_into().ok() };
    *at.and_then(|at| bytes.get_mut(at)).expect("a byte there") ^= 0x40;
    bytes
}

/// The ways in which the content fails: all of them in the tag, whatever the padding would be.
pub(crate) fn content(backend: &'static Backend, jwk: &Jwk, alg: Alg, enc: Enc) -> Vec<Broken> {
    let jwk = jwk.clone();
    let good = move || good(backend, &jwk, alg, enc);
    let way = |name, break_it: fn(&Parts) -> Parts| {
        let good = good.clone();
        Broken::new(name, move || break_it(&good()))
    };
    vec![
        way("tag of zeros", |parts| parts.with_tag(&vec![0; base64url::decode(&parts.tag).len()])),
        way("first byte of the tag", |parts| parts.with_tag(&changed(&parts.tag, 0))),
        way("last byte of the tag", |parts| parts.with_tag(&changed(&parts.tag, -1))),
        way("first block of the ciphertext", |parts| {
            parts.with_ciphertext(&changed(&parts.ciphertext, 0))
        }),
        // In CBC what the byte above changes in the last block is the padding.
        way("last block but one, so the padding", |parts| {
            parts.with_ciphertext(&changed(&parts.ciphertext, -17))
        }),
        way("last byte of the ciphertext", |parts| {
            parts.with_ciphertext(&changed(&parts.ciphertext, -1))
        }),
        way("initialization vector", |parts| parts.with_iv(&changed(&parts.iv, 0))),
    ]
}
