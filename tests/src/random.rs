//! Property tests that are the same on every run.

use crate::skip::say;

/// The variable that sets another seed, for a longer search.
pub const SEED: &str = "JWE_TEST_SEED";
/// The variable that multiplies the number of cases.
pub const FACTOR: &str = "JWE_TEST_FACTOR";

/// The seed of the property tests, printed so that a failure can be repeated.
#[must_use]
pub fn seed() -> u64 {
    let seed = number(SEED).unwrap_or(0x7516);
    say(format_args!("{SEED}={seed}"));
    seed
}

/// `cases`, or more where the environment asks for more.
#[must_use]
pub fn cases(cases: u32) -> u32 {
    let factor = number(FACTOR).and_then(|factor| u32::try_from(factor).ok()).unwrap_or(1);
    cases.saturating_mul(factor)
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("the variable is a number"))
}
