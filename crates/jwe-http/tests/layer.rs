//! The layer that decrypts fields: what the service behind it gets, and what the client does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

mod field_support;
mod layer_parts;
