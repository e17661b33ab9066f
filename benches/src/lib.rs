//! What the benchmarks measure: jwe on each of its backends, and the two contenders that stand
//! beside it in every run.
//!
//! - [`by_hand`]: the primitives of aws-lc-rs put together without a JWE library. This is the
//!   floor: no code that goes through aws-lc-rs can be much faster.
//! - [`josekit_api`]: josekit's own functions, as its documentation has them called.
//!
//! [`interleaved`] compares contenders on a machine that is not quiet.
#![allow(
    missing_debug_implementations,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a benchmark that can't go on has nothing better to do than to stop"
)]

pub mod by_hand;
pub mod josekit_api;
pub mod key_management;
pub mod messages;
pub mod records;
pub mod subjects;

pub use jwe_bench::interleaved;

/// The `kid` of every key and so of every header.
pub const KID: &str = "benchmark";

/// A value as short as most sensitive fields are.
pub const SHORT: &[u8] = b"0123456789abcdef";

/// A value of 64 KiB, where the content encryption outweighs RSA.
pub static LONG: [u8; 65536] = [0x61; 65536];

/// A request body; the two strings are sensitive.
pub const DOCUMENT: &[u8] = br#"{"id_connector":33,"username":"john","password":"s3cret"}"#;

/// The two sensitive values of [`DOCUMENT`].
pub const DOCUMENT_VALUES: [&[u8]; 2] = [b"john", b"s3cret"];
