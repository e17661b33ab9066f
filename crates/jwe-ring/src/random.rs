//! The random source: ring's, which asks the operating system for every byte.

use jwe_core::{BackendError, RandomSource};
use ring::rand::{SecureRandom, SystemRandom};

/// The source of CEKs, initialization vectors and OAEP seeds.
pub(crate) struct SystemSource;

/// The one value of [`SystemSource`].
pub(crate) static RANDOM: SystemSource = SystemSource;

impl RandomSource for SystemSource {
    fn fill(&self, dest: &mut [u8]) -> Result<(), BackendError> {
        // Without state: nothing is buffered in the process, so a fork can't repeat anything.
        SystemRandom::new().fill(dest).map_err(|_| BackendError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_all_bytes_and_never_twice_the_same() {
        let mut seen = [0; 64];
        let mut other = [0; 64];
        RANDOM.fill(&mut seen).unwrap();
        RANDOM.fill(&mut other).unwrap();
        assert_ne!(seen, other);
        // 64 zero bits in a row at a given place come by chance once in 2^64.
        for part in seen.chunks(8).chain(other.chunks(8)) {
            assert_ne!(part, [0; 8]);
        }
        RANDOM.fill(&mut []).unwrap();
    }
}
