//! Errors of making new keys.

use core::fmt;

use super::backend::BackendError;
use crate::curve::Curve;

/// Why a key was not generated.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GenerateError {
    /// The backend's library generates no RSA keys.
    NotOffered {
        /// The backend.
        backend: String,
    },
    /// The backend's library generates no key pairs on this curve.
    CurveNotOffered {
        /// The backend.
        backend: String,
        /// The curve.
        curve: Curve,
    },
    /// The backend's library generates no keys of this length.
    Length {
        /// The lengths in bits that it does generate.
        possible: &'static [usize],
    },
    /// A symmetric key has 16 to 1024 bytes.
    OctLength,
    /// The random source or the library failed.
    Failed,
}

impl GenerateError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotOffered { .. } | Self::CurveNotOffered { .. } => "generation_not_offered",
            Self::Length { .. } | Self::OctLength => "generation_length",
            Self::Failed => "generation_failed",
        }
    }
}

impl fmt::Display for GenerateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOffered { backend } => {
                write!(
                    f,
                    "the backend {backend} generates no RSA keys: use another backend for this step"
                )
            }
            Self::CurveNotOffered { backend, curve } => {
                write!(
                    f,
                    "the backend {backend} generates no keys on {curve}: use another backend for this step"
                )
            }
            Self::Length { possible } => {
                write!(
                    f,
                    "the backend generates RSA keys of these lengths in bits only: {possible:?}"
                )
            }
            Self::OctLength => f.write_str("a symmetric key has 16 to 1024 bytes: choose such a length"),
            Self::Failed => f.write_str(
                "the backend could not generate the key, because its random source or library failed: try again",
            ),
        }
    }
}

impl core::error::Error for GenerateError {}

impl From<BackendError> for GenerateError {
    fn from(_: BackendError) -> Self {
        Self::Failed
    }
}
