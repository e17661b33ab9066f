//! What a run tells about itself.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

use crate::support::records::{Kind, Summary};
use crate::support::{CANARY, Place, has, skipped};

#[test]
fn the_summary_counts_right() {
    let place = Place::for_records();
    for kind in Kind::ALL {
        let bad = if kind == Kind::Csv { "7" } else { "{\"b\":1}" };
        let mut records: Vec<String> = (0..3000).map(|id| kind.record(id, CANARY)).collect();
        for at in [0, 17, 1500, 2999] {
            records[at] = bad.to_owned();
        }
        let text = kind.text(&records);
        for threads in [1, 4] {
            let encrypt = format!(
                "fields encrypt --key fast.jwk {} --threads {threads} --rejects rejects",
                kind.options()
            );
            let ended = place.jwe(&encrypt).stdin(&text).run();
            assert_eq!(ended.code, Some(3), "{}", ended.stderr);
            assert!(ended.stderr.starts_with("summary: done "), "{}", ended.stderr);
            let summary = Summary::of(&ended);
            for (name, number) in [
                ("records", 3000),
                ("written", 2996),
                ("rejected", 4),
                ("values", 2996),
                ("bytes_in", text.len()),
                ("bytes_out", ended.stdout.len()),
            ] {
                assert_eq!(summary.number(name), number, "{name}");
            }
            assert!(summary.has("seconds") && summary.has("rate") && !summary.has("resumed_at"));
            // Nothing but data on standard output, and nothing of it anywhere else.
            assert!(!String::from_utf8_lossy(&ended.stdout).contains("summary"));
            let stopped = place.jwe(&encrypt.replace("--rejects rejects", "")).stdin(&text).run();
            assert_eq!(stopped.code, Some(1));
        }
    }
}

/// A run that stops tells how far it is, before it tells why.
#[test]
fn the_summary_of_a_run_that_stops() {
    let place = Place::for_records();
    let kind = Kind::Ndjson;
    let mut records: Vec<String> = (0..3000).map(|id| kind.record(id, "x")).collect();
    records[2000] = "{}".to_owned();
    for threads in [1, 4] {
        let encrypt =
            format!("fields encrypt --key fast.jwk {} --threads {threads}", kind.options());
        let ended = place.jwe(&encrypt).stdin(kind.text(&records)).run();
        assert_eq!(ended.code, Some(1));
        let summary = Summary::of(&ended);
        assert!(!summary.is_done());
        assert_eq!(summary.number("records"), 2000);
        assert_eq!(summary.number("bytes_in"), kind.text(&records[..2000]).len());
        assert_eq!(summary.number("bytes_out"), ended.stdout.len());
        assert!(ended.stderr.starts_with("summary: stopped "), "{}", ended.stderr);
        let quiet = place.jwe(&format!("{encrypt} --quiet")).stdin(kind.text(&records)).run();
        assert!(quiet.stderr.starts_with("error[field_missing]: line 2001"), "{}", quiet.stderr);
    }
}

/// Several values of a record are counted, and records without any.
#[test]
fn values_are_counted_by_themselves() {
    let place = Place::for_records();
    let lines = "{\"a\":[\"1\",\"2\"]}\n{\"a\":[]}\n{\"a\":[\"3\"]}\n";
    let encrypt = "fields encrypt --key fast.jwk --format ndjson --missing skip --field $.a[*]";
    let ended = place.jwe(encrypt).stdin(lines).run();
    let summary = Summary::of(&ended);
    assert_eq!((summary.number("records"), summary.number("values")), (3, 3));
    let decrypt = encrypt.replace("encrypt", "decrypt");
    let back = place.jwe(&decrypt).stdin(&ended.stdout).run();
    assert_eq!(Summary::of(&back).number("values"), 3);
    assert_eq!(back.stdout, lines.as_bytes());
}

#[test]
fn lines_come_every_few_seconds_by_choice() {
    let place = Place::for_records();
    let encrypt = format!("fields encrypt --key fast.jwk {} --rejects r", Kind::Ndjson.options());
    let mut command = place.jwe(&format!("{encrypt} --progress")).command();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let text = "{\"a\":\"1\"}\n{}\n{\"a\":\"2\"}\n";
    stdin.write_all(text.as_bytes()).unwrap();
    for _ in 0..2 {
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert!(line.contains("eyJ"));
    }
    // The run goes on, for its input is open.
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    let wanted = format!("progress: records=3 rejected=1 bytes={} rate=", text.len());
    assert!(line.starts_with(&wanted) && line.ends_with(" eta=unknown\n"), "{line}");
    drop(stdin);
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    assert_eq!(Summary::in_text(&rest).number("records"), 3);
    assert_eq!(child.wait().unwrap().code(), Some(3));

    // A short run has none.
    let short = place.jwe(&format!("{encrypt} --progress")).stdin("{\"a\":\"1\"}\n").run();
    assert_eq!(short.stderr.lines().count(), 1, "{}", short.stderr);
}

/// What a terminal is shown while a run writes to a file.
fn on_a_terminal(place: &Place, args: &str) -> (bool, String) {
    let command = format!("'{}' {args}", env!("CARGO_BIN_EXE_jwe"));
    let mut script = Command::new("script");
    script.args(["-qec", &command, "/dev/null"]).current_dir(place.path(""));
    script.env("TERM", "xterm").env("COLUMNS", "120").stdin(Stdio::null());
    let output = script.output().unwrap();
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_has_a_bar() {
    let place = Place::for_slow_records();
    if !has("script") {
        return skipped("script is not there, which makes a terminal");
    }
    let kind = Kind::Csv;
    let records: Vec<String> = (0..2500).map(|id| kind.record(id, CANARY)).collect();
    place.write("in.csv", kind.text(&records));
    let encrypt = "fields encrypt --key slow.jwk --column a in.csv -o out.csv";
    let (done, shown) = on_a_terminal(&place, encrypt);
    assert!(done, "{shown}");
    for part in ["[", "%", " records, ", " read, ", " records/s", " left", "\r"] {
        assert!(shown.contains(part), "{part:?} is not in {shown:?}");
    }
    assert!(!shown.contains(CANARY) && !shown.contains("eyJ"));
    // It is gone in the end, and a summary is there.
    let last = &shown[shown.rfind("\u{1b}[2K").unwrap()..];
    let summary = Summary::in_text(&last[last.find("summary: ").unwrap()..]);
    assert_eq!((summary.is_done(), summary.number("records")), (true, 2500));

    let (done, shown) =
        on_a_terminal(&place, &format!("{} --quiet", encrypt.replace("slow", "fast")));
    assert!(done && shown.is_empty(), "{shown:?}");
}
