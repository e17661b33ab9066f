//! `jwe serve` as a whole: the real program on this machine, in front of a service that writes down what
//! reaches it, and spoken to in bytes.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod support;

mod callers;
mod configuration;
mod encryption;
mod endpoints;
mod heads;
mod keys;
mod limits;
mod proxy;
mod sandbox;
mod shutdown;
mod tls;
mod upstream_failures;
