//! How far a stream has come.

/// How far a stream has come, and all that is needed to go on from there with the same input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// How many bytes of the input are dealt with.
    pub input_bytes: u64,
    /// The CRC-32 of these bytes, by which [`RecordStream::resume`](super::RecordStream::resume)
    /// knows the input again. It is no protection against somebody who changes it on purpose.
    pub input_crc32: u32,
    /// How many records were in them, each of which was written or rejected.
    pub records: u64,
    /// How many of the records were rejected.
    pub rejected: u64,
    /// How many values were encrypted or decrypted.
    pub values: u64,
}

impl Progress {
    /// How many of the records were written.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.records.saturating_sub(self.rejected)
    }
}
