//! How large a document may be.

/// What a document may cost; every limit can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocumentLimits {
    max_document_len: usize,
    max_depth: usize,
    max_values: usize,
}

impl DocumentLimits {
    /// The length in bytes that no setting exceeds: offsets are held in 32 bits.
    pub const LONGEST_DOCUMENT: usize = (u32::MAX - 1) as usize;
    /// The depth that no setting exceeds.
    pub const DEEPEST_DOCUMENT: usize = 1024;

    /// The longest document in bytes; 64 MiB if not set, [`LONGEST_DOCUMENT`](Self::LONGEST_DOCUMENT)
    /// at most. A document does not grow beyond it by decryption either, as one of compressed values
    /// could.
    #[must_use]
    pub fn with_max_document_len(mut self, bytes: usize) -> Self {
        self.max_document_len = bytes.min(Self::LONGEST_DOCUMENT);
        self
    }

    /// How deep arrays and objects may nest; 128 if not set,
    /// [`DEEPEST_DOCUMENT`](Self::DEEPEST_DOCUMENT) at most. A document that is one array has the
    /// depth 1.
    #[must_use]
    pub fn with_max_depth(mut self, depth: usize) -> Self {
        self.max_depth = depth.min(Self::DEEPEST_DOCUMENT);
        self
    }

    /// How many values of one document may be selected; 10 000 if not set.
    #[must_use]
    pub fn with_max_values(mut self, values: usize) -> Self {
        self.max_values = values;
        self
    }

    /// The longest document in bytes.
    #[must_use]
    pub fn max_document_len(&self) -> usize {
        self.max_document_len
    }

    /// How deep arrays and objects may nest.
    #[must_use]
    pub fn max_depth(&self) -> usize {
        self.max_depth
    }

    /// How many values of one document may be selected.
    #[must_use]
    pub fn max_values(&self) -> usize {
        self.max_values
    }
}

impl Default for DocumentLimits {
    fn default() -> Self {
        Self { max_document_len: 64 << 20, max_depth: 128, max_values: 10_000 }
    }
}
