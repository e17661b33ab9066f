//! The random generator of AWS-LC.

use aws_lc_rs::rand;
use jwe_core::{BackendError, RandomSource};

/// AWS-LC's generator, which it seeds from the operating system and reseeds after a fork.
pub(crate) struct AwsLcRandom;

pub(crate) static AWS_LC_RANDOM: AwsLcRandom = AwsLcRandom;

impl RandomSource for AwsLcRandom {
    fn fill(&self, dest: &mut [u8]) -> Result<(), BackendError> {
        rand::fill(dest).map_err(|_| BackendError)
    }
}
