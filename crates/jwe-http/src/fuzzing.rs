//! What the fuzz targets call and no program does: no part of the public API, and it may change at any time.

use std::net::SocketAddr;

use crate::server::{Config, ConfigError};

pub use crate::client::{KeyAnswers, stated_lifetime};

/// The address at which a server with this configuration listens.
///
/// # Errors
/// [`ConfigError`]: not beyond loopback as the configuration is.
pub fn exposure(config: &Config) -> Result<SocketAddr, ConfigError> {
    config.check_exposure().map(|()| config.listen)
}
