//! Where records go.

use core::fmt;
use core::ops::ControlFlow;
use std::io;

use super::error::RecordError;
use super::progress::Progress;

/// Takes what a stream makes of its input, in the order of the input. It is called by one thread
/// at a time, but not always by the same.
pub trait Sink: Send {
    /// Takes output: records that are whole, and what stands between them.
    ///
    /// # Errors
    /// An error ends the stream.
    fn write(&mut self, output: &[u8]) -> io::Result<()>;

    /// Takes a record that was refused, where
    /// [`RecordStream::with_rejects`](super::RecordStream::with_rejects) is set.
    ///
    /// # Errors
    /// An error ends the stream.
    fn reject(&mut self, rejected: &Rejected<'_>) -> io::Result<()>;

    /// Everything that came of the input up to here has been handed over: the place to store how
    /// far the stream has come, and to ask it to stop.
    ///
    /// # Errors
    /// An error ends the stream.
    fn reached(&mut self, progress: &Progress) -> io::Result<ControlFlow<()>> {
        let _ = progress;
        Ok(ControlFlow::Continue(()))
    }
}

impl<S: Sink + ?Sized> Sink for &mut S {
    fn write(&mut self, output: &[u8]) -> io::Result<()> {
        (**self).write(output)
    }

    fn reject(&mut self, rejected: &Rejected<'_>) -> io::Result<()> {
        (**self).reject(rejected)
    }

    fn reached(&mut self, progress: &Progress) -> io::Result<ControlFlow<()>> {
        (**self).reached(progress)
    }
}

/// A record that was refused, as it came, without the line end or the comma beside it.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Rejected<'a> {
    /// Which record, from 1.
    pub record: u64,
    /// The line in which it begins, from 1.
    pub line: u64,
    /// Why it was refused.
    pub error: &'a RecordError,
    /// Its bytes, which are confidential, or a part of them.
    pub bytes: &'a [u8],
    /// Which part they are. Only a record that is too long comes in parts, because it is not held
    /// in memory; the white space and the line end around it are in them.
    pub part: Part,
}

impl fmt::Debug for Rejected<'_> {
    /// Without the bytes of the record, which nobody should find in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejected")
            .field("record", &self.record)
            .field("line", &self.line)
            .field("error", &self.error)
            .field("part", &self.part)
            .finish_non_exhaustive()
    }
}

/// Which part of a record some bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// Its beginning.
    First,
    /// More of it.
    Middle,
    /// Its end.
    Last,
}
