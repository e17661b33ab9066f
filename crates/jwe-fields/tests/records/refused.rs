//! Records that are refused: the stream ends with them, or goes on without them.

use jwe_fields::records::{RecordStream, StreamError};

use super::support::{Kept, Refused, back, columns, fields, run, threads};

const LINES: &str =
    "{\"a\":\"1\"}\n\n{\"a\":2}\r\n{\"a\":\"3\"}\n{\"b\":\"4\"}\nno JSON\n{\"a\":\"6\"}";

fn rejected(
    record: u64,
    line: u64,
    code: &'static str,
    pointer: Option<&str>,
    bytes: &str,
) -> Refused {
    let pointer = pointer.map(str::to_owned);
    Refused { record, line, code, pointer, bytes: bytes.as_bytes().to_vec() }
}

/// The records that were written, as clear text again.
fn decrypted(stream: &RecordStream<'_>, output: &[u8]) -> String {
    String::from_utf8(run(stream, output).0).unwrap()
}

#[test]
fn the_first_one_ends_the_stream_behind_whole_records() {
    let (there, back) = (fields(&["/a"]), back(&["/a"]));
    for count in [1, 4] {
        let stream = RecordStream::ndjson(&there).with_threads(threads(count));
        let mut kept = Kept::default();
        let error = stream.run(LINES.as_bytes(), &mut kept).unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 3, record 2: \"/a\": a number can't be taken as text: use the JSON encoding or select a string"
        );
        let StreamError::Record { record: 2, line: 3, error } = error else {
            panic!("another record")
        };
        assert_eq!((error.code(), error.pointer()), ("field_not_string", Some("/a")));
        assert_eq!(decrypted(&RecordStream::ndjson(&back), &kept.output), "{\"a\":\"1\"}\n\n");
        let (reached, len, _) = *kept.reached.last().unwrap();
        assert_eq!((reached.input_bytes, reached.records, len), (11, 1, kept.output.len()));
        // And it can go on there when the record was mended.
        let mended = LINES.replace("2", "\"2\"").replace("\"b\"", "\"a\"").replace("no JSON", "");
        let mut rest = Kept::default();
        let progress = stream.resume(mended.as_bytes(), &mut rest, &reached).unwrap();
        assert_eq!(progress.records, 5);
        let all = [kept.output, rest.output].concat();
        assert_eq!(decrypted(&RecordStream::ndjson(&back), &all), mended);
    }
}

/// Places are those of the input, not of the record.
#[test]
fn places_are_told_in_the_input() {
    let there = fields(&["/a"]);
    let array = "[\n{\"a\":\"1\"}, {\"a\":x}]";
    let error =
        RecordStream::json_array(&there).run(array.as_bytes(), Kept::default()).unwrap_err();
    assert_eq!(error.to_string(), "line 2, record 2: the document is not JSON at line 2 column 17");
    let lines = format!("{}{{\"a\":x}}", "{\"a\":\"1\"}\n".repeat(20_000));
    let error = RecordStream::ndjson(&there).run(lines.as_bytes(), Kept::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 20001, record 20001: the document is not JSON at line 20001 column 6"
    );
}

#[test]
fn the_others_go_on_without_them() {
    let (there, back) = (fields(&["/a"]), back(&["/a"]));
    for count in [1, 4] {
        let stream = RecordStream::ndjson(&there).with_threads(threads(count)).with_rejects();
        let mut kept = Kept::default();
        let progress = stream.run(LINES.as_bytes(), &mut kept).unwrap();
        assert_eq!((progress.records, progress.rejected, progress.written()), (6, 3, 3));
        assert_eq!(
            kept.rejected,
            [
                rejected(2, 3, "field_not_string", Some("/a"), "{\"a\":2}"),
                rejected(4, 5, "field_missing", None, "{\"b\":\"4\"}"),
                rejected(5, 6, "document_not_json", None, "no JSON"),
            ]
        );
        assert_eq!(
            decrypted(&RecordStream::ndjson(&back), &kept.output),
            "{\"a\":\"1\"}\n\n{\"a\":\"3\"}\n{\"a\":\"6\"}"
        );
    }
}

/// An array without some of its elements is an array, whichever they are.
#[test]
fn an_array_stays_an_array() {
    let (there, back) = (fields(&["/a"]), back(&["/a"]));
    let back = RecordStream::json_array(&back);
    for count in [1, 4] {
        let stream = RecordStream::json_array(&there).with_threads(threads(count)).with_rejects();
        for mask in 0..16_u32 {
            let element = |at: u32| match mask >> at & 1 {
                0 => "{\"a\":1}".to_owned(),
                _ => format!("{{\"a\":\"{at}\"}}"),
            };
            let text: Vec<_> = (0..4).map(element).collect();
            let mut kept = Kept::default();
            let progress =
                stream.run(format!("[ {} ]\n", text.join(" , ")).as_bytes(), &mut kept).unwrap();
            assert_eq!(progress.written(), u64::from(mask.count_ones()));
            let clear = decrypted(&back, &kept.output);
            let whole: Vec<_> = (0..4).filter(|at| mask >> at & 1 == 1).map(element).collect();
            let compact = clear.replace(' ', "");
            assert_eq!(compact, format!("[{}]\n", whole.join(",")), "{clear:?}");
        }
    }
}

/// The first batches of a long array may have nothing in them that can be written.
#[test]
fn an_array_that_begins_with_many_refused_elements_stays_an_array() {
    let (there, back) = (fields(&["/a"]), back(&["/a"]));
    let bad = "{\"a\":1},\n".repeat(40_000);
    let good = vec!["{\"a\":\"x\"}"; 20_000].join(",\n");
    let text = format!("[{bad}{good}]");
    for count in [1, 3] {
        let stream = RecordStream::json_array(&there).with_threads(threads(count)).with_rejects();
        let mut kept = Kept::default();
        let progress = stream.run(text.as_bytes(), &mut kept).unwrap();
        assert_eq!((progress.rejected, progress.written()), (40_000, 20_000));
        assert!(kept.output.starts_with(b"[\n{\"a\":\"eyJ"));
        assert_eq!(
            decrypted(&RecordStream::json_array(&back), &kept.output),
            format!("[\n{good}]")
        );
    }
}

#[test]
fn rows_and_cells() {
    let (there, back) = columns(&["pin"]);
    let stream = RecordStream::csv(&there).with_rejects();
    let text = "id,pin\n1,0000\n2\n3,\"11\"11\n4,2222\n";
    let mut kept = Kept::default();
    let progress = stream.run(text.as_bytes(), &mut kept).unwrap();
    assert_eq!((progress.records, progress.rejected), (4, 2));
    assert_eq!(
        kept.rejected,
        [
            rejected(2, 3, "row_cell_count", None, "2"),
            rejected(3, 4, "row_stray_quote", None, "3,\"11\"11"),
        ]
    );
    let (clear, _) = run(&RecordStream::csv(&back), &kept.output);
    assert_eq!(String::from_utf8(clear).unwrap(), "id,pin\n1,0000\n4,2222\n");

    let clear = RecordStream::csv(&back).run(text.as_bytes(), Kept::default()).unwrap_err();
    assert_eq!(clear.code(), "field_not_encrypted");
    assert!(clear.to_string().starts_with("line 2, record 1: \"/pin\": "), "{clear}");
    for (text, code) in [
        ("id,pim\n1,2", "column_missing"),
        ("pin,id,pin\n1,2,3", "column_ambiguous"),
        ("id,p\"in\n", "row_stray_quote"),
        (&format!("id,pin,{}\n1,2,3", "x".repeat(1000)), "record_too_long"),
    ] {
        let stream = stream.clone().with_max_record_len(1000);
        let mut kept = Kept::default();
        assert_eq!(stream.run(text.as_bytes(), &mut kept).unwrap_err().code(), code);
        assert!(kept.output.is_empty() && kept.reached.is_empty());
    }
}

/// What is no array can't be read on, rejects or not; what stands before the place is written.
#[test]
fn what_can_t_be_told_apart_ends_the_stream() {
    let there = fields(&["/a"]);
    for (text, code, records, at) in [
        ("", "stream_ends_early", 0, 1),
        ("\n{\"a\":\"1\"}", "stream_not_array", 0, 2),
        ("[{\"a\":\"1\"}\n{\"a\":\"2\"}]", "stream_not_json", 1, 2),
        ("[{\"a\":\"1\"}\n,\n ]", "stream_not_json", 1, 3),
        ("[{\"a\":\"1\"},\n{\"a\":\n\"2\"", "stream_ends_early", 1, 3),
        ("[{\"a\":\"1\"}]\n\n []", "stream_not_json", 1, 3),
    ] {
        let stream = RecordStream::json_array(&there).with_rejects();
        let mut kept = Kept::default();
        let error = stream.run(text.as_bytes(), &mut kept).unwrap_err();
        assert_eq!(error.code(), code, "{text}");
        let StreamError::Framing { record, line, .. } = error else { panic!("{error}") };
        assert_eq!((record, line), (records, at), "{text}");
        assert_eq!(
            kept.reached.last().map_or(0, |(reached, ..)| reached.records),
            records,
            "{text}"
        );
    }
}
