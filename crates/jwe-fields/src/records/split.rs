//! What a text of records is cut into.

use super::error::FramingError;

/// A piece of the text. The pieces of a text, one behind the other, are the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// So many bytes that belong to no record: they leave as they came.
    Between(usize),
    /// A record, with what leaves together with it.
    Record(RecordSpan),
}

/// The lengths of the parts of a record, which follow one another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RecordSpan {
    /// What separates the record from the one before it: white space, and a comma in a JSON array.
    pub(crate) lead: usize,
    /// The record itself.
    pub(crate) body: usize,
    /// What ends it: a line end.
    pub(crate) tail: usize,
}

impl Piece {
    /// The length in bytes.
    pub(crate) fn len(self) -> usize {
        match self {
            Self::Between(len) => len,
            // Parts of one slice, so the sum does not overflow.
            Self::Record(RecordSpan { lead, body, tail }) => lead + body + tail,
        }
    }
}

/// Where a text stops being one of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Break {
    /// The byte of the rest that must not stand there; the length of the rest if more has to come.
    pub(crate) at: usize,
    pub(crate) error: FramingError,
}

/// Finds the pieces of a text that comes bit by bit.
pub(crate) trait Split: Send {
    /// The next piece, or `None` if more of the text is needed to tell where it ends.
    ///
    /// `rest` begins where the last piece ended. After `None` the same bytes come again with more
    /// behind them, and those that were looked at are not looked at again. With `is_last` there
    /// are no more: a rest that is not empty then is a piece, or an error. A piece is empty only where
    /// all of a record was [forgotten](Self::forget).
    ///
    /// # Errors
    /// [`Break`]: it can't be told where a record ends.
    fn next(&mut self, rest: &[u8], is_last: bool) -> Result<Option<Piece>, Break>;

    /// After `None`: forget that the first `len` bytes of the rest came, which is taken away from
    /// before the next call. All of the rest had been looked at.
    fn forget(&mut self, len: usize);
}
