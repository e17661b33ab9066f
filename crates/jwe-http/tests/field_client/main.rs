//! Requests of a client, whose fields are encrypted on their way out.

#![cfg(feature = "client")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

mod api;
mod bodies;
mod passing;
mod refusals;
#[path = "../support_client/mod.rs"]
mod support_client;
mod unknown_kid;
