//! A disk that is full.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;

use crate::support::records::{Kind, Summary};
use crate::support::{Ended, Place, skipped};

fn text(kind: Kind, count: usize) -> Vec<u8> {
    let records: Vec<String> =
        (0..count).map(|id| kind.record(id, &format!("{id}{}", "x".repeat(200)))).collect();
    kind.text(&records)
}

#[track_caller]
fn assert_full(ended: &Ended, part: &str) {
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let error = ended.stderr.lines().find(|line| line.starts_with("error[")).unwrap();
    assert!(error.starts_with("error[output]: ") && error.contains(part), "{error}");
}

#[test]
fn a_device_that_takes_nothing() {
    let place = Place::for_records();
    let encrypt = |kind: Kind, options: &str| {
        let options = format!("{} {options}", kind.options());
        let jwe = place.jwe(&format!("fields encrypt --key fast.jwk --quiet {options}"));
        jwe.stdin(text(kind, 3))
    };
    for kind in Kind::ALL {
        let full = Path::new("/dev/full");
        let ended = encrypt(kind, "").stdout_to(full).run();
        ended.refused_saying("output", &["standard output", "No space left"]);
        let ended = encrypt(kind, "-o /dev/full --threads 3").run();
        ended.refused_saying("output", &["/dev/full", "No space left", "free space"]);
        let ended = encrypt(kind, "-o /dev/full --compress zstd").run();
        ended.refused_saying("output", &["/dev/full", "No space left"]);
    }
    // Nor do rejected records get lost in it.
    let reject = encrypt(Kind::Ndjson, "--rejects /dev/full").stdin("{}\n{\"a\":\"x\"}\n").run();
    assert_full(&reject, "/dev/full");
    // A stream of nothing does not fail to write nothing.
    encrypt(Kind::Ndjson, "-o /dev/full").stdin("").run().ok();
}

/// With a limit on the size of files, and then without it.
#[test]
fn a_file_that_may_not_grow_goes_on_when_it_may() {
    for (kind, more, prelude) in [
        (Kind::Ndjson, "", "ulimit -f 700"),
        (Kind::Csv, "--threads 1", "trap '' XFSZ && ulimit -f 900"),
        (Kind::Array, "--threads 4", "trap '' XFSZ && ulimit -f 800"),
        (Kind::Ndjson, "--compress gzip", "ulimit -f 700"),
        (Kind::Csv, "--compress zstd", "ulimit -f 900"),
    ] {
        let place = Place::for_records();
        let text = text(kind, 4000);
        place.write("in", &text);
        let options = kind.options();
        let encrypt = format!("fields encrypt --key fast.jwk {options} {more} in -o out");
        let stopped = place.jwe(&encrypt).after(prelude).run();
        assert_full(&stopped, "out.partial");
        assert!(stopped.stderr.contains("--checkpoint"), "{}", stopped.stderr);
        // Without a checkpoint nothing can go on, so that nothing takes up room.
        assert!(!place.exists("out") && !place.exists("out.partial"));

        let encrypt = format!("{encrypt} --checkpoint checkpoint");
        let stopped = place.jwe(&encrypt).after(prelude).run();
        assert_full(&stopped, "out.partial");
        assert!(stopped.stderr.contains("the same command"), "{}", stopped.stderr);
        let summary = Summary::of(&stopped);
        let (written, records) = (summary.number("bytes_out"), summary.number("records"));
        assert!(!summary.is_done() && (1..4000).contains(&records), "{summary:?}");
        assert!(!place.exists("out") && place.exists("checkpoint"));
        // Nothing that is torn is left in it.
        let partial = place.read("out.partial");
        assert_eq!(partial.len(), written);
        if kind != Kind::Array {
            let whole = place.decrypted(options, partial);
            assert!(text.starts_with(&whole) && whole.ends_with(b"\n"));
        }
        // Still full, and then not.
        assert_full(&place.jwe(&encrypt).after(prelude).run(), "out.partial");
        let done = place.jwe(&encrypt).run();
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        let summary = Summary::of(&done);
        assert!(summary.number("resumed_at") >= records);
        assert_eq!(summary.number("records"), 4000);
        assert_eq!(place.decrypted(options, place.read("out")), text);
        for left in ["checkpoint", "checkpoint.new", "out.partial"] {
            assert!(!place.exists(left), "{left}");
        }
    }
}

/// A file of rejected records that may not grow is no reason to lose one.
#[test]
fn rejected_records_that_find_no_room() {
    let place = Place::for_records();
    let kind = Kind::Ndjson;
    let bad = |id: usize| format!("{{\"id\":{id},\"pad\":\"{}\"}}", "x".repeat(300));
    let records: Vec<String> =
        (0..1200).map(|id| if id % 2 == 0 { bad(id) } else { kind.record(id, "value") }).collect();
    place.write("in", kind.text(&records));
    let encrypt = format!(
        "fields encrypt --key fast.jwk {} in -o out --rejects rejects --checkpoint checkpoint",
        kind.options()
    );
    let stopped = place.jwe(&encrypt).after("ulimit -f 300").run();
    assert_full(&stopped, "rejects.partial");
    assert!(Summary::of(&stopped).number("rejected") > 0);
    let done = place.jwe(&encrypt).run();
    assert_eq!(done.code, Some(3), "{}", done.stderr);
    let rejects = String::from_utf8(place.read("rejects")).unwrap();
    let rejected: Vec<String> = rejects
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|line| line["input"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(rejected, records.iter().step_by(2).cloned().collect::<Vec<_>>());
    let good: Vec<&String> = records.iter().skip(1).step_by(2).collect();
    assert_eq!(place.decrypted(kind.options(), place.read("out")), kind.text(&good));
}

/// A disk of its own that has no room left, and then has.
#[test]
fn a_small_disk() {
    let place = Place::for_records();
    let mount = "mount -t tmpfs -o size=1m none disk";
    std::fs::create_dir(place.path("disk")).unwrap();
    // In a name space of its own, so that nothing is left of it whatever happens.
    let unshared = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["-m", "-r", "sh", "-c", script]).arg(env!("CARGO_BIN_EXE_jwe"));
        command.current_dir(place.path("")).output()
    };
    if !unshared(mount).is_ok_and(|output| output.status.success()) {
        return skipped("a file system in memory can't be mounted here");
    }
    let kind = Kind::Ndjson;
    let text = text(kind, 1500);
    place.write("in", &text);
    for checkpoint in ["checkpoint", "disk/checkpoint"] {
        let encrypt = format!(
            "\"$0\" fields encrypt --key fast.jwk {} in -o disk/out --checkpoint {checkpoint}",
            kind.options()
        );
        let script = format!(
            "{mount} && head -c 600000 /dev/zero > disk/other
            {encrypt} 2> first; echo $? > status; ls disk > names; rm disk/other
            {encrypt} 2> second; echo $? >> status; ls disk >> names; cp disk/out out"
        );
        let output = unshared(&script).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let read = |name: &str| String::from_utf8(place.read(name)).unwrap();
        assert_eq!(read("status"), "1\n0\n", "{}{}", read("first"), read("second"));
        assert!(
            read("first").contains("error[output]: ") && read("first").contains("No space left")
        );
        let names = read("names").replace("checkpoint\n", "");
        assert_eq!(names, "other\nout.partial\nout\n", "{checkpoint}");
        let summary = Summary::in_text(&read("second"));
        assert_eq!(summary.number("records"), 1500);
        assert!(summary.number("resumed_at") > 0);
        assert_eq!(place.decrypted(kind.options(), place.read("out")), text);
        assert!(!place.exists("checkpoint"));
    }
}
