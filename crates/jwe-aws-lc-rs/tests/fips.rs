//! The FIPS module that is linked: its version, its mode and its self-tests, asked for at run time.
//! Which of its versions is validated stands in SECURITY.md.

#![cfg(feature = "fips")]

use aws_lc_rs::{
    awslc_version, fips_version, try_fips_cpu_jitter_entropy, try_fips_mode, try_fips_self_test,
};

#[test]
fn the_module_is_in_fips_mode_and_passes_its_self_tests() {
    println!("AWS-LC {}, of the branch FIPS {:?}", awslc_version(), fips_version());
    println!("FIPS mode: {:?}", try_fips_mode());
    println!("self-tests: {:?}", try_fips_self_test());
    println!("entropy of CPU jitter: {:?}", try_fips_cpu_jitter_entropy());
    assert_eq!(try_fips_mode(), Ok(()));
    assert!(try_fips_self_test().is_ok());
    assert!(fips_version().is_some());
}
