//! What a stream of records makes of a text.

use jwe_fields::records::{RecordStream, Rejected, Sink, StreamError};

/// The output of a stream.
struct Collected(Vec<u8>);

impl Sink for Collected {
    fn write(&mut self, output: &[u8]) -> std::io::Result<()> {
        self.0.extend_from_slice(output);
        Ok(())
    }

    fn reject(&mut self, _: &Rejected<'_>) -> std::io::Result<()> {
        panic!("no stream here is set to go on")
    }
}

/// Runs the stream to its end, or to its first error.
pub(crate) fn streamed(stream: &RecordStream<'_>, text: &str) -> Result<String, StreamError> {
    let mut collected = Collected(Vec::new());
    stream.run(text.as_bytes(), &mut collected)?;
    Ok(String::from_utf8(collected.0).unwrap())
}
