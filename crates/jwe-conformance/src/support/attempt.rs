//! How a check calls a backend, so that every failure names the backend, the algorithm and the
//! case, a panic included.

use core::fmt::{self, Debug, Display};
use std::panic::{AssertUnwindSafe, catch_unwind};

use jwe_core::Backend;

/// Where a check stands: which backend and which algorithm.
#[derive(Clone)]
pub(crate) struct Site {
    backend: String,
    algorithm: String,
}

impl Site {
    pub(crate) fn new(backend: &Backend, algorithm: impl Display) -> Self {
        Self { backend: backend.name(), algorithm: algorithm.to_string() }
    }

    /// Calls a backend; a panic in it becomes a failure of the named case.
    #[track_caller]
    pub(crate) fn call<T>(&self, case: impl Display, operation: impl FnOnce() -> T) -> T {
        match catch_unwind(AssertUnwindSafe(operation)) {
            Ok(value) => value,
            Err(_) => panic!("{self}, {case}: the backend panicked; it must return an error"),
        }
    }

    /// Calls a backend for something that it must do.
    #[track_caller]
    pub(crate) fn accepts<T, E: Display>(
        &self,
        case: impl Display,
        operation: impl FnOnce() -> Result<T, E>,
    ) -> T {
        match self.call(&case, operation) {
            Ok(value) => value,
            Err(error) => panic!("{self}, {case}: refused ({error}); it must be accepted"),
        }
    }

    /// Calls a backend for something that it must refuse, and returns the error.
    #[track_caller]
    pub(crate) fn refuses<T, E: Debug>(
        &self,
        case: impl Display,
        operation: impl FnOnce() -> Result<T, E>,
    ) -> E {
        match self.call(&case, operation) {
            Ok(_) => panic!("{self}, {case}: accepted; it must be refused"),
            Err(error) => error,
        }
    }

    /// Compares bytes; the message has lengths and the first difference rather than the bytes.
    #[track_caller]
    pub(crate) fn same(&self, case: impl Display, what: &str, got: &[u8], wanted: &[u8]) {
        assert!(
            got == wanted,
            "{self}, {case}: {what} differs: {} bytes for {}, first difference at {:?}",
            got.len(),
            wanted.len(),
            got.iter().zip(wanted).position(|(a, b)| a != b),
        );
    }

    /// A condition of a case.
    #[track_caller]
    pub(crate) fn holds(&self, case: impl Display, condition: bool, otherwise: &str) {
        assert!(condition, "{self}, {case}: {otherwise}");
    }
}

impl Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "backend {}, {}", self.backend, self.algorithm)
    }
}
