//! How long to leave an endpoint alone that did not answer.

use std::time::Duration;

use jwe_core::RandomSource;

/// The wait after the first failure.
const SHORTEST: Duration = Duration::from_secs(1);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(60);

/// The wait after that many failures in a row: it doubles each time, up to [`LONGEST`], and of that
/// a random part of up to a half is taken off, so that clients that lost the endpoint together do
/// not come back together.
pub(super) fn wait(failures: u32, random: &dyn RandomSource) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let whole = SHORTEST.saturating_mul(1 << doublings).min(LONGEST);
    let mut bytes = [0; 4];
    // Without random bytes all wait equally long, which is no reason to fail.
    let part = match random.fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 0.0,
    };
    whole.mul_f64(1.0 - part / 2.0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jwe_core::{BackendError, RandomSource};

    struct Always(u8);

    impl RandomSource for Always {
        fn fill(&self, dest: &mut [u8]) -> Result<(), BackendError> {
            dest.fill(self.0);
            Ok(())
        }
    }

    struct Broken;

    impl RandomSource for Broken {
        fn fill(&self, _: &mut [u8]) -> Result<(), BackendError> {
            Err(BackendError)
        }
    }

    #[test]
    fn waits_double_up_to_a_minute_and_at_most_a_half_is_taken_off() {
        let seconds =
            |failures, random: &dyn RandomSource| super::wait(failures, random).as_secs_f64();
        for (failures, whole) in
            [(0, 1.0), (1, 1.0), (2, 2.0), (3, 4.0), (6, 32.0), (7, 60.0), (u32::MAX, 60.0)]
        {
            assert_eq!(seconds(failures, &Always(0)), whole);
            assert_eq!(seconds(failures, &Broken), whole);
            assert_eq!(super::wait(failures, &Always(255)), Duration::from_secs_f64(whole / 2.0));
            let some = seconds(failures, &Always(99));
            assert!(whole / 2.0 < some && some < whole, "{some}");
        }
    }
}
