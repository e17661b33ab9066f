//! A stream that was stopped goes on where it had come to, at whatever place that was.

use std::fmt::Write;

use jwe_fields::records::{Progress, RecordStream, StreamError};

use super::support::{Bits, Kept, back, columns, fields, run, threads};

/// What a run is stopped with when so many records are done, and what a second run adds to that.
fn stopped_and_resumed(stream: &RecordStream<'_>, text: &[u8], stop_at: u64) -> (Kept, Kept) {
    let mut first = Kept { stop_at: Some(stop_at), ..Kept::default() };
    let error = stream.run(Bits { text, bit: 5000 }, &mut first).unwrap_err();
    assert!(matches!(error, StreamError::Stopped));
    let (reached, output, rejected) = *first.reached.last().unwrap();
    assert_eq!((output, rejected), (first.output.len(), first.rejected.len()));
    let mut second = Kept::default();
    let progress = stream.resume(Bits { text, bit: 7777 }, &mut second, &reached).unwrap();
    assert_eq!(progress.input_bytes, text.len() as u64);
    assert_eq!(progress.rejected as usize, first.rejected.len() + second.rejected.len());
    (first, second)
}

fn check(there: &RecordStream<'_>, back: &RecordStream<'_>, text: &str, clear: &str, records: u64) {
    for count in [1, 3] {
        let there = there.clone().with_threads(threads(count)).with_rejects();
        for stop_at in [1, records / 3, records - 1, records] {
            let (first, second) = stopped_and_resumed(&there, text.as_bytes(), stop_at);
            let all = [first.output, second.output].concat();
            assert_eq!(String::from_utf8(run(back, &all).0).unwrap(), clear, "at {stop_at}");
        }
    }
}

#[test]
fn every_format() {
    let (there, back) = (fields(&["/a"]), back(&["/a"]));
    let record = |number: usize| match number % 10 {
        3 => format!("{{\"a\":{number}}}"),
        _ => format!("{{\"a\":\"{number}\"}}"),
    };
    let all: Vec<_> = (0..2000).map(record).collect();
    let good: Vec<_> = (0..2000).filter(|number| number % 10 != 3).map(record).collect();
    let lines = |records: &[String]| {
        records.iter().fold("\u{feff}\n".to_owned(), |mut lines, record| {
            write!(lines, "{record}\r\n").unwrap();
            lines
        })
    };
    check(
        &RecordStream::ndjson(&there),
        &RecordStream::ndjson(&back),
        &lines(&all),
        &lines(&good),
        2000,
    );
    let array = |records: &[String]| format!("[\n  {}\n]\n", records.join(",\n  "));
    check(
        &RecordStream::json_array(&there),
        &RecordStream::json_array(&back),
        &array(&all),
        &array(&good),
        2000,
    );
    let (there, back) = columns(&["pin"]);
    let rows = |bad: bool| {
        (0..2000).fold("id,pin\n".to_owned(), |mut rows, number| {
            match number % 10 {
                3 if bad => writeln!(rows, "{number}").unwrap(),
                3 => {}
                _ => writeln!(rows, "{number},\"{number}\"\"\n\"").unwrap(),
            }
            rows
        })
    };
    check(&RecordStream::csv(&there), &RecordStream::csv(&back), &rows(true), &rows(false), 2000);
}

#[test]
fn another_input_is_noticed() {
    let there = fields(&["/a"]);
    let stream = RecordStream::ndjson(&there);
    let text = "{\"a\":\"1\"}\n".repeat(20_000);
    let mut first = Kept { stop_at: Some(9000), ..Kept::default() };
    stream.run(text.as_bytes(), &mut first).unwrap_err();
    let reached = first.reached.last().unwrap().0;
    let other_byte = format!("{{\"a\":\"2\"}}\n{}", &text[10..]);
    let shorter = &text[..reached.input_bytes as usize - 10];
    let other_place = format!("\n{text}");
    for other in [other_byte.as_str(), shorter, "", &other_place] {
        let mut kept = Kept::default();
        let error = stream.resume(other.as_bytes(), &mut kept, &reached).unwrap_err();
        assert!(matches!(error, StreamError::OtherInput), "{error}");
        assert!(kept.output.is_empty() && kept.reached.is_empty());
    }
    // What stands behind the place may be other.
    let grown = format!("{text}{{\"a\":\"new\"}}\n");
    let mut kept = Kept::default();
    let progress = stream.resume(grown.as_bytes(), &mut kept, &reached).unwrap();
    assert_eq!(progress.records, 20_001);
    // At the end there is nothing to do.
    let mut kept = Kept::default();
    assert_eq!(stream.resume(grown.as_bytes(), &mut kept, &progress).unwrap(), progress);
    assert!(kept.output.is_empty());
    let count = Progress::default();
    assert_eq!(count.written(), 0);
}
