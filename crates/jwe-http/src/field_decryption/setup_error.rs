//! Why decryption can't be set up.

use core::fmt;

use http::StatusCode;
use jwe_fields::SettingsError;

use crate::problem::Problem;

/// Why a [`FieldDecryption`](super::FieldDecryption) can't be made, or can't take keys.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecryptionSetupError {
    /// There is no route, so that nothing would ever be decrypted.
    NoRoute,
    /// A key has no `kid`, so that no token could name it.
    KeyWithoutKid,
    /// Keys, algorithms, selectors and settings do not fit together.
    Settings(SettingsError),
}

impl DecryptionSetupError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoRoute => "no_route",
            Self::KeyWithoutKid => "key_without_kid",
            Self::Settings(error) => error.code(),
        }
    }
}

impl fmt::Display for DecryptionSetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRoute => {
                f.write_str("no route has encrypted fields: name the requests that have some")
            }
            Self::KeyWithoutKid => f.write_str(
                "a key has no kid, and tokens have to name theirs: give it one on import",
            ),
            Self::Settings(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for DecryptionSetupError {}

/// A mistake of the service that calls: nothing that a client could do.
pub(super) fn unknown_route() -> Problem {
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "route_unknown",
        "the service is set up without encrypted fields for this request",
    )
}
