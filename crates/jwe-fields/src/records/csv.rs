//! Rows of CSV (RFC 4180).

use super::split::{Break, Piece, RecordSpan, Split};

/// A line is a row unless it is blank, and goes on in the next one where a quoted cell does. Its
/// end is `\n` or `\r\n`; the last row needs none.
///
/// A quote opens a cell only where a cell begins, and what follows the closing quote is text that
/// is not quoted. So a row with a quote in a wrong place, which is refused by those that work on it,
/// takes no other rows along.
#[derive(Debug)]
pub(crate) struct Rows {
    delimiter: u8,
    state: State,
    /// How much of the rest was looked at.
    scanned: usize,
    /// Whether a part of the row is gone.
    forgot: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A cell begins here.
    Start,
    /// Within a cell, or at its end.
    Text,
    /// Within quotes.
    Quoted,
    /// Behind a quote within quotes, which closes them unless it is doubled.
    Quote,
}

impl Rows {
    /// For cells with this byte between them.
    pub(crate) fn new(delimiter: u8) -> Self {
        Self { delimiter, state: State::Start, scanned: 0, forgot: false }
    }

    /// Where the row ends: at a line feed that is not quoted.
    fn end(&mut self, rest: &[u8]) -> Option<usize> {
        let mut at = self.scanned;
        self.scanned = rest.len();
        while let Some(new @ [first, ..]) = rest.get(at..) {
            match self.state {
                // Delimiters matter only where a quote stands behind.
                State::Start | State::Text => match memchr::memchr2(b'\n', b'"', new) {
                    Some(len) if new.get(len) == Some(&b'\n') => return Some(at + len),
                    Some(len) => {
                        let opens = self.begins_cell(new.get(..len).unwrap_or_default());
                        self.state = if opens { State::Quoted } else { State::Text };
                        at += len + 1;
                    }
                    None => {
                        let begins = self.begins_cell(new);
                        self.state = if begins { State::Start } else { State::Text };
                        return None;
                    }
                },
                State::Quoted => {
                    at += memchr::memchr(b'"', new)? + 1;
                    self.state = State::Quote;
                }
                State::Quote if *first == b'"' => {
                    at += 1;
                    self.state = State::Quoted;
                }
                State::Quote => self.state = State::Text,
            }
        }
        None
    }

    /// Whether a cell begins behind this text that is not quoted.
    fn begins_cell(&self, text: &[u8]) -> bool {
        match text.last() {
            Some(last) => *last == self.delimiter,
            None => self.state == State::Start,
        }
    }
}

impl Split for Rows {
    fn next(&mut self, rest: &[u8], is_last: bool) -> Result<Option<Piece>, Break> {
        let (row, end) = match self.end(rest) {
            Some(at) => rest.split_at(at),
            None if is_last && !rest.is_empty() => (rest, &[][..]),
            None => return Ok(None),
        };
        let line_end = usize::from(!end.is_empty());
        let is_blank = !self.forgot && matches!(row, [] | [b'\r']);
        *self = Self::new(self.delimiter);
        if is_blank {
            return Ok(Some(Piece::Between(row.len() + line_end)));
        }
        // Without the line feed it ends no line, and the row is refused.
        let tail = match row {
            [.., b'\r'] if line_end == 1 => 2,
            _ => line_end,
        };
        let body = row.len() + line_end - tail;
        Ok(Some(Piece::Record(RecordSpan { lead: 0, body, tail })))
    }

    fn forget(&mut self, len: usize) {
        self.forgot |= len > 0;
        self.scanned = self.scanned.saturating_sub(len);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::csv_row::{Cells, RowError, append_cell, needs_quotes};
    use super::super::test_support::{forgets_well, pieces};
    use super::*;
    use crate::test_support::runner;

    fn record(body: usize, tail: usize) -> Piece {
        Piece::Record(RecordSpan { lead: 0, body, tail })
    }

    fn rows(text: &[u8]) -> Vec<&[u8]> {
        let mut at = 0;
        let mut rows = Vec::new();
        for piece in pieces(|| Rows::new(b','), text).unwrap() {
            if let Piece::Record(span) = piece {
                assert_eq!(span.lead, 0);
                rows.push(&text[at..][..span.body]);
            }
            at += piece.len();
        }
        rows
    }

    #[test]
    fn rows_of_all_kinds() {
        let between = Piece::Between;
        for (text, wanted) in [
            ("", vec![]),
            ("a", vec![record(1, 0)]),
            ("a,b\r\nc,d\n", vec![record(3, 2), record(3, 1)]),
            ("a\n\n\r\nb\n", vec![record(1, 1), between(1), between(2), record(1, 1)]),
            ("\n", vec![between(1)]),
            ("a\n\r", vec![record(1, 1), between(1)]),
            // A line feed is missing, so the row is refused with its carriage return.
            ("a\r", vec![record(2, 0)]),
            ("a\rb\n", vec![record(3, 1)]),
            ("a\r\r\n", vec![record(2, 2)]),
            // White space is a cell.
            (" \n", vec![record(1, 1)]),
            ("\"\"\n", vec![record(2, 1)]),
            (",\n", vec![record(1, 1)]),
            ("\"a\n\nb\",c\r\nd\n", vec![record(8, 2), record(1, 1)]),
            ("a,\"\"\"\n\"\"\"\nb", vec![record(9, 1), record(1, 0)]),
            ("a,\"b\r\n\"\r\nc", vec![record(7, 2), record(1, 0)]),
            ("a,\"\"\n\"b\n", vec![record(4, 1), record(3, 0)]),
        ] {
            assert_eq!(pieces(|| Rows::new(b','), text.as_bytes()), Ok(wanted), "{text:?}");
        }
    }

    #[test]
    fn a_bad_row_takes_no_other_along() {
        for row in [
            "a\"b",
            "a \"b\",c",
            " \"b",
            "\"a\"b\"",
            "\"a\" \"",
            "\"a\"b,c\"",
            "\"a\n\"b\"c",
            "\"a\"\"\"b\"\"",
        ] {
            let text = format!("x\n{row}\ny,\"\n\"\nz");
            let wanted = ["x", row, "y,\"\n\"", "z"].map(str::as_bytes);
            assert_eq!(rows(text.as_bytes()), wanted, "{row:?}");
            let outcome: Result<Vec<_>, RowError> = Cells::new(row.as_bytes(), b',').collect();
            assert_eq!(outcome.unwrap_err().code(), "row_stray_quote", "{row:?}");
        }
        // But for quotes that are not closed.
        assert_eq!(rows(b"x\n\"a,b\ny\nz"), [&b"x"[..], b"\"a,b\ny\nz"]);
    }

    #[test]
    fn other_delimiters() {
        for delimiter in *b",;\t|" {
            let own = |text: &str| {
                let text = text.replace('|', char::from(delimiter).encode_utf8(&mut [0; 4]));
                pieces(|| Rows::new(delimiter), text.as_bytes())
            };
            assert_eq!(own("a|\"b\n\"\n"), Ok(vec![record(6, 1)]));
            assert_eq!(own("\"a\"|\"\n|\"\n"), Ok(vec![record(8, 1)]));
        }
        let text = b"a;\"b\nc;\"\n";
        assert_eq!(pieces(|| Rows::new(b';'), text), Ok(vec![record(8, 1)]));
        assert_eq!(pieces(|| Rows::new(b','), text), Ok(vec![record(4, 1), record(3, 1)]));
    }

    #[test]
    fn the_beginning_of_a_long_row_can_be_forgotten() {
        for text in [
            format!("a,b\n{},\"{}\n\"\"\"\r\n\nc\n", "x".repeat(200), "y".repeat(200)),
            format!("\"{}\"\r\n\r\n\"\",\"\n\"\n", "\"\"".repeat(100)),
            "abc,\"\"\"\"\nabc,d\"\n\"\n\"\n\nabcd\r\n".to_owned(),
        ] {
            forgets_well(|| Rows::new(b','), text.as_bytes());
        }
    }

    /// What another implementation reads.
    fn peer(text: &[u8]) -> Vec<Vec<Vec<u8>>> {
        csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text)
            .into_byte_records()
            .map(|record| record.unwrap().iter().map(<[u8]>::to_vec).collect())
            .collect()
    }

    fn cells(row: &[u8]) -> Result<Vec<Vec<u8>>, RowError> {
        let text = |cell: Result<super::super::csv_row::Cell, RowError>| {
            let cell = cell?;
            let mut text = Vec::new();
            cell.append_text(row, &mut text);
            let mut written = Vec::new();
            append_cell(&text, cell.quoted, &mut written);
            assert_eq!(written, row[cell.start..cell.end]);
            assert_eq!(written.len(), super::super::csv_row::cell_len(&text, cell.quoted));
            Ok(text)
        };
        Cells::new(row, b',').map(text).collect()
    }

    #[test]
    fn arbitrary_tables() {
        let text = prop_oneof![
            proptest::string::string_regex("[a\",\r\n é]{0,6}").unwrap(),
            // The peer takes a byte order mark away; here others have done so before.
            any::<String>().prop_map(|text| text.replace('\u{feff}', "")),
        ];
        let end = prop_oneof![Just("\n"), Just("\r\n"), Just("\n\n"), Just("\r\n\r\n\n")];
        let row = |len| {
            let cell = (text.clone(), any::<bool>());
            (proptest::collection::vec(cell, len), end.clone())
        };
        let table = (1..5_usize)
            .prop_flat_map(move |len| proptest::collection::vec(row(len), 0..6))
            .prop_flat_map(|rows| (Just(rows), any::<bool>()));
        runner(500)
            .run(&table, |(table, ends)| {
                let mut written = Vec::new();
                for (row, end) in &table {
                    for (at, (text, quoted)) in row.iter().enumerate() {
                        if at > 0 {
                            written.push(b',');
                        }
                        let text = text.as_bytes();
                        let quoted = *quoted || needs_quotes(text, b',', row.len() == 1);
                        append_cell(text, quoted, &mut written);
                    }
                    written.extend_from_slice(end.as_bytes());
                }
                if !ends {
                    // All cells that end with a line feed are in quotes.
                    while written.last() == Some(&b'\n') {
                        written.pop();
                        if written.last() == Some(&b'\r') {
                            written.pop();
                        }
                    }
                }
                let wanted: Vec<Vec<Vec<u8>>> = table
                    .iter()
                    .map(|(row, _)| row.iter().map(|(text, _)| text.clone().into_bytes()).collect())
                    .collect();
                let own: Vec<_> =
                    rows(&written).into_iter().map(|row| cells(row).unwrap()).collect();
                prop_assert_eq!(&own, &wanted);
                prop_assert_eq!(&own, &peer(&written));
                forgets_well(|| Rows::new(b','), &written);
                Ok(())
            })
            .unwrap();
    }

    #[test]
    fn arbitrary_bytes_agree_with_a_parser() {
        let byte = prop_oneof![
            8 => proptest::sample::select(b"\"\",\n\ra ".to_vec()),
            1 => any::<u8>(),
        ];
        let (accepted, refused) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
        runner(5000)
            .run(&proptest::collection::vec(byte, 0..24), |text| {
                let rows = rows(&text);
                let own: Result<Vec<_>, RowError> = rows.iter().map(|row| cells(row)).collect();
                for row in &rows {
                    let Ok(cells) = cells(row) else {
                        refused.set(refused.get() + 1);
                        continue;
                    };
                    accepted.set(accepted.get() + 1);
                    prop_assert_eq!(peer(row), [cells], "{}", row.escape_ascii());
                }
                if let Ok(own) = own {
                    prop_assert_eq!(peer(&text), own, "{}", text.escape_ascii());
                }
                forgets_well(|| Rows::new(b','), &text);
                Ok(())
            })
            .unwrap();
        assert!(accepted.get() > 1000 && refused.get() > 1000, "{accepted:?} {refused:?}");
    }
}
