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

#[cfg(test)]
mod tests {
    use jwe_core::RandomSource;

    use super::AWS_LC_RANDOM;

    #[test]
    fn every_draw_fills_the_whole_buffer_anew() {
        let mut seen = [0; 64];
        let mut last = [0; 64];
        for _ in 0..64 {
            let mut drawn = [0; 64];
            AWS_LC_RANDOM.fill(&mut drawn).unwrap();
            assert_ne!(drawn, last);
            for (seen, drawn) in seen.iter_mut().zip(drawn) {
                *seen |= drawn;
            }
            last = drawn;
        }
        // A byte that stays zero in 64 draws would be one that is never written.
        assert!(seen.iter().all(|byte| *byte != 0));
        AWS_LC_RANDOM.fill(&mut []).unwrap();
    }
}
