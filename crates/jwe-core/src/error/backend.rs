//! What a backend reports to the engine.

use core::fmt;

use crate::backend::{Algorithm, Direction};
use crate::curve::Curve;

/// The one error of a cryptographic operation of a backend.
///
/// It says nothing on purpose: the text of a library's error must not cross this line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackendError;

impl fmt::Display for BackendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the backend's operation failed")
    }
}

impl core::error::Error for BackendError {}

/// Why a backend does not take a key. The reason is a fixed text, so it can hold no part of the
/// key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRejected(&'static str);

impl KeyRejected {
    /// The material is not of the type that the algorithm needs.
    pub const WRONG_KEY_TYPE: Self = Self("the key is not of the type that the algorithm needs");
    /// The numbers of a private key do not belong together.
    pub const INCONSISTENT: Self = Self(
        "the numbers of the private key do not belong together: export it again from its origin",
    );

    /// A rejection for a reason that ends in what to do.
    #[must_use]
    pub const fn new(reason: &'static str) -> Self {
        Self(reason)
    }
}

impl fmt::Display for KeyRejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl core::error::Error for KeyRejected {}

/// An algorithm that a backend does not list in the direction asked for. Use another backend, or
/// fill the gap from one with [`Backend::or`](crate::Backend::or).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    backend: String,
    algorithm: Algorithm,
    curve: Option<Curve>,
    direction: Direction,
    advice: &'static str,
}

impl Gap {
    pub(crate) fn new(
        backend: String,
        algorithm: Algorithm,
        curve: Option<Curve>,
        direction: Direction,
        advice: &'static str,
    ) -> Self {
        Self { backend, algorithm, curve, direction, advice }
    }

    /// The name of the backend, or the names of a composed one.
    #[must_use]
    pub fn backend(&self) -> &str {
        &self.backend
    }

    /// The algorithm that is missing.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The curve of the key with which it is missing, for the ECDH-ES family.
    #[must_use]
    pub fn curve(&self) -> Option<Curve> {
        self.curve
    }

    /// The direction in which it is missing.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.direction
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the backend {} does not {} with {}",
            self.backend, self.direction, self.algorithm
        )?;
        if let Some(curve) = self.curve {
            write!(f, " on {curve}")?;
        }
        f.write_str(": use a backend that does, alone or to fill the gap")?;
        if !self.advice.is_empty() {
            write!(f, " ({})", self.advice)?;
        }
        Ok(())
    }
}

impl core::error::Error for Gap {}
