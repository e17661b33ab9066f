//! What was encrypted and decrypted is what it was, in every format.

use jwe_fields::records::RecordStream;

use super::support::{Bits, Kept, columns, json_fields, run, threads};

/// There and back with one thread and with several, and with an input that comes in bits.
fn there_and_back(there: &RecordStream<'_>, back: &RecordStream<'_>, text: &str, records: u64) {
    let (encrypted, progress) = run(&there.clone().with_threads(threads(1)), text.as_bytes());
    assert_eq!((progress.records, progress.rejected), (records, 0), "{text:?}");
    assert_eq!(encrypted == text.as_bytes(), records == 0, "{text:?}");
    for threads_back in [1, 3] {
        let back = back.clone().with_threads(threads(threads_back));
        for bit in [1, 7, 100_000] {
            let mut kept = Kept::default();
            let progress = back.run(Bits { text: &encrypted, bit }, &mut kept).unwrap();
            assert_eq!(progress.records, records);
            assert_eq!(String::from_utf8(kept.output).unwrap(), text);
        }
    }
}

#[test]
fn lines() {
    let (there, back) = json_fields(&["/a"]);
    let (there, back) = (RecordStream::ndjson(&there), RecordStream::ndjson(&back));
    for (text, records) in [
        ("", 0),
        ("\n", 0),
        (" \t\r\n\n", 0),
        ("\u{feff}", 0),
        (r#"{"a":"x"}"#, 1),
        ("{\"a\":\"x\"}\n", 1),
        ("{\"a\":\"x\"}\r\n{\"a\":\"y\"}\r\n", 2),
        (
            "\u{feff}{\"a\":\"x\"}\n\n \n{ \"b\" : 1.0, \"a\" : \"\\u00e9\\n\" }\r\n{\"a\":[1e400]}",
            3,
        ),
        ("\n\n{\"a\":\"x\"}", 1),
        ("{\"a\":\"x\"}\n\n", 1),
    ] {
        there_and_back(&there, &back, text, records);
    }
}

#[test]
fn elements_of_an_array() {
    let (there, back) = json_fields(&["/a"]);
    let (there, back) = (RecordStream::json_array(&there), RecordStream::json_array(&back));
    for (text, records) in [
        ("[]", 0),
        (" [ ] \n", 0),
        ("\u{feff}[]", 0),
        (r#"[{"a":"x"}]"#, 1),
        (
            "[\r\n  {\"a\": \"]},{[\\\"\"},\n\n  {\"b\": [[], {}], \"a\": null} ,\t{\"a\":1}\r\n]\r\n",
            3,
        ),
        ("\u{feff}\n[{\"a\":\"x\"},{\"a\":{\"a\":[]}}]", 2),
    ] {
        there_and_back(&there, &back, text, records);
    }
}

#[test]
fn rows() {
    let (there, back) = columns(&["name", "note"]);
    let (there, back) = (RecordStream::csv(&there), RecordStream::csv(&back));
    for (text, records) in [
        ("", 0),
        ("\n\n", 0),
        ("name,note", 0),
        ("id,name,note\r\n", 0),
        ("id,name,note\n1,john,\n", 1),
        (
            "\u{feff}id,\"name\",note\r\n1,\"jo,hn\",\"a \"\"b\"\"\r\nc\"\r\n\r\n2,, x \r\n3,\"\",\"\"",
            3,
        ),
        ("note,id,name\n\"\n\n\",2,\u{e9}\n", 1),
    ] {
        there_and_back(&there, &back, text, records);
    }
}
