//! How much a client may ask for, and how long it may take.

use std::num::NonZero;

use serde::Deserialize;

use super::error::ConfigError;
use super::values::Seconds;

/// How many bytes of a request's head hyper needs room for at least.
const MIN_HEAD_LEN: usize = 8192;

#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::server) struct LimitsConfig {
    pub(in crate::server) connections: NonZero<u32>,
    pub(in crate::server) concurrent_requests: NonZero<u32>,
    pub(in crate::server) head_bytes: usize,
    pub(in crate::server) headers: NonZero<u16>,
    pub(in crate::server) head_seconds: Seconds,
    pub(in crate::server) keep_alive_seconds: Seconds,
    pub(in crate::server) body_bytes: NonZero<u32>,
    pub(in crate::server) body_idle_seconds: Seconds,
    pub(in crate::server) body_seconds: Seconds,
    pub(in crate::server) request_seconds: Seconds,
    pub(in crate::server) drain_seconds: Seconds,
    pub(in crate::server) workers: Option<NonZero<u16>>,
    pub(in crate::server) waiting_for_workers: u32,
}

const fn many(count: u32) -> NonZero<u32> {
    match NonZero::new(count) {
        Some(count) => count,
        None => NonZero::<u32>::MIN,
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            connections: many(1024),
            concurrent_requests: many(512),
            head_bytes: 16 * 1024,
            headers: NonZero::new(100).unwrap_or(NonZero::<u16>::MIN),
            head_seconds: Seconds::new(5),
            keep_alive_seconds: Seconds::new(60),
            body_bytes: many(1024 * 1024),
            body_idle_seconds: Seconds::new(10),
            body_seconds: Seconds::new(30),
            request_seconds: Seconds::new(300),
            drain_seconds: Seconds::new(25),
            workers: None,
            waiting_for_workers: 256,
        }
    }
}

impl LimitsConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if (MIN_HEAD_LEN..=1024 * 1024).contains(&self.head_bytes) {
            Ok(())
        } else {
            Err(ConfigError::new(format!(
                "limits.head_bytes is {}: set it to a number between {MIN_HEAD_LEN} and 1048576",
                self.head_bytes
            )))
        }
    }
}
