//! Why there is no key.

use core::fmt;
use std::sync::Arc;
use std::time::Duration;

use jwe_core::{ImportError, SetupError};

/// Why a [`KeySource`](super::KeySource) can't be set up, or has no key to give. It holds nothing
/// secret: no answer's content and no query of a URL.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum KeySourceError {
    /// The URL is not one that a key may come from: what is wrong with it.
    Url(&'static str),
    /// A setting that can't be used: what and why.
    Options(&'static str),
    /// TLS can't be set up.
    Tls(String),
    /// The endpoint can't be reached, its TLS certificate is not trusted, or its answer broke off.
    Unreachable(String),
    /// The endpoint takes too long.
    TimedOut {
        /// How long it may take: to connect, where that did not end, and otherwise everything together.
        limit: Duration,
    },
    /// The endpoint redirects to another scheme, host or port.
    Redirected,
    /// The endpoint redirects too often.
    TooManyRedirects {
        /// How many are followed.
        limit: usize,
    },
    /// The endpoint answers with another status than 200.
    Status(u16),
    /// The answer is compressed, although that was not asked for.
    ContentEncoding,
    /// The answer is longer than any key.
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// The answer is not as long as its `Content-Length` says, or says it in a way that is no length.
    Length,
    /// The answer is no key that can be used.
    Key(ImportError),
    /// The answer has a private or a symmetric key in it.
    SecretKey,
    /// The key does not go with the `enc`.
    Encrypter(SetupError),
    /// The fetch was given up because its runtime ended.
    Interrupted,
    /// There is no key, the last fetch failed, and the next one is not yet due.
    NotYet {
        /// When it is due.
        retry_after: Duration,
        /// Why the last fetch failed.
        cause: Arc<KeySourceError>,
    },
    /// There is a key, but none newer could be fetched for longer than is allowed.
    TooOld {
        /// When the next fetch is due.
        retry_after: Duration,
        /// Why the last fetch failed.
        cause: Arc<KeySourceError>,
    },
}

impl KeySourceError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Url(_) => "key_url",
            Self::Options(_) => "key_source_options",
            Self::Tls(_) => "key_source_tls",
            Self::Unreachable(_) => "key_unreachable",
            Self::TimedOut { .. } => "key_timed_out",
            Self::Redirected => "key_redirected",
            Self::TooManyRedirects { .. } => "key_too_many_redirects",
            Self::Status(_) => "key_status",
            Self::ContentEncoding => "key_content_encoding",
            Self::TooLong { .. } => "key_answer_too_long",
            Self::Length => "key_answer_length",
            Self::Key(error) => error.code(),
            Self::SecretKey => "key_secret_published",
            Self::Encrypter(error) => error.code(),
            Self::Interrupted => "key_fetch_interrupted",
            Self::NotYet { .. } => "key_not_yet",
            Self::TooOld { .. } => "key_too_old",
        }
    }

    /// When it is worth to ask again, where that is known.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::NotYet { retry_after, .. } | Self::TooOld { retry_after, .. } => {
                Some(*retry_after)
            }
            _ => None,
        }
    }
}

impl fmt::Display for KeySourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(reason) => write!(f, "the key's URL {reason}"),
            Self::Options(reason) => write!(f, "the settings of the key source: {reason}"),
            Self::Tls(reason) => write!(f, "TLS to the key endpoint can't be set up: {reason}"),
            Self::Unreachable(reason) => write!(
                f,
                "the key can't be fetched: {reason}; see whether the endpoint runs, and whether its \
                 certificate is of an authority that is trusted here"
            ),
            Self::TimedOut { limit } => write!(
                f,
                "the key endpoint did not answer in full within {limit:?}: see whether it runs"
            ),
            Self::Redirected => f.write_str(
                "the key endpoint redirects to another place: if you trust that, give its URL instead",
            ),
            Self::TooManyRedirects { limit } => write!(
                f,
                "the key endpoint redirects more than {limit} times: give the URL of the key itself"
            ),
            Self::Status(status) => {
                write!(f, "the key endpoint answers {status}: see whether the URL is that of a key")
            }
            Self::ContentEncoding => f.write_str(
                "the key endpoint answers with a content encoding that was not asked for: turn compression \
                 off for the key",
            ),
            Self::TooLong { limit } => write!(
                f,
                "the key endpoint's answer is longer than {limit} bytes, which no key is: see whether the \
                 URL is that of a key"
            ),
            Self::Length => f.write_str(
                "the key endpoint's answer is not as long as its Content-Length says: mend the endpoint, or \
                 what lies before it",
            ),
            Self::Key(error) => write!(f, "the published key: {error}"),
            Self::SecretKey => f.write_str(
                "the key endpoint publishes a private or a symmetric key: it is not used; tell its publisher \
                 to replace that key at once, because everybody may have it",
            ),
            Self::Encrypter(error) => write!(f, "the published key: {error}"),
            Self::Interrupted => f.write_str("the fetch of the key was given up: ask again"),
            Self::NotYet { retry_after, cause } => write!(
                f,
                "there is no key yet, and the next fetch is due in {retry_after:.1?}; the last one failed: {cause}"
            ),
            Self::TooOld { retry_after, cause } => write!(
                f,
                "the key could not be renewed for longer than is allowed, and the next fetch is due in \
                 {retry_after:.1?}; the last one failed: {cause}"
            ),
        }
    }
}

impl core::error::Error for KeySourceError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Key(error) => Some(error),
            Self::Encrypter(error) => Some(error),
            Self::NotYet { cause, .. } | Self::TooOld { cause, .. } => Some(&**cause),
            _ => None,
        }
    }
}

impl From<ImportError> for KeySourceError {
    fn from(error: ImportError) -> Self {
        Self::Key(error)
    }
}
