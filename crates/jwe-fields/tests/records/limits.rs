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
