//! Streams of records, with real keys: what comes out, in which order, and what is counted.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop"
)]

mod byte_exact;
mod limits;
mod order;
mod refused;
mod resume;
mod support;
