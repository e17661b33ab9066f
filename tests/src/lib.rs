//! What the tests across the backends share: the tokens of others, fixed keys, forged tokens, and
//! what a backend says that it can do.
//!
//! Everything here may stop the test that calls it.
#![allow(
    missing_debug_implementations,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "only tests call this crate, and a failed step has to stop them"
)]

pub mod base64url;
pub mod bomb;
pub mod capability;
pub mod curve_points;
pub mod forge;
pub mod keys;
pub mod parts;
pub mod random;
pub mod reading;
pub mod rfc_values;
pub mod skip;
pub mod textbook_rsa;
pub mod threats;
pub mod vectors;
pub mod wycheproof;
