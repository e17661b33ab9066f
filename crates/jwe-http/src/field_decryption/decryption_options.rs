//! How much a request may cost.

use core::time::Duration;

use jwe_core::Limits;
use jwe_fields::DocumentLimits;

use crate::workers::Workers;

/// The settings of a [`FieldDecryption`](super::FieldDecryption): limits, and who does the work.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DecryptionOptions {
    max_body_len: usize,
    body_timeout: Duration,
    document_limits: DocumentLimits,
    token_limits: Limits,
    workers: Workers,
}

impl DecryptionOptions {
    /// The longest body in bytes if it is not set: 1 MiB.
    pub const DEFAULT_MAX_BODY_LEN: usize = 1 << 20;
    /// How many values of one body may be encrypted if it is not set. With RSA-2048 and no key shared
    /// between values, a request of so many takes about 0.2 s of one processor.
    pub const DEFAULT_MAX_VALUES: usize = 256;
    /// How long a body may take to arrive if it is not set.
    pub const DEFAULT_BODY_TIMEOUT: Duration = Duration::from_secs(30);

    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with another longest body in bytes, as it is received, and as it is with the fields in
    /// clear.
    #[must_use]
    pub fn with_max_body_len(mut self, bytes: usize) -> Self {
        self.max_body_len = bytes.min(DocumentLimits::LONGEST_DOCUMENT);
        self
    }

    /// The same with another time that a body may take to arrive.
    #[must_use]
    pub fn with_body_timeout(mut self, time: Duration) -> Self {
        self.body_timeout = time;
        self
    }

    /// The same with other limits of depth and of the number of values. The longest document is the longest
    /// body, whatever these say.
    #[must_use]
    pub fn with_document_limits(mut self, limits: DocumentLimits) -> Self {
        self.document_limits = limits;
        self
    }

    /// The same with other limits of each token.
    #[must_use]
    pub fn with_token_limits(mut self, limits: Limits) -> Self {
        self.token_limits = limits;
        self
    }

    /// The same with other workers, which others may share.
    #[must_use]
    pub fn with_workers(mut self, workers: Workers) -> Self {
        self.workers = workers;
        self
    }

    /// The longest body in bytes.
    #[must_use]
    pub fn max_body_len(&self) -> usize {
        self.max_body_len
    }

    /// How long a body may take to arrive.
    #[must_use]
    pub fn body_timeout(&self) -> Duration {
        self.body_timeout
    }

    /// The limits of documents, with the longest body as the longest document.
    #[must_use]
    pub fn document_limits(&self) -> DocumentLimits {
        self.document_limits.with_max_document_len(self.max_body_len)
    }

    /// The limits of each token.
    #[must_use]
    pub fn token_limits(&self) -> Limits {
        self.token_limits
    }

    /// Those who do the work.
    #[must_use]
    pub fn workers(&self) -> &Workers {
        &self.workers
    }
}

impl Default for DecryptionOptions {
    fn default() -> Self {
        Self {
            max_body_len: Self::DEFAULT_MAX_BODY_LEN,
            body_timeout: Self::DEFAULT_BODY_TIMEOUT,
            document_limits: DocumentLimits::default().with_max_values(Self::DEFAULT_MAX_VALUES),
            token_limits: Limits::default(),
            workers: Workers::default(),
        }
    }
}
