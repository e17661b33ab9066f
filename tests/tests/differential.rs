//! Changed tokens, read by every backend: a few of those of `checks/differential`.
#![allow(clippy::panic, reason = "a failed step has to stop the test")]

use std::num::NonZero;

use jwe_fuzzed::differential::{check, run_many, seeds};
use jwe_tests::random;

#[test]
fn good_tokens_are_read_alike() {
    let seeds = seeds();
    assert!(seeds.len() > 150, "{}", seeds.len());
    for (name, program) in seeds {
        if let Err(reason) = check(&program) {
            panic!("{name}: {reason}");
        }
    }
}

#[test]
fn changed_tokens_are_read_alike() {
    let count = u64::from(random::cases(2000));
    if let Err(failure) = run_many(random::seed(), count, NonZero::<usize>::MIN, &|_| ()) {
        panic!(
            "mutation {}, the program {:02x?}: {}",
            failure.number, failure.program, failure.reason
        );
    }
}
