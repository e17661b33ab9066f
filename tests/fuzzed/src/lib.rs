//! The bodies of the fuzz targets: functions of arbitrary bytes that stop when something does not
//! hold. `fuzz/` runs them under a fuzzing engine, the tests run them on the seeds and on every input
//! that has ever found something.
//!
//! An input is bytes in a form that people can read and write where that is possible, so that
//! seeds are files like others: see each target.
#![allow(
    missing_debug_implementations,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "only fuzzing and tests call this crate, and what does not hold has to stop them"
)]

pub mod base64url;
#[cfg(feature = "differential")]
pub mod differential;
pub mod document;
pub mod header;
pub mod key;
pub mod key_file;
pub mod message;
pub mod no_security;
pub mod no_security_backend;
pub mod selector;
pub mod settings;
pub mod sides;
pub mod stream;
pub mod token;

/// A function of arbitrary bytes.
pub type Target = fn(&[u8]);

/// Every target by its name, which is also that of its folder of seeds. `differential` is there with
/// the feature of that name.
pub const TARGETS: &[(&str, Target)] = &[
    ("document", document::run),
    ("header", header::run),
    ("key", key::run),
    ("key_file", key_file::run),
    ("message", message::run),
    ("no_security", no_security::run),
    ("selector", selector::run),
    ("stream", stream::run),
    ("token", token::run),
    #[cfg(feature = "differential")]
    ("differential", differential::run),
];
