//! What is done to each record.

use super::error::RecordError;
use crate::decrypt::FieldDecrypter;
use crate::encrypt::FieldEncrypter;
use crate::scratch::Scratch;

/// What is done to each record; shared between threads.
pub(crate) trait Work: Sync {
    /// Appends what becomes of a record to `out` and returns how many values were encrypted or
    /// decrypted.
    ///
    /// # Errors
    /// [`RecordError`]; `out` is then as it was.
    fn apply(
        &self,
        record: &[u8],
        out: &mut Vec<u8>,
        scratch: &mut Scratch,
    ) -> Result<usize, RecordError>;
}

impl Work for FieldEncrypter {
    fn apply(
        &self,
        record: &[u8],
        out: &mut Vec<u8>,
        scratch: &mut Scratch,
    ) -> Result<usize, RecordError> {
        Ok(self.encrypt_into(record, out, scratch)?)
    }
}

impl Work for FieldDecrypter {
    fn apply(
        &self,
        record: &[u8],
        out: &mut Vec<u8>,
        scratch: &mut Scratch,
    ) -> Result<usize, RecordError> {
        Ok(self.decrypt_into(record, out, scratch)?)
    }
}
