//! What the backends of this build list.

use jwe::{Alg, Algorithm, Backend, Direction, Enc};

/// Every backend of this build: aws-lc-rs, josekit and ring.
#[must_use]
pub fn backends() -> &'static [&'static Backend] {
    let backends = jwe::backends();
    let names: Vec<String> = backends.iter().map(|backend| backend.name()).collect();
    assert_eq!(names, ["aws-lc-rs", "josekit", "ring"], "the tests are for all three");
    backends
}

/// Whether the backend lists both of them in that direction.
#[must_use]
pub fn lists(backend: &Backend, direction: Direction, alg: Alg, enc: Enc) -> bool {
    let has = |algorithm| {
        backend
            .capabilities()
            .iter()
            .any(|line| line.algorithm == algorithm && line.direction == direction)
    };
    has(Algorithm::Alg(alg)) && has(Algorithm::Enc(enc))
}

/// All `enc` that the backend lists.
#[must_use]
pub fn encs(backend: &Backend) -> Vec<Enc> {
    let lists = |enc: &Enc| backend.content_encryption(*enc, Direction::Decrypt).is_ok();
    Enc::ALL.iter().copied().filter(lists).collect()
}

/// The backends that decrypt with RSA keys.
#[must_use]
pub fn rsa_recipients() -> Vec<&'static Backend> {
    let decrypts =
        |backend: &&Backend| backend.decryption_key_import(Alg::RsaOaep256, None).is_ok();
    let found: Vec<&'static Backend> = backends().iter().copied().filter(decrypts).collect();
    assert!(!found.is_empty());
    found
}
