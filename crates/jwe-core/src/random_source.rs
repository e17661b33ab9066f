//! Where CEKs and initialization vectors come from.

use crate::error::BackendError;

/// A cryptographically secure source of random bytes, part of a [`Backend`](crate::Backend).
///
/// The engine draws every CEK and every initialization vector from it (RFC 7516 §5.1, steps 2
/// and 9); callers of the engine cannot set them.
pub trait RandomSource: Send + Sync {
    /// Fills all of `dest` with fresh random bytes.
    ///
    /// # Errors
    /// [`BackendError`] when the source fails; the operation that asked is given up.
    fn fill(&self, dest: &mut [u8]) -> Result<(), BackendError>;
}
