//! Answers of a key endpoint that come from memory: for the fuzz targets.

use core::fmt;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, Response};

use super::key_endpoint::{Answer, KeyEndpoint};
use super::key_source_error::KeySourceError;
use super::key_source_options::KeySourceOptions;
use super::lifetime;
use super::sender_key::SenderKey;

/// Reads answers with the status 200 as a [`KeySource`](super::KeySource) reads those that it fetched.
pub struct KeyAnswers(KeyEndpoint);

impl KeyAnswers {
    /// With these settings.
    ///
    /// # Errors
    /// [`KeySourceError`]: the settings or TLS.
    pub fn new(options: KeySourceOptions) -> Result<Self, KeySourceError> {
        KeyEndpoint::new("http://127.0.0.1/", options).map(Self)
    }

    /// The key of an answer, and for how long it is fresh.
    ///
    /// # Errors
    /// [`KeySourceError`].
    pub async fn read(
        &self,
        answer: Response<Vec<u8>>,
    ) -> Result<(SenderKey, Duration), KeySourceError> {
        match self.0.read(answer.into()).await? {
            Answer::Key(key, _, lifetime) => Ok((*key, lifetime)),
            // Of another status only.
            Answer::NotModified(_) => Err(KeySourceError::Status(304)),
        }
    }
}

impl fmt::Debug for KeyAnswers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeyAnswers").field(self.0.options()).finish()
    }
}

/// The lifetime that an answer states, without bounds.
#[must_use]
pub fn stated_lifetime(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    lifetime::stated(headers, now)
}
