//! Reads the input and cuts it into batches.

use std::io::{ErrorKind, Read};

use crc32fast::Hasher;
use jwe_core::wiped;
use zeroize::Zeroizing;

use super::batch::{Batch, Start};
use super::error::{RecordError, StreamError};
use super::progress::Progress;
use super::sink::Part;
use super::split::{Break, Piece, Split};

/// How much is read at once: enough that what a batch costs beside its records does not count, and
/// little enough that output follows input soon.
const BLOCK: usize = 64 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Where a batch has to end, if not where what was read ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    Anywhere,
    /// Behind the first record.
    FirstRecord,
    /// At this byte of the input, or behind the piece that it is in.
    Byte(u64),
}

/// The input, as far as it was read.
pub(crate) struct Source<R> {
    reader: R,
    split: Box<dyn Split>,
    max_record_len: usize,
    /// What was read behind the last piece that was handed out.
    rest: Zeroizing<Vec<u8>>,
    has_begun: bool,
    is_last: bool,
    inside_long_record: bool,
    failed: Option<StreamError>,
    /// Of `progress`, what the input alone decides.
    input: Progress,
    start: Start,
    batches: u64,
}

impl<R: Read> Source<R> {
    pub(crate) fn new(reader: R, split: Box<dyn Split>, max_record_len: usize) -> Self {
        Self {
            reader,
            split,
            max_record_len,
            rest: Zeroizing::default(),
            has_begun: false,
            is_last: false,
            inside_long_record: false,
            failed: None,
            input: Progress::default(),
            start: Start::default(),
            batches: 0,
        }
    }

    /// The number of the next batch.
    pub(crate) fn next_number(&self) -> u64 {
        self.batches
    }

    /// Fills a batch, and says whether there was anything left to fill it with.
    ///
    /// # Errors
    /// [`StreamError::Read`], [`StreamError::Framing`]; the batch then has no pieces.
    pub(crate) fn fill(&mut self, batch: &mut Batch) -> Result<bool, StreamError> {
        let is_filled = self.fill_until(batch, Until::Anywhere)?;
        batch.number = self.batches;
        self.batches += u64::from(is_filled);
        Ok(is_filled)
    }

    /// Fills a batch up to the first record, which names columns and is not counted. The batch has
    /// no record if the input has none.
    ///
    /// # Errors
    /// As [`fill`](Self::fill), and [`StreamError::Header`].
    pub(crate) fn fill_header(&mut self, batch: &mut Batch) -> Result<(), StreamError> {
        self.fill_until(batch, Until::FirstRecord)?;
        self.input.records = 0;
        batch.behind = self.input;
        Ok(())
    }

    /// Passes over what was dealt with before.
    ///
    /// # Errors
    /// As [`fill`](Self::fill), and [`StreamError::OtherInput`] if it is not what it was.
    pub(crate) fn pass_over(&mut self, before: &Progress) -> Result<(), StreamError> {
        let mut batch = Batch::default();
        while self.input.input_bytes < before.input_bytes {
            match self.fill_until(&mut batch, Until::Byte(before.input_bytes)) {
                Ok(true) => {}
                // It could be read before, or it is another one.
                Ok(false) | Err(StreamError::Framing { .. }) => break,
                Err(error) => return Err(error),
            }
        }
        let now = self.input;
        let same = now.input_bytes == before.input_bytes
            && now.input_crc32 == before.input_crc32
            && now.records == before.records
            && !self.inside_long_record;
        if same { Ok(()) } else { Err(StreamError::OtherInput) }
    }

    fn fill_until(&mut self, batch: &mut Batch, until: Until) -> Result<bool, StreamError> {
        batch.clear();
        batch.before = self.input;
        batch.start = self.start;
        batch.begins_inside = self.inside_long_record;
        core::mem::swap(&mut batch.text, &mut self.rest);
        let outcome = self.take_pieces(batch, until);
        let taken = batch.taken();
        let text = batch.text.as_slice();
        // What is left is the beginning of one record at most, if the batch may end anywhere.
        wiped::truncate(&mut self.rest, 0);
        let rest = text.get(taken..).unwrap_or_default();
        wiped::reserve(&mut self.rest, rest.len());
        self.rest.extend_from_slice(rest);
        wiped::truncate(&mut batch.text, taken);
        let text = batch.text.as_slice();
        self.start = self.start.behind(text);
        let mut crc = Hasher::new_with_initial(self.input.input_crc32);
        crc.update(text);
        self.input.input_crc32 = crc.finalize();
        self.input.input_bytes += taken as u64;
        self.input.records += batch.records();
        batch.behind = self.input;
        outcome?;
        Ok(!batch.is_empty())
    }

    /// Reads until there are pieces, and takes all that there are.
    fn take_pieces(&mut self, batch: &mut Batch, until: Until) -> Result<(), StreamError> {
        if let Some(failed) = self.failed.take() {
            return Err(failed);
        }
        if !self.has_begun {
            while batch.text.len() < BYTE_ORDER_MARK.len() && self.read(batch)? {}
            self.has_begun = true;
            if batch.text.starts_with(BYTE_ORDER_MARK) {
                batch.push(Piece::Between(BYTE_ORDER_MARK.len()));
            }
        }
        let mut taken = batch.taken();
        loop {
            loop {
                if let Until::Byte(byte) = until
                    && batch.before.input_bytes + taken as u64 >= byte
                {
                    return Ok(());
                }
                let rest = batch.text.get(taken..).unwrap_or_default();
                let piece = match self.split.next(rest, self.is_last) {
                    Ok(Some(piece)) => piece,
                    Ok(None) => break,
                    Err(Break { at, error }) => {
                        let before = batch.text.get(..taken + at).unwrap_or_default();
                        let failed = StreamError::Framing {
                            record: batch.before.records + batch.records(),
                            line: self.start.behind(before).line,
                            error,
                        };
                        if batch.pieces.is_empty() {
                            return Err(failed);
                        }
                        // What stands before it comes first.
                        self.failed = Some(failed);
                        return Ok(());
                    }
                };
                taken += piece.len();
                if self.inside_long_record {
                    self.inside_long_record = false;
                    batch.part_of_long_record = Some((Part::Last, taken));
                    return Ok(());
                }
                batch.push(piece);
                if until == Until::FirstRecord && matches!(piece, Piece::Record(_)) {
                    return Ok(());
                }
            }
            if !batch.pieces.is_empty() && until != Until::FirstRecord {
                return Ok(());
            }
            let rest = batch.text.len() - taken;
            if self.is_last {
                if self.inside_long_record {
                    self.inside_long_record = false;
                    batch.part_of_long_record = Some((Part::Last, rest));
                }
                return Ok(());
            }
            if until == Until::FirstRecord && batch.text.len() > self.longest_rest() {
                let limit = self.max_record_len;
                return Err(StreamError::Header(RecordError::TooLong { limit }));
            }
            if self.inside_long_record && rest > 0 || rest > self.longest_rest() {
                let part = if self.inside_long_record { Part::Middle } else { Part::First };
                self.inside_long_record = true;
                batch.part_of_long_record = Some((part, rest));
                self.split.forget(rest);
                return Ok(());
            }
            self.read(batch)?;
        }
    }

    /// The length of a rest that may still be a record within the limit: a carriage return behind it
    /// may be the beginning of its line end.
    fn longest_rest(&self) -> usize {
        self.max_record_len.saturating_add(1)
    }

    /// Reads a block behind the text, and says whether there was more.
    fn read(&mut self, batch: &mut Batch) -> Result<bool, StreamError> {
        let len = batch.text.len();
        wiped::reserve(&mut batch.text, BLOCK);
        batch.text.resize(len + BLOCK, 0);
        let outcome = loop {
            match self.reader.read(batch.text.get_mut(len..).unwrap_or_default()) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                outcome => break outcome,
            }
        };
        let read = *outcome.as_ref().unwrap_or(&0);
        batch.text.truncate(len + read.min(BLOCK));
        self.is_last = outcome.map_err(StreamError::Read)? == 0;
        Ok(!self.is_last)
    }
}
