//! How much a recipient reads before it gives up.

/// Limits on a received message, checked before anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest token in characters. Default: 16 MiB.
    pub max_token_len: usize,
    /// The longest protected header in bytes of its JSON text, and the longest of each unprotected
    /// one, at most [`MAX_HEADER_LEN`](Self::MAX_HEADER_LEN). Default: that.
    pub max_header_len: usize,
    /// The most recipients of a message in the general JSON serialization. Default: 32. The headers
    /// that all share are read again for each of them.
    pub max_recipients: usize,
}

impl Limits {
    /// The longest protected header that can be allowed, in bytes of its JSON text: 8 KiB.
    pub const MAX_HEADER_LEN: usize = 8 * 1024;

    /// The same with another [`max_token_len`](Self::max_token_len).
    #[must_use]
    pub fn with_max_token_len(mut self, characters: usize) -> Self {
        self.max_token_len = characters;
        self
    }

    /// The same with another [`max_recipients`](Self::max_recipients).
    #[must_use]
    pub fn with_max_recipients(mut self, recipients: usize) -> Self {
        self.max_recipients = recipients;
        self
    }

    /// The same with another [`max_header_len`](Self::max_header_len).
    #[must_use]
    pub fn with_max_header_len(mut self, bytes: usize) -> Self {
        self.max_header_len = bytes;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_token_len: 16 * 1024 * 1024,
            max_header_len: Self::MAX_HEADER_LEN,
            max_recipients: 32,
        }
    }
}
