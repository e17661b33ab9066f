//! A body in clear.

use bytes::Bytes;
use zeroize::Zeroize;

/// A body in clear, whose memory is wiped on drop where nobody else holds it.
pub(super) struct ClearBody(Bytes);

impl ClearBody {
    pub(super) fn new(body: Bytes) -> Self {
        Self(body)
    }

    /// Another hold on the same memory.
    pub(super) fn share(&self) -> Self {
        Self(self.0.clone())
    }

    /// Whether nobody else holds it.
    #[cfg(test)]
    pub(super) fn is_mine(&self) -> bool {
        self.0.is_unique()
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for ClearBody {
    fn drop(&mut self) {
        // What others hold is theirs; what has an owner is up to the owner.
        if let Ok(mut body) = core::mem::take(&mut self.0).try_into_mut() {
            body.as_mut().zeroize();
        }
    }
}
