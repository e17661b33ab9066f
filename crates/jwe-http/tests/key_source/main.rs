//! Where a client's key comes from, with servers on this machine that behave in all sorts of ways.

#![cfg(feature = "client")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

mod answers;
mod lengths;
mod outage;
mod redirects;
mod renewal;
mod sharing;
#[path = "../support_client/mod.rs"]
mod support_client;
mod tls;
mod unknown_kid;
mod warnings;
