//! The crate from outside, on the `ring` backend with direct encryption.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test program may stop"
)]

mod byte_exact;
mod hostile_documents;
mod paths;
mod refusals;
mod share_cek;
mod support;
