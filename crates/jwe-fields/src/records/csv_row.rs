//! The cells of one row of CSV (RFC 4180).

use core::fmt;

/// Why a row can't be taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RowError {
    /// A quote stands in a cell that is not quoted, or text behind the closing quote (RFC 4180 §2,
    /// rules 5 to 7).
    StrayQuote {
        /// Which cell of the row, from 1.
        cell: usize,
    },
    /// A carriage return stands outside of quotes, and no line feed behind it.
    CarriageReturn {
        /// Which cell of the row, from 1.
        cell: usize,
    },
    /// A quoted cell is not closed where the text ends.
    Unclosed {
        /// Which cell of the row, from 1.
        cell: usize,
    },
    /// The row has more or fewer cells than the first one.
    CellCount {
        /// How many cells the first row has.
        expected: usize,
        /// How many this row has.
        found: usize,
    },
    /// A cell that is to be encrypted, or the id of the record, is not UTF-8.
    NotUtf8 {
        /// Which cell of the row, from 1.
        cell: usize,
    },
}

impl RowError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::StrayQuote { .. } => "row_stray_quote",
            Self::CarriageReturn { .. } => "row_carriage_return",
            Self::Unclosed { .. } => "row_unclosed",
            Self::CellCount { .. } => "row_cell_count",
            Self::NotUtf8 { .. } => "row_not_utf8",
        }
    }
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StrayQuote { cell } => write!(
                f,
                "cell {cell} has a quote in a wrong place: put the whole cell in quotes and double those in it"
            ),
            Self::CarriageReturn { cell } => write!(
                f,
                "cell {cell} has a carriage return without a line feed: end lines with LF or CR LF, or put the cell in quotes"
            ),
            Self::Unclosed { cell } => {
                write!(f, "the quotes of cell {cell} are not closed: close them, or get the rest")
            }
            Self::CellCount { expected, found } => write!(
                f,
                "the row has {found} cells and the first row {expected}: correct it, or name the delimiter that the file has"
            ),
            Self::NotUtf8 { cell } => {
                write!(f, "cell {cell} is not UTF-8: write the file as UTF-8")
            }
        }
    }
}

impl core::error::Error for RowError {}

/// Where a cell stands in its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    /// Where it begins, its quote included.
    pub(crate) start: usize,
    /// Where it ends, its quote included.
    pub(crate) end: usize,
    /// Whether it is in quotes.
    pub(crate) quoted: bool,
}

impl Cell {
    /// What stands in the cell, without the quotes around it and with those in it doubled.
    pub(crate) fn content<'a>(&self, row: &'a [u8]) -> &'a [u8] {
        let quote = usize::from(self.quoted);
        row.get(self.start + quote..self.end - quote).unwrap_or_default()
    }

    /// Appends the text of the cell, which is never longer than [`content`](Self::content).
    pub(crate) fn append_text(&self, row: &[u8], out: &mut Vec<u8>) {
        let mut rest = self.content(row);
        if self.quoted {
            while let Some(quote) = memchr::memchr(b'"', rest) {
                out.extend_from_slice(rest.get(..=quote).unwrap_or_default());
                rest = rest.get(quote + 2..).unwrap_or_default();
            }
        }
        out.extend_from_slice(rest);
    }
}

/// The cells of a row, which comes without its line end, in their order and one by one: a row may
/// have as many as bytes. After an error there are no more.
#[derive(Clone, Debug)]
pub(crate) struct Cells<'a> {
    row: &'a [u8],
    delimiter: u8,
    /// Where the next cell begins.
    start: Option<usize>,
    /// How many there were.
    count: usize,
}

impl<'a> Cells<'a> {
    pub(crate) fn new(row: &'a [u8], delimiter: u8) -> Self {
        Self { row, delimiter, start: Some(0), count: 0 }
    }

    fn quoted(&self, start: usize) -> Result<usize, RowError> {
        let cell = self.count;
        let mut at = start + 1;
        loop {
            let rest = self.row.get(at..).unwrap_or_default();
            at += memchr::memchr(b'"', rest).ok_or(RowError::Unclosed { cell })? + 1;
            match self.row.get(at) {
                Some(b'"') => at += 1,
                None => return Ok(at),
                Some(byte) if *byte == self.delimiter => return Ok(at),
                Some(b'\r') => return Err(RowError::CarriageReturn { cell }),
                Some(_) => return Err(RowError::StrayQuote { cell }),
            }
        }
    }

    fn unquoted(&self, start: usize) -> Result<usize, RowError> {
        let cell = self.count;
        let rest = self.row.get(start..).unwrap_or_default();
        let Some(len) = memchr::memchr3(self.delimiter, b'"', b'\r', rest) else {
            return Ok(self.row.len());
        };
        match rest.get(len) {
            Some(b'"') => Err(RowError::StrayQuote { cell }),
            Some(b'\r') => Err(RowError::CarriageReturn { cell }),
            _ => Ok(start + len),
        }
    }
}

impl Iterator for Cells<'_> {
    type Item = Result<Cell, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.start.take()?;
        self.count += 1;
        let quoted = self.row.get(start) == Some(&b'"');
        let end = if quoted { self.quoted(start) } else { self.unquoted(start) };
        Some(end.map(|end| {
            self.start = (end < self.row.len()).then_some(end + 1);
            Cell { start, end, quoted }
        }))
    }
}

/// Whether a cell of this text has to be in quotes. An empty cell has to if it is the only one of
/// its row, because a blank line is no row.
pub(crate) fn needs_quotes(text: &[u8], delimiter: u8, is_only: bool) -> bool {
    (is_only && text.is_empty())
        || memchr::memchr3(delimiter, b'"', b'\n', text).is_some()
        || memchr::memchr(b'\r', text).is_some()
}

/// The most bytes that one byte of a text takes in a cell with quotes.
pub(crate) const LONGEST_QUOTE: usize = 2;

/// The length of what [`append_cell`] appends.
pub(crate) fn cell_len(text: &[u8], quoted: bool) -> usize {
    if quoted { text.len() + memchr::memchr_iter(b'"', text).count() + 2 } else { text.len() }
}

/// Appends a cell of this text, which must be in quotes if it [needs](needs_quotes) them.
pub(crate) fn append_cell(text: &[u8], quoted: bool, out: &mut Vec<u8>) {
    if !quoted {
        out.extend_from_slice(text);
        return;
    }
    out.push(b'"');
    let mut rest = text;
    while let Some(quote) = memchr::memchr(b'"', rest) {
        let (before, behind) = rest.split_at(quote + 1);
        out.extend_from_slice(before);
        out.push(b'"');
        rest = behind;
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(row: &str, delimiter: u8) -> Result<Vec<String>, RowError> {
        let text = |cell: Result<Cell, RowError>| {
            let mut text = Vec::new();
            cell?.append_text(row.as_bytes(), &mut text);
            Ok(String::from_utf8(text).unwrap())
        };
        Cells::new(row.as_bytes(), delimiter).map(text).collect()
    }

    #[test]
    fn cells_of_all_kinds() {
        for (row, wanted) in [
            ("", vec![""]),
            ("a", vec!["a"]),
            ("a,b", vec!["a", "b"]),
            (",", vec!["", ""]),
            (",,a,", vec!["", "", "a", ""]),
            (" a , b ", vec![" a ", " b "]),
            ("\"\"", vec![""]),
            ("\"\",", vec!["", ""]),
            (",\"\"", vec!["", ""]),
            ("\"a,b\",c", vec!["a,b", "c"]),
            ("\"a\r\nb\n\r\",\"\"\"\"", vec!["a\r\nb\n\r", "\""]),
            ("\"\"\"a\"\"\",\"\"\"\"\"\"", vec!["\"a\"", "\"\""]),
            ("é,\"ü\"", vec!["é", "ü"]),
        ] {
            assert_eq!(texts(row, b',').unwrap(), wanted, "{row:?}");
        }
        assert_eq!(texts("a,b;\"c;\"", b';').unwrap(), ["a,b", "c;"]);
        assert_eq!(texts("a,b\t c", b'\t').unwrap(), ["a,b", " c"]);
        assert_eq!(texts(&",".repeat(299), b',').unwrap().len(), 300);
    }

    #[test]
    fn what_is_no_row() {
        use RowError::{CarriageReturn, StrayQuote, Unclosed};
        for (row, error) in [
            ("a\"", StrayQuote { cell: 1 }),
            ("a, \"b\"", StrayQuote { cell: 2 }),
            ("a,b\"c", StrayQuote { cell: 2 }),
            ("\"a\"b", StrayQuote { cell: 1 }),
            ("\"a\" ,b", StrayQuote { cell: 1 }),
            ("\"\"a\"", StrayQuote { cell: 1 }),
            (",\"a\" \"\"", StrayQuote { cell: 2 }),
            ("a\r", CarriageReturn { cell: 1 }),
            ("a,\rb", CarriageReturn { cell: 2 }),
            ("a,\"b\"\r", CarriageReturn { cell: 2 }),
            ("\"", Unclosed { cell: 1 }),
            ("a,b,\"c", Unclosed { cell: 3 }),
            ("\"a\"\"", Unclosed { cell: 1 }),
            ("\"a,b", Unclosed { cell: 1 }),
        ] {
            assert_eq!(texts(row, b','), Err(error), "{row:?}");
            // Nothing comes behind an error.
            let mut cells = Cells::new(row.as_bytes(), b',').skip_while(Result::is_ok);
            assert_eq!(cells.next(), Some(Err(error)));
            assert_eq!(cells.next(), None);
        }
    }

    #[test]
    fn quotes_stand_where_they_must() {
        for text in ["a,b", "\"", "a\nb", "a\rb", ","] {
            assert!(needs_quotes(text.as_bytes(), b',', false), "{text:?}");
        }
        for text in ["", "a", " ", "a;b", "\t", "é"] {
            assert!(!needs_quotes(text.as_bytes(), b',', false), "{text:?}");
        }
        assert!(needs_quotes(b"a;b", b';', false));
        assert!(needs_quotes(b"", b',', true));
        assert!(!needs_quotes(b"a", b',', true));
    }

    #[test]
    fn errors_say_where_and_what_to_do() {
        for (error, code, text) in [
            (RowError::StrayQuote { cell: 2 }, "row_stray_quote", "cell 2 "),
            (RowError::CarriageReturn { cell: 2 }, "row_carriage_return", "cell 2 "),
            (RowError::Unclosed { cell: 2 }, "row_unclosed", "cell 2 "),
            (RowError::NotUtf8 { cell: 2 }, "row_not_utf8", "cell 2 "),
            (RowError::CellCount { expected: 3, found: 2 }, "row_cell_count", "2 cells "),
        ] {
            assert_eq!(error.code(), code);
            let shown = error.to_string();
            assert!(shown.contains(text) && shown.contains(": "), "{shown}");
        }
    }
}
