//! Newline-delimited JSON: a JSON text on each line.

use super::split::{Break, Piece, RecordSpan, Split};

/// A line is a record unless it is blank. Its end is `\n` or `\r\n`; the last line needs none.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    scanned: usize,
}

impl Split for Lines {
    fn next(&mut self, rest: &[u8], is_last: bool) -> Result<Option<Piece>, Break> {
        let new = rest.get(self.scanned..).unwrap_or_default();
        let (line, end) = match memchr::memchr(b'\n', new) {
            Some(at) => rest.split_at(self.scanned + at),
            None if is_last && !rest.is_empty() => (rest, &[][..]),
            None => {
                self.scanned = rest.len();
                return Ok(None);
            }
        };
        self.scanned = 0;
        let line_end = usize::from(!end.is_empty());
        if line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r')) {
            return Ok(Some(Piece::Between(line.len() + line_end)));
        }
        let body = line.strip_suffix(b"\r").unwrap_or(line).len();
        let tail = line.len() - body + line_end;
        Ok(Some(Piece::Record(RecordSpan { lead: 0, body, tail })))
    }

    fn forget(&mut self, len: usize) {
        self.scanned = self.scanned.saturating_sub(len);
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::pieces;
    use super::*;

    fn record(body: usize, tail: usize) -> Piece {
        Piece::Record(RecordSpan { lead: 0, body, tail })
    }

    #[test]
    fn lines_of_all_kinds() {
        for (text, wanted) in [
            ("", vec![]),
            ("1", vec![record(1, 0)]),
            ("1\n", vec![record(1, 1)]),
            ("1\r\n22\n", vec![record(1, 2), record(2, 1)]),
            ("1\r", vec![record(1, 1)]),
            (
                "\n \t\r\n1\n\n2",
                vec![
                    Piece::Between(1),
                    Piece::Between(4),
                    record(1, 1),
                    Piece::Between(1),
                    record(1, 0),
                ],
            ),
            ("  ", vec![Piece::Between(2)]),
            (" 1 \n", vec![record(3, 1)]),
        ] {
            assert_eq!(pieces(Lines::default, text.as_bytes()), Ok(wanted), "{text:?}");
        }
    }
}
