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
