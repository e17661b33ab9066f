//! A stream of records, ready to run.

use core::fmt;
use core::num::NonZero;
use std::io::Read;

use super::batch::Batch;
use super::columns::{ColumnDecrypter, ColumnEncrypter};
use super::csv::Rows;
use super::encode::Encode;
use super::error::{RecordError, StreamError};
use super::json_array::Elements;
use super::ndjson::Lines;
use super::pipeline::Pipeline;
use super::progress::Progress;
use super::sink::Sink;
use super::source::Source;
use super::split::{Piece, Split};
use super::work::Work;
use crate::decrypt::FieldDecrypter;
use crate::encrypt::FieldEncrypter;

/// What is done to each JSON document.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Fields<'a> {
    /// Selected values are encrypted.
    Encrypt(&'a FieldEncrypter),
    /// Selected values are decrypted.
    Decrypt(&'a FieldDecrypter),
}

impl<'a> From<&'a FieldEncrypter> for Fields<'a> {
    fn from(fields: &'a FieldEncrypter) -> Self {
        Self::Encrypt(fields)
    }
}

impl<'a> From<&'a FieldDecrypter> for Fields<'a> {
    fn from(fields: &'a FieldDecrypter) -> Self {
        Self::Decrypt(fields)
    }
}

impl<'a> Fields<'a> {
    fn work(self) -> &'a dyn Work {
        match self {
            Self::Encrypt(fields) => fields,
            Self::Decrypt(fields) => fields,
        }
    }
}

/// What is done to each row of CSV.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Columns<'a> {
    /// The cells of named columns are encrypted.
    Encrypt(&'a ColumnEncrypter),
    /// The cells of named columns are decrypted.
    Decrypt(&'a ColumnDecrypter),
}

impl<'a> From<&'a ColumnEncrypter> for Columns<'a> {
    fn from(columns: &'a ColumnEncrypter) -> Self {
        Self::Encrypt(columns)
    }
}

impl<'a> From<&'a ColumnDecrypter> for Columns<'a> {
    fn from(columns: &'a ColumnDecrypter) -> Self {
        Self::Decrypt(columns)
    }
}

impl<'a> Columns<'a> {
    fn delimiter(self) -> u8 {
        match self {
            Self::Encrypt(columns) => columns.delimiter(),
            Self::Decrypt(columns) => columns.delimiter(),
        }
    }

    fn bind(self, header: &[u8]) -> Result<Box<dyn Work + 'a>, StreamError> {
        Ok(match self {
            Self::Encrypt(columns) => Box::new(columns.bind(header)?),
            Self::Decrypt(columns) => Box::new(columns.bind(header)?),
        })
    }
}

#[derive(Clone, Copy)]
enum Form<'a> {
    Lines(Fields<'a>),
    Elements(Fields<'a>),
    Rows(Columns<'a>),
}

/// Encrypts or decrypts a stream of records of any length.
///
/// Records are worked on by several threads and leave in the order in which they came; every byte
/// outside the selected values leaves as it came, so blank lines, line ends and a byte order mark
/// too. The memory does not grow with the input.
#[derive(Clone)]
pub struct RecordStream<'a> {
    form: Form<'a>,
    threads: NonZero<usize>,
    max_record_len: usize,
    max_buffered: usize,
    rejects: bool,
    encode: Option<&'a dyn Encode>,
}

impl<'a> RecordStream<'a> {
    /// The longest record in bytes, if nothing else is set.
    pub const DEFAULT_MAX_RECORD_LEN: usize = 16 * 1024 * 1024;
    /// The most threads that work.
    pub const MOST_THREADS: NonZero<usize> = NonZero::new(1024).unwrap();
    /// The bytes that wait to be worked on or written, if nothing else is set.
    pub const DEFAULT_MAX_BUFFERED: usize = 64 * 1024 * 1024;

    /// Newline-delimited JSON: each line that is not blank is a document.
    #[must_use]
    pub fn ndjson(fields: impl Into<Fields<'a>>) -> Self {
        Self::of(Form::Lines(fields.into()))
    }

    /// One JSON array, each element of which is a document.
    #[must_use]
    pub fn json_array(fields: impl Into<Fields<'a>>) -> Self {
        Self::of(Form::Elements(fields.into()))
    }

    /// CSV (RFC 4180), the first row of which names the columns. Blank lines are no rows.
    #[must_use]
    pub fn csv(columns: impl Into<Columns<'a>>) -> Self {
        Self::of(Form::Rows(columns.into()))
    }

    fn of(form: Form<'a>) -> Self {
        Self {
            form,
            threads: std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN),
            max_record_len: Self::DEFAULT_MAX_RECORD_LEN,
            max_buffered: Self::DEFAULT_MAX_BUFFERED,
            rejects: false,
            encode: None,
        }
    }

    /// How many threads work, the calling one among them; as many as the machine runs at a time if
    /// not set, [`MOST_THREADS`](Self::MOST_THREADS) at most. Where the system gives fewer, fewer do.
    #[must_use]
    pub fn with_threads(mut self, threads: NonZero<usize>) -> Self {
        self.threads = threads.min(Self::MOST_THREADS);
        self
    }

    /// The longest record in bytes;
    /// [`DEFAULT_MAX_RECORD_LEN`](Self::DEFAULT_MAX_RECORD_LEN) if not set. The limit of a document
    /// in the settings of the encrypter or decrypter holds beside it, for what decryption makes of a
    /// record too. In an array, what separates a record from the one before it counts as well.
    #[must_use]
    pub fn with_max_record_len(mut self, bytes: usize) -> Self {
        self.max_record_len = bytes;
        self
    }

    /// How many bytes may wait to be worked on or written;
    /// [`DEFAULT_MAX_BUFFERED`](Self::DEFAULT_MAX_BUFFERED) if not set. A batch, 64 KiB or the one
    /// record that is longer, counts 16 times its length while it is worked on, and then what it
    /// takes. One is always admitted; a record of 16 MiB that is an array of single digits takes
    /// about 300 MiB, most of it for its index.
    #[must_use]
    pub fn with_max_buffered(mut self, bytes: usize) -> Self {
        self.max_buffered = bytes;
        self
    }

    /// Has records that are refused handed to [`Sink::reject`], and goes on. Without it the first
    /// one ends the stream.
    #[must_use]
    pub fn with_rejects(mut self) -> Self {
        self.rejects = true;
        self
    }

    /// Has the output brought into another form before it is written.
    #[must_use]
    pub fn with_encoding(mut self, encode: &'a dyn Encode) -> Self {
        self.encode = Some(encode);
        self
    }

    /// Reads the input to its end and hands what becomes of it to the sink. What is returned is
    /// also what the sink was told last, if it was told anything.
    ///
    /// # Errors
    /// [`StreamError`]. The sink then has all that stands before the place of the error, and nothing
    /// of what stands behind it; of a record that is too long it may have the first parts, of which
    /// it was not told that they were reached. An error is returned once a read that is under way on
    /// another thread has returned.
    pub fn run(&self, input: impl Read + Send, sink: impl Sink) -> Result<Progress, StreamError> {
        self.resume(input, sink, &Progress::default())
    }

    /// Goes on where a run of the same stream over the same input had come to. The input is given
    /// from its beginning; what was dealt with is read again and compared by its checksum, and
    /// nothing of it is handed to the sink.
    ///
    /// # Errors
    /// As [`run`](Self::run), and [`StreamError::OtherInput`].
    pub fn resume(
        &self,
        input: impl Read + Send,
        mut sink: impl Sink,
        before: &Progress,
    ) -> Result<Progress, StreamError> {
        let split: Box<dyn Split> = match self.form {
            Form::Lines(_) => Box::new(Lines::default()),
            Form::Elements(_) => Box::new(Elements::default()),
            Form::Rows(columns) => Box::new(Rows::new(columns.delimiter())),
        };
        let mut source = Source::new(input, split, self.max_record_len);
        let bound;
        let mut begun = *before;
        let work: &dyn Work = match self.form {
            Form::Lines(fields) | Form::Elements(fields) => fields.work(),
            Form::Rows(columns) => {
                let mut head = Batch::default();
                source.fill_header(&mut head)?;
                let text = head.text.as_slice();
                let Some(Piece::Record(span)) = head.pieces.last() else {
                    // Blank lines at most.
                    return self.only_head(&head, &mut sink, before);
                };
                let end = text.len().saturating_sub(span.tail);
                if span.body > self.max_record_len {
                    let limit = self.max_record_len;
                    return Err(StreamError::Header(RecordError::TooLong { limit }));
                }
                let header = text.get(end.saturating_sub(span.body)..end).unwrap_or_default();
                bound = columns.bind(header)?;
                if before.input_bytes == 0 {
                    begun = self.write_head(&head, &mut sink)?;
                }
                &*bound
            }
        };
        source.pass_over(&begun)?;
        let mut pipeline = Pipeline::new(work, source, sink, begun, self.max_record_len);
        pipeline.encode = self.encode;
        pipeline.rejects = self.rejects;
        pipeline.max_buffered = self.max_buffered;
        pipeline.run(self.threads.get())
    }

    /// A text without a row of names has no other rows either.
    fn only_head(
        &self,
        head: &Batch,
        sink: &mut impl Sink,
        before: &Progress,
    ) -> Result<Progress, StreamError> {
        if *before == head.behind {
            return Ok(head.behind);
        }
        if *before != Progress::default() {
            return Err(StreamError::OtherInput);
        }
        self.write_head(head, sink)
    }

    /// Hands over the row that names the columns, and what stands before it.
    fn write_head(&self, head: &Batch, sink: &mut impl Sink) -> Result<Progress, StreamError> {
        if head.text.is_empty() {
            return Ok(head.behind);
        }
        match self.encode {
            Some(encode) => {
                let mut encoded = Vec::new();
                encode.encode(&head.text, &mut encoded).map_err(StreamError::Write)?;
                sink.write(&encoded)
            }
            None => sink.write(&head.text),
        }
        .map_err(StreamError::Write)?;
        match sink.reached(&head.behind).map_err(StreamError::Write)? {
            core::ops::ControlFlow::Continue(()) => Ok(head.behind),
            core::ops::ControlFlow::Break(()) => Err(StreamError::Stopped),
        }
    }
}

impl fmt::Debug for RecordStream<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordStream").field("threads", &self.threads).finish_non_exhaustive()
    }
}
