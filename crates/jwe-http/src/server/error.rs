//! Why a server does not start, or ends otherwise than it was told.

use std::fmt;

use super::config::ConfigError;

/// Why a server does not start, or ends otherwise than it was told, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerError {
    code: &'static str,
    text: String,
}

impl ServerError {
    pub(super) fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }

    /// The stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for ServerError {}

impl From<ConfigError> for ServerError {
    fn from(error: ConfigError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}
