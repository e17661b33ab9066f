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

#[cfg(test)]
mod tests {
    use jwe_core::RandomSource;

    use super::OPENSSL_RANDOM;

    #[test]
    fn every_draw_fills_the_whole_buffer_anew() {
        let mut seen = [0; 64];
        let mut last = [0; 64];
        for _ in 0..64 {
            let mut drawn = [0; 64];
            OPENSSL_RANDOM.fill(&mut drawn).unwrap();
            assert_ne!(drawn, last);
            for (seen, drawn) in seen.iter_mut().zip(drawn) {
                *seen |= drawn;
            }
            last = drawn;
        }
        // A byte that stays zero in 64 draws would be one that is never written.
        assert!(seen.iter().all(|byte| *byte != 0));
        OPENSSL_RANDOM.fill(&mut []).unwrap();
    }
}
