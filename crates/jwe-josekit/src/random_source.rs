//! The random generator of OpenSSL.

use jwe_core::{BackendError, RandomSource};
use openssl::rand::rand_bytes;

/// OpenSSL's generator, which it seeds from the operating system and reseeds after a fork.
pub(crate) struct OpensslRandom;

pub(crate) static OPENSSL_RANDOM: OpensslRandom = OpensslRandom;

/// OpenSSL counts bytes in a C `int`.
const MOST_AT_ONCE: usize = 1 << 30;

impl RandomSource for OpensslRandom {
    fn fill(&self, dest: &mut [u8]) -> Result<(), BackendError> {
        dest.chunks_mut(MOST_AT_ONCE)
            .try_for_each(|chunk| rand_bytes(chunk).map_err(|_| BackendError))
    }
}
