//! Some records that are read, worked on and written together.

use zeroize::Zeroizing;

use super::error::{RecordError, StreamError};
use super::progress::Progress;
use super::sink::Part;
use super::split::Piece;
use crate::error::Position;

/// Records one behind the other, and what became of them. The memory is used again.
#[derive(Default)]
pub(crate) struct Batch {
    /// Which batch of the stream, from 0.
    pub(crate) number: u64,
    /// The input.
    pub(crate) text: Zeroizing<Vec<u8>>,
    pub(crate) pieces: Vec<Piece>,
    /// Instead of pieces, so many bytes of a record that is not held in memory.
    pub(crate) part_of_long_record: Option<(Part, usize)>,
    /// Whether the record that it begins with began in an earlier batch.
    pub(crate) begins_inside: bool,
    /// How far the input was dealt with before, and is with this batch.
    pub(crate) before: Progress,
    pub(crate) behind: Progress,
    /// The line and the byte of that line at which the text begins.
    pub(crate) start: Start,
    /// What becomes of it.
    pub(crate) output: Zeroizing<Vec<u8>>,
    /// The same as it is written, if that differs.
    pub(crate) encoded: Zeroizing<Vec<u8>>,
    pub(crate) is_encoded: bool,
    /// The comma that has to go if nothing was written before this batch.
    pub(crate) first_comma: Option<usize>,
    pub(crate) values: u64,
    pub(crate) refused: Vec<Refused>,
    /// Where the stream has to end.
    pub(crate) end: Option<End>,
}

/// A record of a batch that was refused.
pub(crate) struct Refused {
    /// Which record of the batch, from 0.
    pub(crate) at: u64,
    /// The line in which it begins.
    pub(crate) line: u64,
    /// Where its body stands in the text.
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) error: RecordError,
}

/// Why and where a stream ends with a batch.
pub(crate) struct End {
    pub(crate) error: StreamError,
    /// How many bytes of the text and how many records stand before the place.
    pub(crate) taken: usize,
    pub(crate) records: u64,
}

/// Memory beyond this is given back after use, so that one large record does not hold it for ever.
const KEPT: usize = 2 * 1024 * 1024;

/// A guess of the texts in an error.
const TEXTS_OF_REFUSED: usize = 64;

impl Batch {
    /// Adds a piece; one that is no record is made one with such a piece before it.
    pub(crate) fn push(&mut self, piece: Piece) {
        match (self.pieces.last_mut(), piece) {
            (Some(Piece::Between(before)), Piece::Between(more)) => *before += more,
            _ => self.pieces.push(piece),
        }
    }

    /// Forgets the content and keeps the memory, which is wiped when it is given back.
    pub(crate) fn clear(&mut self) {
        if self.memory() > KEPT {
            *self = Self::default();
            return;
        }
        self.text.clear();
        self.pieces.clear();
        self.part_of_long_record = None;
        self.begins_inside = false;
        self.output.clear();
        self.encoded.clear();
        self.is_encoded = false;
        self.first_comma = None;
        self.values = 0;
        self.refused.clear();
        self.end = None;
    }

    /// How many bytes of the text are pieces, or part of a long record.
    pub(crate) fn taken(&self) -> usize {
        let pieces: usize = self.pieces.iter().map(|piece| piece.len()).sum();
        pieces + self.part_of_long_record.map_or(0, |(_, len)| len)
    }

    /// How many records end in the batch.
    pub(crate) fn records(&self) -> u64 {
        let is_record = |piece: &&Piece| matches!(piece, Piece::Record(_));
        let long = matches!(self.part_of_long_record, Some((Part::Last, _)));
        self.pieces.iter().filter(is_record).count() as u64 + u64::from(long)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pieces.is_empty() && self.part_of_long_record.is_none()
    }

    /// How many bytes of memory it holds.
    pub(crate) fn memory(&self) -> usize {
        self.text.capacity()
            + self.output.capacity()
            + self.encoded.capacity()
            + self.pieces.capacity() * size_of::<Piece>()
            + self.refused.capacity() * (size_of::<Refused>() + TEXTS_OF_REFUSED)
    }
}

/// A place in the input: the line, and the byte of the line, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) line: u64,
    pub(crate) column: u64,
}

impl Default for Start {
    fn default() -> Self {
        Self { line: 1, column: 1 }
    }
}

impl Start {
    /// The place behind some text that stands here.
    pub(crate) fn behind(self, text: &[u8]) -> Self {
        match memchr::memrchr(b'\n', text) {
            None => Self { line: self.line, column: self.column + text.len() as u64 },
            Some(last) => Self {
                line: self.line + memchr::memchr_iter(b'\n', text).count() as u64,
                column: (text.len() - last) as u64,
            },
        }
    }

    /// As errors have it; a line or a column beyond what memory could hold is cut.
    pub(crate) fn position(self) -> Position {
        let cut = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Position { line: cut(self.line), column: cut(self.column) }
    }
}

#[cfg(test)]
mod tests {
    use super::Start;

    #[test]
    fn places_go_on_from_batch_to_batch() {
        let at = |line, column| Start { line, column };
        let start = Start::default();
        assert_eq!(start, at(1, 1));
        assert_eq!(start.behind(b"ab"), at(1, 3));
        assert_eq!(start.behind(b"ab").behind(b"c\n"), at(2, 1));
        assert_eq!(start.behind(b"\n\nab"), at(3, 3));
    }
}
