//! Records that are refused: what is told, what is written, and what is kept of them.

use serde_json::Value;

use crate::support::records::{Kind, Lots, Summary, base64};
use crate::support::{CANARY, Ended, Place};

/// A record that is refused, in one format.
struct Bad {
    bytes: Vec<u8>,
    code: &'static str,
    pointer: Option<&'static str>,
}

fn bad(bytes: impl AsRef<[u8]>, code: &'static str, pointer: Option<&'static str>) -> Bad {
    Bad { bytes: bytes.as_ref().to_vec(), code, pointer }
}

/// The longest record in these tests.
const LIMIT: usize = 3000;

/// What can't be encrypted.
fn not_encrypted(place: &Place, kind: Kind) -> Vec<Bad> {
    let token = token(place, "fast.jwk");
    let long = kind.record(7, &CANARY.repeat(LIMIT / CANARY.len() + 1));
    let already = bad(kind.record(7, &token), "field_already_encrypted", Some("/a"));
    let mut all = vec![already, bad(long, "record_too_long", None)];
    let deep = format!("{{\"a\":\"{CANARY}\",\"d\":{}{}}}", "[".repeat(200), "]".repeat(200));
    let json = [
        bad("{\"b\":1}", "field_missing", None),
        bad("{\"a\":4711}", "field_not_string", Some("/a")),
        bad("{\"a\":null}", "field_not_string", Some("/a")),
        bad(format!("{{\"a\":[\"{CANARY}\"]}}"), "field_not_string", Some("/a")),
        bad(format!("{{\"a\":\"{CANARY}\",\"a\":\"\"}}"), "field_ambiguous", Some("/a")),
        bad("{\"a\":\"\\udc00\"}", "field_lone_surrogate", Some("/a")),
        bad(b"{\"a\":\"\xc3\"}", "document_not_utf8", None),
        bad(b"{\"b\":\"\xff\xfe\",\"a\":\"\"}", "document_not_utf8", None),
        bad(deep, "document_too_deep", None),
        bad("[]", "field_missing", None),
        bad("17", "field_missing", None),
        bad(format!("{{\"a\":\"{CANARY}\",}}"), "document_not_json", None),
        bad(format!("{{\"a\":\"{CANARY}\" \"b\":1}}"), "document_not_json", None),
        bad("nul", "document_not_json", None),
    ];
    match kind {
        Kind::Ndjson => {
            all.extend(json);
            all.extend([
                bad("{\"a\":", "document_not_json", None),
                bad(format!("{{\"a\":\"{CANARY}\"}} {{}}"), "document_not_json", None),
                bad(format!("\u{feff}{{\"a\":\"{CANARY}\"}}"), "document_byte_order_mark", None),
                bad(format!("{CANARY}\r{CANARY}"), "document_not_json", None),
                bad(b"\x00", "document_not_json", None),
                bad(b"\xff", "document_not_utf8", None),
            ]);
        }
        Kind::Array => {
            all.extend(json);
            all.push(bad(
                format!("\u{feff}{{\"a\":\"{CANARY}\"}}"),
                "document_byte_order_mark",
                None,
            ));
        }
        Kind::Csv => all.extend([
            bad("7", "row_cell_count", None),
            bad(format!("7,{CANARY},{CANARY}"), "row_cell_count", None),
            bad(" ", "row_cell_count", None),
            bad(format!("7,{CANARY}\"x\""), "row_stray_quote", None),
            bad(format!("7,\"{CANARY}\"x"), "row_stray_quote", None),
            bad(format!("7,\"{CANARY}\" "), "row_stray_quote", None),
            bad(format!("7\",{CANARY}"), "row_stray_quote", None),
            bad(format!("7,{CANARY}\r{CANARY}"), "row_carriage_return", None),
            bad(b"7,\xff", "row_not_utf8", None),
        ]),
    }
    all
}

/// What can't be decrypted.
fn not_decrypted(place: &Place, kind: Kind) -> Vec<Bad> {
    let token = token(place, "fast.jwk");
    // One letter of the content, of the tag, and of the encrypted key. Not the last letter, which
    // has bits of its own.
    let flipped = |part: usize| {
        let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
        let other = if parts[part].starts_with('A') { "B" } else { "A" };
        parts[part].replace_range(..1, other);
        parts.join(".")
    };
    let cut = &token[..token.rfind('.').unwrap()];
    let with = |value: &str| kind.record(7, value);
    let mut all = vec![
        bad(with(CANARY), "field_not_encrypted", Some("/a")),
        bad(with(""), "field_not_encrypted", Some("/a")),
        bad(with(cut), "field_not_encrypted", Some("/a")),
        bad(with(&flipped(1)), "decryption_failed", Some("/a")),
        bad(with(&flipped(3)), "decryption_failed", Some("/a")),
        bad(with(&flipped(4)), "decryption_failed", Some("/a")),
        bad(with(&self::token(place, "same-name.jwk")), "decryption_failed", Some("/a")),
        bad(with(&self::token(place, "unknown.jwk")), "unknown_kid", Some("/a")),
        bad(with(&CANARY.repeat(LIMIT)), "record_too_long", None),
    ];
    match kind {
        Kind::Csv => all.push(bad("7", "row_cell_count", None)),
        _ => all.extend([
            bad("{\"b\":1}", "field_missing", None),
            bad("{\"a\":1}", "field_not_encrypted", Some("/a")),
            bad("{\"a\" 1}", "document_not_json", None),
        ]),
    }
    all
}

fn token(place: &Place, key: &str) -> String {
    let encrypt = place.jwe(&format!("encrypt --key {key}")).stdin(CANARY);
    encrypt.run().ok_text().trim_end().to_owned()
}

/// Encrypts or decrypts these records, with more options.
fn run(place: &Place, direction: &str, kind: Kind, text: &[u8], options: &str) -> Ended {
    let jwe = format!(
        "fields {direction} --key fast.jwk --limit-record {LIMIT} {} {options}",
        kind.options()
    );
    place.jwe(&jwe).stdin(text).run()
}

/// The clear text of records that are whole, which may be the beginning of an array.
fn decrypted(place: &Place, kind: Kind, written: &[u8]) -> String {
    let mut whole = written.to_vec();
    if kind == Kind::Array && !written.trim_ascii_end().ends_with(b"]") {
        if whole.is_empty() {
            whole.push(b'[');
        }
        whole.extend_from_slice(b"\n]\n");
    }
    String::from_utf8(place.decrypted(kind.options(), whole)).unwrap()
}

/// The line of a file of rejected records, whose members are these and no others.
#[track_caller]
fn assert_rejected(line: &str, record: usize, at_line: usize, bad: &Bad) {
    let json: Value = serde_json::from_str(line).unwrap();
    let mut names = vec!["record", "line", "code"];
    names.extend(bad.pointer.map(|_| "pointer"));
    names.push("reason");
    names.push(if std::str::from_utf8(&bad.bytes).is_ok() { "input" } else { "input_base64" });
    let mut found: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    found.sort_unstable();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(found, sorted);
    // And in this order.
    let places = names.iter().map(|name| line.find(&format!("\"{name}\":")).unwrap());
    assert!(places.is_sorted(), "{names:?}");
    assert_eq!(json["record"], record);
    assert_eq!(json["line"], at_line);
    assert_eq!(json["code"], bad.code);
    assert_eq!(json["pointer"].as_str(), bad.pointer);
    let reason = json["reason"].as_str().unwrap();
    assert!(!reason.is_empty() && !reason.contains(CANARY), "{reason}");
    assert_eq!(input(&json), bad.bytes, "{}", bad.code);
}

/// A rejected record as it came.
fn input(rejected: &Value) -> Vec<u8> {
    match rejected["input"].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => base64(rejected["input_base64"].as_str().unwrap()),
    }
}

/// What is done in a test.
struct Job<'a> {
    place: &'a Place,
    direction: &'a str,
    kind: Kind,
    /// That of a good record.
    token: String,
}

/// One bad record among good ones, with and without `--rejects`.
fn check_one(job: &Job<'_>, at: usize, threads: usize, bad: &Bad) {
    let Job { place, direction, kind, token } = job;
    let kind = *kind;
    let good: Vec<Vec<u8>> = (0..3).map(|id| kind.record(id, "good").into_bytes()).collect();
    let clear = |records: &[Vec<u8>]| String::from_utf8(kind.text(records)).unwrap();
    // What they are before: clear, or encrypted as good ones.
    let prepared: Vec<Vec<u8>> = match *direction {
        "encrypt" => good,
        _ => (0..3).map(|id| kind.record(id, token).into_bytes()).collect(),
    };
    let value = if *direction == "encrypt" { "good" } else { CANARY };
    let expected: Vec<Vec<u8>> = (0..3).map(|id| kind.record(id, value).into_bytes()).collect();
    let mut records = prepared;
    records.insert(at, bad.bytes.clone());
    let text = kind.text(&records);
    let options = format!("--threads {threads}");
    let about = format!("{direction} {kind:?} {} at {at}, {threads} threads", bad.code);

    let back = |written: &[u8]| match *direction {
        "encrypt" => decrypted(place, kind, written),
        _ => String::from_utf8(written.to_vec()).unwrap(),
    };
    let stopped = run(place, direction, kind, &text, &options);
    assert_eq!(stopped.code, Some(1), "{about}");
    let error = stopped.stderr.lines().find(|line| line.starts_with("error[")).unwrap();
    let line = kind.line(at);
    let beginning = format!("error[{}]: line {line}, record {}: ", bad.code, at + 1);
    assert!(error.starts_with(&beginning), "{about}: {error}");
    if let Some(pointer) = bad.pointer {
        assert!(error.contains(&format!("\"{pointer}\"")), "{about}: {error}");
    }
    let written = back(&stopped.stdout);
    let whole = clear(&expected[..at]);
    match kind {
        Kind::Array => {
            let end = |text: &str| text.trim_end().trim_end_matches(']').trim_end().to_owned();
            let (written, whole) = (end(&written), end(&whole));
            assert!(written == whole || at == 0 && written.is_empty(), "{about}: {written}");
        }
        _ => assert_eq!(written, whole, "{about}"),
    }

    let ended = run(place, direction, kind, &text, &format!("{options} --rejects rejects"));
    assert_eq!(ended.code, Some(3), "{about}: {}", ended.stderr);
    assert_eq!(back(&ended.stdout), clear(&expected), "{about}");
    let rejects = String::from_utf8(place.read("rejects")).unwrap();
    assert_eq!(rejects.lines().count(), 1, "{about}");
    assert_rejected(rejects.strip_suffix('\n').unwrap(), at + 1, line, bad);
    let summary = Summary::of(&ended);
    assert!(summary.is_done());
    assert_eq!(
        (summary.number("records"), summary.number("written"), summary.number("rejected")),
        (4, 3, 1)
    );
    assert_eq!(summary.number("values"), 3);
    let error = ended.stderr.lines().find(|line| line.starts_with("error[")).unwrap();
    assert!(
        error.starts_with("error[records_rejected]: 1 of 4 records") && error.contains("rejects"),
        "{about}: {error}"
    );
    #[cfg(unix)]
    assert_eq!(place.mode("rejects"), 0o600);
}

/// Each sort of bad record at one place, and the places in turn.
fn check_all(direction: &str, kind: Kind, all: impl Fn(&Place, Kind) -> Vec<Bad>) {
    let place = Place::for_records();
    let token = token(&place, "fast.jwk");
    let job = Job { place: &place, direction, kind, token };
    let all = all(&place, kind);
    for (number, bad) in all.iter().enumerate() {
        // At the beginning of the input it would be no bad record.
        let is_mark = kind == Kind::Ndjson && bad.code == "document_byte_order_mark";
        let at = if is_mark { 1 } else { [0, 1, 3][number % 3] };
        check_one(&job, at, [1, 4][number % 2], bad);
    }
    // One sort at every place.
    for at in 0..4 {
        check_one(&job, at, 4 - at, &all[0]);
    }
}

#[test]
fn lines_that_can_t_be_encrypted() {
    check_all("encrypt", Kind::Ndjson, not_encrypted);
}

#[test]
fn elements_that_can_t_be_encrypted() {
    check_all("encrypt", Kind::Array, not_encrypted);
}

#[test]
fn rows_that_can_t_be_encrypted() {
    check_all("encrypt", Kind::Csv, not_encrypted);
}

#[test]
fn lines_that_can_t_be_decrypted() {
    check_all("decrypt", Kind::Ndjson, not_decrypted);
}

#[test]
fn elements_that_can_t_be_decrypted() {
    check_all("decrypt", Kind::Array, not_decrypted);
}

#[test]
fn rows_that_can_t_be_decrypted() {
    check_all("decrypt", Kind::Csv, not_decrypted);
}

/// Quotes that are not closed take the rest of the file along, since it may be the cell.
#[test]
fn quotes_that_are_not_closed() {
    let place = Place::for_records();
    let row = format!("2,\"{CANARY}\n3,{CANARY}\n");
    let text = format!("id,a\n1,good\n{row}");
    for threads in [1, 4] {
        let options = format!("--threads {threads} --rejects rejects");
        let ended = run(&place, "encrypt", Kind::Csv, text.as_bytes(), &options);
        assert_eq!(ended.code, Some(3), "{}", ended.stderr);
        assert_eq!(decrypted(&place, Kind::Csv, &ended.stdout), "id,a\n1,good\n");
        let rejects = String::from_utf8(place.read("rejects")).unwrap();
        assert_rejected(rejects.trim_end(), 2, 3, &bad(row.as_bytes(), "row_unclosed", None));
    }
}

/// Where it can't be told what a record is, none can be kept, and the run ends.
#[test]
fn an_array_that_is_torn() {
    let place = Place::for_records();
    for (text, code, at) in [
        ("[{\"a\":\"1\"},\n{\"a\":\"2\"", "stream_ends_early", "line 2"),
        ("[{\"a\":\"1\"},\n]", "stream_not_json", "line 2"),
        ("[{\"a\":\"1\"}\n{\"a\":\"2\"}]", "stream_not_json", "line 2"),
        ("[{\"a\":\"1\"}]\n\n[]", "stream_not_json", "line 3"),
    ] {
        for options in ["--threads 1", "--threads 4 --rejects rejects"] {
            let ended = run(&place, "encrypt", Kind::Array, text.as_bytes(), options);
            assert_eq!(ended.code, Some(1), "{}", ended.stderr);
            let error = ended.stderr.lines().find(|line| line.starts_with("error[")).unwrap();
            assert!(error.starts_with(&format!("error[{code}]: {at}: ")), "{error}");
            let mut written = ended.stdout;
            if !written.trim_ascii_end().ends_with(b"]") {
                written.push(b']');
            }
            let back = place.decrypted(Kind::Array.options(), written);
            assert_eq!(String::from_utf8(back).unwrap().trim_end(), "[{\"a\":\"1\"}]", "{text}");
            // A file that is not whole does not get its name.
            assert!(!place.exists("rejects"));
        }
    }
}

#[test]
fn a_first_row_that_names_no_column() {
    let place = Place::for_records();
    for (text, code) in [
        ("id,b\n1,2\n", "column_missing"),
        ("a,id,a\n1,2,3\n", "column_ambiguous"),
        ("\"a\n1\n", "row_unclosed"),
        ("id,a\"\n1,2\n", "row_stray_quote"),
    ] {
        for options in ["", "--rejects rejects", "-o out"] {
            let ended = run(&place, "encrypt", Kind::Csv, text.as_bytes(), options);
            ended.refused(code);
            assert!(!place.exists("out") && !place.exists("out.partial"), "{text}");
        }
    }
    let long = format!("{},a\n", "x".repeat(LIMIT));
    run(&place, "encrypt", Kind::Csv, long.as_bytes(), "--rejects r").refused("record_too_long");
}

/// Records of several megabytes are not held in memory, and still come out as they went in.
#[test]
fn records_that_are_far_too_long_are_kept_whole() {
    let place = Place::for_records();
    // Not the same everywhere, and with bytes that are no text.
    let mut lots = Lots(7);
    let mut noise = |len: usize| -> Vec<u8> {
        (0..len).map(|_| b"abc\xff\x80, {}[]0\t"[lots.draw(13) as usize]).collect()
    };
    for kind in Kind::ALL {
        let long = |noise: Vec<u8>| match kind {
            Kind::Ndjson => noise,
            Kind::Array => [b"{\"a\":\"".as_slice(), &noise, b"\"}"].concat(),
            Kind::Csv => [b"7,\"".as_slice(), &noise, b"\n\r\"\""].concat(),
        };
        let longs = [2_000_000, 65_536, 65_535, 200_001, 500_003].map(|len| long(noise(len)));
        let longs = longs.map(|mut long| {
            if kind == Kind::Csv {
                long.push(b'"');
            }
            long
        });
        for threads in [1, 4] {
            let mut records = Vec::new();
            for (id, long) in longs.iter().enumerate() {
                records.push(long.clone());
                records.push(kind.record(id, "good").into_bytes());
            }
            // Two of them one behind the other, and one at the end.
            records.push(longs[1].clone());
            records.push(longs[3].clone());
            let options = format!("--limit-record 1000 --threads {threads} --rejects rejects");
            let jwe = format!("fields encrypt --key fast.jwk {} {options}", kind.options());
            let ended = place.jwe(&jwe).stdin(kind.text(&records)).run();
            assert_eq!(ended.code, Some(3), "{}", ended.stderr);
            let good: Vec<String> = (0..5).map(|id| kind.record(id, "good")).collect();
            let expected = String::from_utf8(kind.text(&good)).unwrap();
            let back = decrypted(&place, kind, &ended.stdout);
            if kind == Kind::Array {
                // White space beside a long element may leave with it.
                let records = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
                assert_eq!(records(&back), records(&expected));
            } else {
                assert_eq!(back, expected);
            }
            let rejects = String::from_utf8(place.read("rejects")).unwrap();
            let rejected: Vec<Value> =
                rejects.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            assert_eq!(rejected.len(), 7);
            let wanted = [0, 1, 2, 3, 4, 1, 3];
            for ((number, at), line) in
                [1, 3, 5, 7, 9, 11, 12].into_iter().zip(wanted).zip(&rejected)
            {
                assert_eq!(
                    (&line["record"], &line["code"]),
                    (&number.into(), &"record_too_long".into())
                );
                // The white space and the line end or comma around it may be with it.
                let input = input(line);
                let around = |byte: &u8| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',');
                let begin = input.iter().position(around).unwrap();
                let end = input.iter().rposition(around).unwrap();
                let long = &longs[at];
                let wanted_begin = long.iter().position(around).unwrap();
                let wanted_end = long.iter().rposition(around).unwrap();
                assert!(input[begin..=end] == long[wanted_begin..=wanted_end], "{kind:?} {number}");
                assert!(input.len() <= long.len() + 4);
            }
        }
    }
}

/// Output and rejected records together are the input, in its order, with nothing twice.
#[test]
fn nothing_is_dropped_doubled_or_reordered() {
    let place = Place::for_records();
    for (kind, seed) in Kind::ALL.into_iter().zip([1, 2, 3]) {
        let bads = not_encrypted(&place, kind);
        let mut lots = Lots(seed);
        let mut records = Vec::new();
        let mut wanted = Vec::new();
        for id in 0..4000 {
            if lots.draw(10) < 3 {
                let bad = &bads[lots.draw(bads.len() as u64) as usize];
                wanted.push((records.len(), bad));
                records.push(bad.bytes.clone());
            } else {
                let value = format!("{id} {}", "x".repeat(lots.draw(200) as usize));
                records.push(kind.record(id, &value).into_bytes());
            }
        }
        for threads in [1, 4] {
            let options = format!("--threads {threads} --rejects rejects");
            let ended = run(&place, "encrypt", kind, &kind.text(&records), &options);
            assert_eq!(ended.code, Some(3), "{}", ended.stderr);
            let summary = Summary::of(&ended);
            assert_eq!(summary.number("records"), records.len());
            assert_eq!(summary.number("rejected"), wanted.len());
            assert_eq!(summary.number("bytes_in"), kind.text(&records).len());
            assert_eq!(summary.number("bytes_out"), ended.stdout.len());
            let rejects = String::from_utf8(place.read("rejects")).unwrap();
            assert_eq!(rejects.lines().count(), wanted.len());
            for (line, (at, bad)) in rejects.lines().zip(&wanted) {
                assert_rejected(line, at + 1, kind.line(*at), bad);
            }
            let is_good = |(at, _): &(usize, &Vec<u8>)| !wanted.iter().any(|(bad, _)| bad == at);
            let good: Vec<&Vec<u8>> =
                records.iter().enumerate().filter(is_good).map(|(_, record)| record).collect();
            assert_eq!(decrypted(&place, kind, &ended.stdout).as_bytes(), kind.text(&good));
        }
    }
}

/// By default the output does not get its name, and what stands before the record is whole.
#[test]
fn a_file_that_was_there_stays_until_the_new_one_is_whole() {
    let place = Place::for_records();
    place.write("in.ndjson", "{\"a\":\"1\"}\n{\"a\":\"2\"}\n{\"a\":3}\n{\"a\":\"4\"}\n");
    let encrypt = "fields encrypt --key fast.jwk --field /a in.ndjson -o out.ndjson";
    for old in [None, Some("old")] {
        if let Some(old) = old {
            place.write("out.ndjson", old);
        }
        let stopped = place.jwe(&format!("{encrypt} --quiet")).run();
        stopped.refused_saying(
            "field_not_string",
            &["line 3, record 3", "\"/a\"", "whole, in ", "out.ndjson.partial"],
        );
        assert_eq!(place.exists("out.ndjson"), old.is_some());
        assert!(old.is_none_or(|old| place.read("out.ndjson") == old.as_bytes()));
        let partial = place.read("out.ndjson.partial");
        assert_eq!(
            place.decrypted(Kind::Ndjson.options(), partial),
            b"{\"a\":\"1\"}\n{\"a\":\"2\"}\n"
        );
    }
    // The next run replaces what was left.
    place.write("in.ndjson", "{\"a\":\"5\"}\n");
    place.jwe(&format!("{encrypt} --quiet")).run().ok();
    assert!(!place.exists("out.ndjson.partial"));
    let back = place.decrypted(Kind::Ndjson.options(), place.read("out.ndjson"));
    assert_eq!(back, b"{\"a\":\"5\"}\n");
    // A file of which nothing could be made leaves nothing.
    place.write("in.ndjson", "{}\n");
    place.jwe(encrypt).run().refused("field_missing");
    assert!(!place.exists("out.ndjson.partial"));
}

/// A file of rejected records is replaced, is the owner's only, and is there when nothing is in it.
#[cfg(unix)]
#[test]
fn the_file_of_rejected_records() {
    let place = Place::for_records();
    place.write("rejects", "old\n");
    place.set_mode("rejects", 0o644);
    let encrypt = "fields encrypt --key fast.jwk --field /a --format ndjson --rejects rejects";
    let none = place.jwe(&format!("{encrypt} --quiet")).stdin("{\"a\":\"1\"}\n").run();
    none.ok();
    assert_eq!((place.read("rejects"), place.mode("rejects")), (Vec::new(), 0o600));
    let all = place.jwe(encrypt).stdin("{}\n[]\n").run();
    assert_eq!((all.code, all.stdout.as_slice()), (Some(3), b"".as_slice()));
    assert_eq!(place.read("rejects").iter().filter(|byte| **byte == b'\n').count(), 2);
    // Quiet is the summary, and not that records were rejected.
    let quiet = place.jwe(&format!("{encrypt} --quiet")).stdin("{}\n").after("umask 0").run();
    assert_eq!(quiet.code, Some(3));
    assert!(quiet.stderr.starts_with("error[records_rejected]: 1 of 1 records"), "{quiet:?}");
    assert_eq!(place.mode("rejects"), 0o600);
}

/// What comes out of a rejects file can be mended and given to a run again.
#[test]
fn rejected_records_can_be_brought_back() {
    let place = Place::for_records();
    let lines = "{\"a\":\"1\"}\n{\"a\":2}\n{\"a\":\"3\"}\n{\"a\":4, \"b\":\"\\\"\\u0001é\\n\"}\n";
    let encrypt = "fields encrypt --key fast.jwk --field /a --format ndjson --rejects rejects";
    let first = place.jwe(encrypt).stdin(lines).run();
    assert_eq!(first.code, Some(3));
    let rejects = String::from_utf8(place.read("rejects")).unwrap();
    let inputs: Vec<u8> = rejects
        .lines()
        .flat_map(|line| [input(&serde_json::from_str(line).unwrap()), b"\n".to_vec()].concat())
        .collect();
    let expected: String =
        lines.lines().skip(1).step_by(2).map(|line| format!("{line}\n")).collect();
    assert_eq!(String::from_utf8(inputs.clone()).unwrap(), expected);
    let again = place.jwe(&format!("{encrypt} --non-string json-text --quiet")).stdin(inputs).run();
    assert_eq!(again.ok().iter().filter(|byte| **byte == b'\n').count(), 2);
}
