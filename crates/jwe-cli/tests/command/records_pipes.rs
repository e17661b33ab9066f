//! Streams from and to other processes.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::records::Kind;
use crate::support::{CANARY, Place, has, skipped};

/// Long enough for any machine, and short enough to fail.
const PATIENCE: Duration = Duration::from_secs(20);

fn started(place: &Place, args: &str) -> Child {
    let mut command = place.jwe(args).command();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// The lines of an output as they come.
fn lines(output: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (send, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines() {
            if send.send(line.unwrap()).is_err() {
                break;
            }
        }
    });
    lines
}

/// Records leave as they come: whoever waits for the answer to a record before the next one is
/// written gets it.
#[test]
fn records_leave_without_waiting_for_more() {
    let place = Place::for_records();
    for (direction, threads) in [("encrypt", 1), ("encrypt", 4), ("decrypt", 1), ("decrypt", 4)] {
        for kind in [Kind::Ndjson, Kind::Csv] {
            let records = ["1", "2", "3"].map(|id| kind.record(7, id));
            let mut input = kind.text(&records);
            if direction == "decrypt" {
                input = place.encrypted(kind.options(), input);
            }
            let args = format!(
                "fields {direction} --key fast.jwk --quiet --threads {threads} {}",
                kind.options()
            );
            let mut child = started(&place, &args);
            let mut stdin = child.stdin.take().unwrap();
            let lines = lines(child.stdout.take().unwrap());
            for line in input.split_inclusive(|byte| *byte == b'\n') {
                stdin.write_all(line).unwrap();
                stdin.flush().unwrap();
                let answer = lines.recv_timeout(PATIENCE).expect("a record waits for the next one");
                let is_head = line == b"id,a\n";
                assert_eq!(answer.contains("eyJ"), direction == "encrypt" && !is_head, "{answer}");
            }
            drop(stdin);
            assert!(lines.recv_timeout(PATIENCE).is_err());
            assert!(child.wait().unwrap().success());
        }
    }
}

/// Two at a time, of which both come before the pipe is closed.
#[test]
fn elements_of_an_array_leave_too() {
    let place = Place::for_records();
    for threads in [1, 4] {
        let args = format!(
            "fields encrypt --key fast.jwk --quiet --threads {threads} {}",
            Kind::Array.options()
        );
        let mut child = started(&place, &args);
        let mut stdin = child.stdin.take().unwrap();
        let lines = lines(child.stdout.take().unwrap());
        stdin.write_all(b"[\n{\"a\":\"1\"},\n{\"a\":\"2\"},\n").unwrap();
        assert_eq!(lines.recv_timeout(PATIENCE).unwrap(), "[");
        assert!(lines.recv_timeout(PATIENCE).unwrap().starts_with("{\"a\":\"eyJ"));
        // The end of the second element is there, and its comma belongs to the third.
        stdin.write_all(b"{\"a\":\"3\"}\n]\n").unwrap();
        assert!(lines.recv_timeout(PATIENCE).unwrap().starts_with("{\"a\":\"eyJ"));
        drop(stdin);
        assert!(lines.recv_timeout(PATIENCE).unwrap().starts_with("{\"a\":\"eyJ"));
        assert_eq!(lines.recv_timeout(PATIENCE).unwrap(), "]");
        assert!(child.wait().unwrap().success());
    }
}

/// Runs a pipeline in which `JWE` is the command, and gives its standard output.
fn pipeline(place: &Place, script: &str) -> Vec<u8> {
    let script = script.replace("JWE", env!("CARGO_BIN_EXE_jwe"));
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).current_dir(place.path(""));
    let began = Instant::now();
    let output = command.output().unwrap();
    assert!(began.elapsed() < PATIENCE);
    output.stdout
}

#[cfg(unix)]
#[test]
fn a_reader_who_has_seen_enough_ends_the_run() {
    let place = Place::for_records();
    for kind in Kind::ALL {
        // More than fits into a pipe, and into the memory of the run.
        let records: Vec<String> = (0..20_000).map(|id| kind.record(id, CANARY)).collect();
        place.write("big", kind.text(&records));
        for options in ["", "--threads 1", "--compress gzip", "--rejects rejects", "--progress"] {
            let encrypt = format!("fields encrypt --key fast.jwk {} {options} big", kind.options());
            let first = pipeline(
                &place,
                &format!("{{ JWE {encrypt}; echo $? > status; }} 2> stderr | head -c 3"),
            );
            assert_eq!(first.len(), 3);
            assert_eq!(place.read("stderr"), b"", "{encrypt}");
            assert_eq!(place.read("status"), b"0\n", "{encrypt}");
        }
    }
    assert!(!place.names().iter().any(|name| name.contains("partial")));
}

/// The run does not wait for input whose output nobody wants.
#[cfg(unix)]
#[test]
fn an_input_without_an_end_is_left() {
    if Command::new("yes").arg("--version").output().is_err() {
        return skipped("yes is not there");
    }
    let place = Place::for_records();
    let encrypt = format!("JWE fields encrypt --key fast.jwk {}", Kind::Ndjson.options());
    let script =
        format!("yes '{{\"a\":\"x\"}}' | {{ {encrypt}; echo $? > status; }} 2> stderr | head -n 1");
    let first = pipeline(&place, &script);
    assert!(first.starts_with(b"{\"a\":\"eyJ") && first.ends_with(b"\"}\n"));
    assert_eq!((place.read("stderr"), place.read("status")), (Vec::new(), b"0\n".to_vec()));
    // Each half of a pipeline goes on at its own speed.
    let decrypt = format!("JWE fields decrypt --key fast.jwk {}", Kind::Ndjson.options());
    let script = format!(
        "yes '{{\"a\":\"x\"}}' | head -n 30000 | {encrypt} --quiet | {decrypt} --quiet | sort -u"
    );
    assert_eq!(pipeline(&place, &script), b"{\"a\":\"x\"}\n");
}

/// A device or a pipe by name is written as standard output is.
#[cfg(unix)]
#[test]
fn a_named_pipe_is_written() {
    let place = Place::for_records();
    if !has("mkfifo") {
        return skipped("mkfifo is not there");
    }
    let encrypt = format!("JWE fields encrypt --key fast.jwk --quiet {}", Kind::Ndjson.options());
    let decrypt = format!("JWE fields decrypt --key fast.jwk --quiet {}", Kind::Ndjson.options());
    let script = format!(
        "mkfifo in out && {{ printf '{{\"a\":\"x\"}}\\n' > in & {encrypt} in -o out & {decrypt} out; }}"
    );
    assert_eq!(pipeline(&place, &script), b"{\"a\":\"x\"}\n");
    assert!(!place.exists("out.partial"));
}

/// The most that a process has held in memory so far, in kibibytes.
#[cfg(target_os = "linux")]
fn peak(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// A record of any length takes no more memory than the limit of one that is accepted.
#[cfg(target_os = "linux")]
#[test]
fn a_line_of_300_megabytes_is_not_held_in_memory() {
    let place = Place::for_records();
    for (kind, megabytes, options) in [
        (Kind::Ndjson, 300, "--limit-record 1000 --rejects /dev/null"),
        (Kind::Array, 60, "--rejects /dev/null"),
        (Kind::Csv, 60, "--threads 4 --rejects /dev/null"),
    ] {
        let args = format!("fields encrypt --key fast.jwk {options} {}", kind.options());
        let mut child = started(&place, &args);
        let mut stdin = child.stdin.take().unwrap();
        let lines = lines(child.stdout.take().unwrap());
        let text =
            String::from_utf8(kind.text(&[kind.record(1, "#"), kind.record(2, "x")])).unwrap();
        let (before, behind) = text.split_once('#').unwrap();
        stdin.write_all(before.as_bytes()).unwrap();
        let megabyte = vec![b'x'; 1_000_000];
        for _ in 0..megabytes {
            stdin.write_all(&megabyte).unwrap();
        }
        let (rest, end) = behind.rsplit_once('\n').unwrap();
        assert_eq!(end, "");
        stdin.write_all(rest.as_bytes()).unwrap();
        stdin.write_all(b"\n").unwrap();
        // What comes behind it has been dealt with when this arrives.
        while !lines.recv_timeout(PATIENCE).unwrap().contains(if kind == Kind::Array {
            "]"
        } else {
            "eyJ"
        }) {}
        let peak = peak(&child);
        assert!(peak < 100 * 1024, "{kind:?}: {peak} KiB");
        drop(stdin);
        assert_eq!(child.wait().unwrap().code(), Some(3));
    }
}

/// Nor does a file of any length.
#[cfg(target_os = "linux")]
#[test]
fn many_records_take_no_more_memory_than_some() {
    let place = Place::for_records();
    let mut peaks = [5, 40].map(|megabytes| {
        let args = format!("fields encrypt --key fast.jwk --quiet {}", Kind::Ndjson.options());
        let mut child = started(&place, &args);
        let mut stdin = child.stdin.take().unwrap();
        let lines = lines(child.stdout.take().unwrap());
        let line = format!("{{\"pad\":\"{}\",\"a\":\"x\"}}\n", "x".repeat(982));
        let thousand = line.repeat(1000);
        for _ in 0..megabytes {
            stdin.write_all(thousand.as_bytes()).unwrap();
        }
        for _ in 0..megabytes * 1000 {
            lines.recv_timeout(PATIENCE).unwrap();
        }
        let peak = peak(&child);
        drop(stdin);
        assert!(child.wait().unwrap().success());
        peak
    });
    peaks.sort_unstable();
    assert!(peaks[1] < 100 * 1024, "{peaks:?}");
}
