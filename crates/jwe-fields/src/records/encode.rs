//! Output in another form, such as compressed.

use std::io;

/// Turns output into another form, such as a compressed one. What it makes of one piece of output
/// stands for itself, so that it can stand behind what was made of another: a member of a gzip
/// file (RFC 1952 §2.2), a frame of Zstandard (RFC 8878 §3.1). It is called by many threads at the
/// same time.
pub trait Encode: Sync {
    /// Appends the other form of `output` to `encoded`.
    ///
    /// # Errors
    /// An error ends the stream.
    fn encode(&self, output: &[u8], encoded: &mut Vec<u8>) -> io::Result<()>;
}
