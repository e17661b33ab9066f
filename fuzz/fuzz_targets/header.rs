//! See the module of this name in `tests/fuzzed`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| jwe_fuzzed::header::run(input));
