//! Records leave in the order in which they came, whichever is done first.

use std::fmt::Write;

use jwe_fields::records::RecordStream;

use super::support::{back, fields, run, threads};

/// Records of very different length, each with its number, so that later ones are done before
/// earlier ones.
fn records(count: usize) -> String {
    let mut text = String::new();
    for number in 0..count {
        let len = if number % 97 == 0 { 300_000 } else { number % 300 };
        writeln!(text, r#"{{"n":{number},"a":"{}"}}"#, "x".repeat(len)).unwrap();
    }
    text
}

#[test]
fn order_and_counts_hold_on_many_threads() {
    let text = records(4000);
    let (there, back) = (fields(&["/a"]), back(&["/a"]));
    for count in [1, 2, 7] {
        let there = RecordStream::ndjson(&there).with_threads(threads(count));
        let (encrypted, progress) = run(&there, text.as_bytes());
        assert_eq!((progress.records, progress.rejected, progress.values), (4000, 0, 4000));
        assert!(!String::from_utf8_lossy(&encrypted).contains(&"x".repeat(20)));
        // Little room changes nothing.
        for room in [1, 64 << 20] {
            let back =
                RecordStream::ndjson(&back).with_threads(threads(count)).with_max_buffered(room);
            let (decrypted, progress) = run(&back, &encrypted);
            assert_eq!(progress.values, 4000);
            assert!(decrypted == text.as_bytes());
        }
    }
}

/// As many threads as are asked for, or as there can be.
#[test]
fn a_thousand_threads_are_the_most() {
    let text = records(50);
    let there = fields(&["/a"]);
    for count in [1024, usize::MAX] {
        let there = RecordStream::ndjson(&there).with_threads(threads(count));
        assert_eq!(run(&there, text.as_bytes()).1.values, 50);
    }
}
