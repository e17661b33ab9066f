//! Why a request was not sent, or not answered.

use core::fmt;

use super::key_source_error::KeySourceError;
use crate::problem::Problem;

/// Why a [`FieldClient`](super::FieldClient) has no answer. It holds no value and no URL.
#[derive(Debug)]
#[non_exhaustive]
pub enum FieldClientError {
    /// The request is not one whose fields can be encrypted. Nothing was sent.
    Refused(Problem),
    /// There is no key to encrypt with. Nothing was sent.
    Key(KeySourceError),
    /// The body of a request on a route is a stream. Nothing was sent.
    BodyIsStream,
    /// The request could not be sent, or its answer not received.
    Http(reqwest::Error),
}

impl FieldClientError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(problem) => problem.code(),
            Self::Key(error) => error.code(),
            Self::BodyIsStream => "body_is_stream",
            Self::Http(_) => "http",
        }
    }
}

impl fmt::Display for FieldClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(problem) => write!(f, "the request was not sent: {problem}"),
            Self::Key(error) => write!(f, "the request was not sent: {error}"),
            Self::BodyIsStream => f.write_str(
                "the request was not sent: its body is a stream, in which no fields can be encrypted: give \
                 the body as bytes",
            ),
            Self::Http(error) => write!(f, "the request failed: {error}"),
        }
    }
}

impl core::error::Error for FieldClientError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Refused(problem) => Some(problem),
            Self::Key(error) => Some(error),
            Self::BodyIsStream => None,
            Self::Http(error) => Some(error),
        }
    }
}

impl From<Problem> for FieldClientError {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}

impl From<KeySourceError> for FieldClientError {
    fn from(error: KeySourceError) -> Self {
        Self::Key(error)
    }
}

impl From<reqwest::Error> for FieldClientError {
    fn from(error: reqwest::Error) -> Self {
        // A query may hold a secret.
        Self::Http(error.without_url())
    }
}
