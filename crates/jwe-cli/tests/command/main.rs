//! The `jwe` command as a whole: the real program, its exit codes, what it prints and what it
//! leaves behind.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod support;

mod backends;
mod bytes;
mod fetch;
mod fetch_tls;
mod fields;
mod hostile;
mod inspect;
mod key_formats;
mod key_usage;
mod keygen;
mod kid;
mod manual;
mod output;
mod public;
mod readme;
mod usage;
