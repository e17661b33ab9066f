//! For the tests of this crate.

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// A runner with a fixed seed, so that a failure comes again; `JWE_FIELDS_SEED` sets another.
pub(crate) fn runner(cases: u32) -> TestRunner {
    let seed =
        std::env::var("JWE_FIELDS_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20);
    eprintln!("JWE_FIELDS_SEED={seed}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&u64::to_le_bytes(seed));
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}
