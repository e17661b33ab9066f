//! Memory does not grow with the input, nor with a record that is too long.

use std::io::{self, Read};

use jwe_fields::records::{RecordStream, StreamError};

use super::support::{Kept, back, fields, run, threads};

/// A record of a gigabyte that was never in memory.
struct Long {
    left: u64,
    end: &'static [u8],
}

impl Read for Long {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.left > 0 {
            let len = out.len().min(self.left as usize);
            out[..len].fill(b'x');
            self.left -= len as u64;
            return Ok(len);
        }
        let len = self.end.read(out)?;
        Ok(len)
    }
}

#[test]
fn a_record_that_is_too_long_is_handed_over_in_parts() {
    let (there, back) = (fields(&["/a"]), back(&["/a"]));
    for count in [1, 4] {
        let stream =
            RecordStream::ndjson(&there).with_threads(threads(count)).with_max_record_len(100_000);
        let end = b"\r\n{\"a\":\"1\"}\n";
        let input = || b"{\"a\":\"0\"}\n".chain(Long { left: 3_000_000, end });
        let error = stream.run(input(), Kept::default()).unwrap_err();
        assert!(matches!(error, StreamError::Record { record: 2, line: 2, .. }), "{error}");
        assert_eq!(error.code(), "record_too_long");

        let mut kept = Kept::default();
        let progress = stream.clone().with_rejects().run(input(), &mut kept).unwrap();
        assert_eq!((progress.records, progress.rejected, progress.values), (3, 1, 2));
        let [refused] = kept.rejected.as_slice() else { panic!("one is too long") };
        assert_eq!((refused.record, refused.line, refused.code), (2, 2, "record_too_long"));
        assert_eq!(refused.bytes.len(), 3_000_002);
        let (clear, _) = run(&RecordStream::ndjson(&back), &kept.output);
        assert_eq!(clear, b"{\"a\":\"0\"}\n{\"a\":\"1\"}\n");
        // No place to go on from is within the record.
        let places: Vec<_> = kept.reached.iter().map(|(reached, ..)| reached.input_bytes).collect();
        assert!(
            places.iter().all(|place| [10, 3_000_012, 3_000_022].contains(place)),
            "{places:?}"
        );
    }
}

#[test]
fn a_record_that_is_too_long_may_be_the_last_one() {
    let there = fields(&["/a"]);
    for left in [200_000, 200_001, 65_536 * 3, 65_536 * 4] {
        let stream = RecordStream::ndjson(&there).with_max_record_len(100_000).with_rejects();
        let mut kept = Kept::default();
        let progress = stream.run(Long { left, end: b"" }, &mut kept).unwrap();
        assert_eq!((progress.records, progress.rejected), (1, 1));
        assert_eq!(progress.input_bytes, left);
        assert_eq!(kept.rejected[0].bytes.len() as u64, left);
        assert!(kept.output.is_empty());
    }
}

/// The limit is a limit for each record, to the byte.
#[test]
fn the_limit_is_exact() {
    let there = fields(&["/a"]);
    let record = |len: usize| format!("{{\"a\":\"{}\"}}\n", "x".repeat(len - 8));
    for limit in [50, 70_000, 200_000] {
        let stream = RecordStream::ndjson(&there).with_max_record_len(limit).with_rejects();
        for (len, rejected) in [(limit - 1, 0), (limit, 0), (limit + 1, 1)] {
            let text = record(len).repeat(3);
            let (_, progress) = {
                let mut kept = Kept::default();
                let progress = stream.run(text.as_bytes(), &mut kept).unwrap();
                assert!(
                    kept.rejected.iter().all(|refused| refused.bytes.trim_ascii_end().len() == len)
                );
                (kept, progress)
            };
            assert_eq!((progress.records, progress.rejected), (3, 3 * rejected), "{limit} {len}");
        }
    }
}

/// Reads a text, and then what comes behind it fails.
struct Failing<'a>(&'a [u8]);

impl Read for Failing<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return Err(io::Error::other("gone"));
        }
        self.0.read(out)
    }
}

/// Where a stream ends within a record there is nothing to go on from.
#[test]
fn an_error_within_a_long_record_is_no_place_to_go_on_from() {
    let there = fields(&["/a"]);
    let good = "{\"a\":\"1\"}";
    let long = format!("{{\"a\":\"{}", "x".repeat(500_000));
    for count in [1, 3] {
        let lines = RecordStream::ndjson(&there).with_max_record_len(1000).with_rejects();
        let text = format!("{good}\n{long}");
        let mut kept = Kept::default();
        let error = lines
            .clone()
            .with_threads(threads(count))
            .run(Failing(text.as_bytes()), &mut kept)
            .unwrap_err();
        assert!(matches!(error, StreamError::Read(_)));
        let (reached, output, rejected) = *kept.reached.last().unwrap();
        assert_eq!((reached.input_bytes, reached.records, rejected), (10, 1, 0));
        assert_eq!(output, kept.output.len());
        // With the whole input it goes on.
        let whole = format!("{text}\"}}\n{good}\n");
        let progress = lines.resume(whole.as_bytes(), Kept::default(), &reached).unwrap();
        assert_eq!((progress.records, progress.rejected), (3, 1));

        let array = RecordStream::json_array(&there).with_max_record_len(1000).with_rejects();
        let mut kept = Kept::default();
        let torn = format!("[{good},{long}");
        let error = array.with_threads(threads(count)).run(torn.as_bytes(), &mut kept).unwrap_err();
        assert_eq!(error.code(), "stream_ends_early");
        assert_eq!(kept.reached.last().unwrap().0.input_bytes, 10);
    }
}

/// The verdict does not depend on how the input comes.
#[test]
fn the_limit_is_exact_however_the_input_comes() {
    let (there, (columns, _)) = (fields(&["/a"]), super::support::columns(&["a"]));
    let record = |len: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(len - 8));
    for len in [199, 200, 201] {
        let lines = format!("{0}\r\n{0}\r\n{0}", record(len));
        let array = format!("[{0},{1},{1}]", record(len), record(len - 1));
        let rows = format!("a\r\n{0}\r\n{0}\r\n", "x".repeat(len));
        for bit in [1, 100, 101, 200, 201, 202, 203, 1000] {
            for (stream, text, records) in [
                (RecordStream::ndjson(&there), &lines, 3),
                (RecordStream::json_array(&there), &array, 3),
                (RecordStream::csv(&columns), &rows, 2),
            ] {
                let stream = stream.with_max_record_len(200).with_rejects();
                let input = super::support::Bits { text: text.as_bytes(), bit };
                let progress = stream.run(input, Kept::default()).unwrap();
                let rejected = if len > 200 { records } else { 0 };
                assert_eq!(
                    (progress.records, progress.rejected),
                    (records, rejected),
                    "{len} {bit}"
                );
            }
        }
    }
}

/// What comes before the row of names counts as well: it could be endless.
#[test]
fn blank_lines_before_the_names_are_limited() {
    let (columns, _) = super::support::columns(&["a"]);
    let stream = RecordStream::csv(&columns).with_max_record_len(1000);
    let text = format!("{}a\nx\n", "\n".repeat(900));
    assert_eq!(run(&stream, text.as_bytes()).1.records, 1);
    let text = format!("{}a\nx\n", "\n".repeat(3_000_000));
    let mut kept = Kept::default();
    let error = stream.run(text.as_bytes(), &mut kept).unwrap_err();
    assert!(matches!(error, StreamError::Header(_)) && error.code() == "record_too_long");
    assert!(kept.output.is_empty());
}

/// Whoever reads may panic: the stream then does nothing more, and the panic is not swallowed.
#[test]
fn a_panic_ends_the_stream() {
    struct Panicking<'a>(&'a [u8]);
    impl Read for Panicking<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            assert!(!self.0.is_empty(), "no more");
            let len = out.len().min(50).min(self.0.len());
            let len = self.0.read(&mut out[..len])?;
            Ok(len)
        }
    }
    let there = fields(&["/a"]);
    let text = "{\"a\":\"1\"}\n".repeat(20);
    for _ in 0..50 {
        let mut kept = Kept::default();
        let stream = RecordStream::ndjson(&there).with_threads(threads(4));
        let panicking = std::panic::AssertUnwindSafe(|| {
            let _ = stream.run(Panicking(&text.as_bytes()[..195]), &mut kept);
        });
        assert!(std::panic::catch_unwind(panicking).is_err());
        // Whole batches in order, and nothing of the torn one.
        let last = kept.reached.last().map_or(0, |(reached, ..)| reached.input_bytes);
        assert_eq!((last % 10, last < 195), (0, true));
    }
}
