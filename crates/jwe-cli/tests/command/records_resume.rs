//! Runs that are interrupted, and go on by the same command: every record is in the files in the
//! end, once, and in its order.
#![cfg(unix)]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::records::{Kind, Lots, Summary};
use crate::support::{CANARY, Ended, Place, has, skipped};

/// Long enough for any machine, and short enough to fail.
const PATIENCE: Duration = Duration::from_secs(30);

/// A file of records in a folder of its own, and the command that works on it.
struct Job {
    place: Place,
    /// The command with all its options but the way in.
    args: String,
    /// Whether the input comes from standard input, which is a file.
    is_stdin: bool,
    /// The input, where that is what `wanted` is made of.
    clear: Vec<u8>,
    /// The rejected records.
    rejected: Vec<Vec<u8>>,
    /// The options that bring the output back.
    back: Option<String>,
}

const FILES: &str = "-o out --checkpoint checkpoint";

impl Job {
    /// An encryption of so many records, some of which are refused if `rejects`.
    fn encryption(kind: Kind, key: &str, count: usize, pad: usize, rejects: bool) -> Self {
        let place =
            if key == "slow.jwk" { Place::for_slow_records() } else { Place::for_records() };
        let mut lots = Lots(count as u64);
        let (mut all, mut good, mut rejected) = (Vec::new(), Vec::new(), Vec::new());
        for id in 0..count {
            let fill = "x".repeat(lots.draw(2 * pad as u64 + 1) as usize);
            let value = format!("{CANARY}{id}");
            let record = match (kind, rejects && lots.draw(20) == 0) {
                (_, false) => kind.record(id, &value).replacen(
                    &id.to_string(),
                    &(fill_id(kind, id, &fill)),
                    1,
                ),
                // Every few of them are far too long.
                (_, true) if lots.draw(8) == 0 => {
                    kind.record(id, &CANARY.repeat(20_000 + lots.draw(10_000) as usize))
                }
                (Kind::Csv, true) => format!("{id}{fill}"),
                (_, true) => format!("{{\"id\":{id},\"b\":\"{fill}\"}}"),
            };
            let is_good = record.contains(&value) && record.len() < 10_000;
            (if is_good { &mut good } else { &mut rejected }).push(record.clone().into_bytes());
            all.push(record);
        }
        place.write("in", kind.text(&all));
        let options = kind.options();
        let more = if rejects { "--rejects rejects --limit-record 10000" } else { "" };
        Self {
            args: format!("fields encrypt --key {key} {options} {more} {FILES}"),
            is_stdin: false,
            clear: kind.text(&good),
            rejected,
            back: Some(format!("fields decrypt --key {key} --quiet {options} out")),
            place,
        }
    }

    fn with(mut self, options: &str) -> Self {
        self.args = format!("{} {options}", self.args);
        self
    }

    /// The command that is run again and again.
    fn command(&self) -> Command {
        let input = if self.is_stdin { "" } else { "in" };
        let mut command = self.place.jwe(&format!("{} {input}", self.args)).command();
        command.stdin(match self.is_stdin {
            true => Stdio::from(File::open(self.place.path("in")).unwrap()),
            false => Stdio::null(),
        });
        command
    }

    /// It is run to its end.
    fn run(&self) -> Ended {
        let jwe = if self.is_stdin {
            self.place.jwe(&self.args).stdin(self.place.read("in"))
        } else {
            self.place.jwe(&format!("{} in", self.args))
        };
        jwe.within(PATIENCE).run()
    }

    /// What the checkpoint says, if there is one.
    fn checkpoint(&self) -> Option<Value> {
        let text = fs::read(self.place.path("checkpoint")).ok()?;
        Some(serde_json::from_slice(&text).expect("a checkpoint is whole whenever it is there"))
    }

    fn reached(&self) -> u64 {
        self.checkpoint().map_or(0, |checkpoint| checkpoint["records"].as_u64().unwrap())
    }

    /// What holds whenever the process is not there.
    fn check_between(&self) {
        let Some(checkpoint) = self.checkpoint() else { return };
        for (name, member) in [("out", "output_bytes"), ("rejects", "rejects_bytes")] {
            let counted = checkpoint[member].as_u64().unwrap();
            let partial = fs::metadata(self.place.path(&format!("{name}.partial")));
            match partial {
                Ok(partial) => assert!(partial.len() >= counted, "{name} lacks what counts"),
                // It has its name already.
                Err(_) if checkpoint["finished"] == true => {
                    let len = fs::metadata(self.place.path(name)).map_or(0, |found| found.len());
                    assert_eq!(len, counted, "{name}");
                }
                Err(_) => assert_eq!(counted, 0, "{name}"),
            }
        }
    }

    /// That everything is there, and nothing else.
    fn check_end(&self, ended: &Ended) {
        let code = if self.rejected.is_empty() { 0 } else { 3 };
        assert_eq!(ended.code, Some(code), "{}", ended.stderr);
        let summary = Summary::of(ended);
        assert!(summary.is_done());
        assert_eq!(summary.number("rejected"), self.rejected.len());
        self.check_files();
    }

    fn check_files(&self) {
        let read = match &self.back {
            Some(back) => self.place.jwe(back).within(PATIENCE).run().ok(),
            None => self.place.read("out"),
        };
        assert!(read == self.clear, "the output is another one");
        if self.args.contains("--rejects") {
            let rejects = String::from_utf8(self.place.read("rejects")).unwrap();
            let inputs: Vec<Vec<u8>> = rejects.lines().map(input).collect();
            assert_eq!(inputs.len(), self.rejected.len());
            for (input, wanted) in inputs.iter().zip(&self.rejected) {
                // Beside a record that is too long the end of its line may stand.
                let input = input.trim_ascii_end();
                let input = input.strip_prefix(b",").unwrap_or(input).trim_ascii();
                assert!(input == wanted, "a rejected record is another one");
            }
            assert_eq!(self.place.mode("rejects"), 0o600);
        }
        for name in self.place.names() {
            let left = name.contains("partial") || name.contains("checkpoint");
            assert!(!left, "{name} is left");
        }
    }

    fn begin_anew(&self) {
        for name in ["out", "rejects"] {
            drop(fs::remove_file(self.place.path(name)));
        }
    }
}

/// The number of a record with something behind it, that makes it longer.
fn fill_id(kind: Kind, id: usize, fill: &str) -> String {
    match kind {
        Kind::Csv => format!("{id}{fill}"),
        _ => format!("\"{id}{fill}\""),
    }
}

/// A rejected record as it came.
fn input(line: &str) -> Vec<u8> {
    let json: Value = serde_json::from_str(line).unwrap();
    match json["input"].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => crate::support::records::base64(json["input_base64"].as_str().unwrap()),
    }
}

/// Waits until it ends or the time is over, and then kills it.
fn kill_after(mut command: Command, time: Duration) -> ExitStatus {
    let began = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        let left = time.saturating_sub(began.elapsed());
        if left.is_zero() {
            child.kill().unwrap();
            return child.wait().unwrap();
        }
        thread::sleep(left.min(Duration::from_millis(2)));
    }
}

/// Kills runs at random moments until so many were hit, begins again where one comes to its end,
/// and then lets the last one end.
fn kill_many(job: &Job, seed: u64, kills: usize, mut longest: u64) {
    println!("seed {seed}");
    let mut lots = Lots(seed);
    let (mut hits, mut resumed, mut ends, mut reached) = (0, 0, 0, 0);
    // How many runs one behind the other got nowhere: on a slow machine they need more time.
    let mut barren = 0;
    while hits < kills || resumed < kills / 4 {
        assert!(hits < 20 * kills, "no run gets so far that it stores a checkpoint");
        let goes_on = reached > 0;
        let status =
            kill_after(job.command(), Duration::from_millis(lots.draw(longest * (2 + barren) / 2)));
        job.check_between();
        if status.signal() == Some(9) {
            hits += 1;
            resumed += usize::from(goes_on);
            let now = job.reached();
            assert!(now >= reached || now == 0 && job.place.exists("out"), "a checkpoint is older");
            if now == reached {
                // Where the machine is busy, runs need longer to get anywhere.
                longest += longest / 16;
            }
            barren = if now > reached { 0 } else { barren + 1 };
            reached = now;
        } else {
            let code = if job.rejected.is_empty() { 0 } else { 3 };
            assert_eq!(status.code(), Some(code));
            job.check_files();
            job.begin_anew();
            (ends, reached, barren) = (ends + 1, 0, 0);
        }
    }
    let before = job.reached();
    let ended = job.run();
    job.check_end(&ended);
    if before > 0 {
        assert_eq!(Summary::of(&ended).number("resumed_at") as u64, before);
    }
    println!("{hits} runs were killed, {resumed} of which had gone on, and {ends} came to an end");
}

#[test]
fn killed_while_lines_are_encrypted_and_rejected() {
    let job = Job::encryption(Kind::Ndjson, "slow.jwk", 5000, 300, true);
    kill_many(&job, 4711, 28, 450);
}

#[test]
fn killed_while_rows_from_standard_input_are_encrypted_and_compressed() {
    let mut job = Job::encryption(Kind::Csv, "slow.jwk", 2500, 300, true);
    job.is_stdin = true;
    kill_many(&job.with("--compress zstd"), 4712, 8, 450);
}

#[test]
fn killed_while_elements_are_encrypted_and_compressed() {
    let job = Job::encryption(Kind::Array, "slow.jwk", 2500, 300, true);
    kill_many(&job.with("--compress gzip --threads 3"), 4713, 8, 450);
}

#[test]
fn killed_while_lines_are_decrypted() {
    let mut job = Job::encryption(Kind::Ndjson, "public.jwk", 3000, 300, false);
    let clear = job.place.read("in");
    let options = Kind::Ndjson.options();
    let encrypt = format!("fields encrypt --key public.jwk --quiet {options} --compress zstd in");
    let encrypted = job.place.jwe(&encrypt).run().ok();
    job.place.write("in", encrypted);
    job.args = format!("fields decrypt --key private.jwk {options} {FILES}");
    job.clear = clear;
    job.back = None;
    kill_many(&job, 4714, 8, 450);
    assert_eq!(job.place.mode("out"), 0o600);
}

/// Kills short runs at all times from their beginning to their end.
#[test]
fn killed_at_any_time_of_a_short_run() {
    let job = Job::encryption(Kind::Ndjson, "fast.jwk", 300, 20, true);
    let began = Instant::now();
    job.check_end(&job.run());
    let whole = began.elapsed();
    let mut hits = 0;
    const MOMENTS: u32 = 25;
    for moment in 0..MOMENTS {
        job.begin_anew();
        let status = kill_after(job.command(), whole * moment / MOMENTS);
        hits += usize::from(status.signal() == Some(9));
        job.check_between();
        if status.signal() == Some(9) {
            job.check_end(&job.run());
        } else {
            job.check_files();
        }
    }
    assert!(hits > 5, "only {hits} runs were there to be killed");
}

/// Kills runs at each call by which they change files.
#[test]
fn killed_before_any_change_of_a_file() {
    if !has("strace") {
        return skipped("strace is not there");
    }
    let job = Job::encryption(Kind::Ndjson, "fast.jwk", 300, 20, true).with("--threads 1");
    // Ends before this call of that name, if it comes to it.
    let killed_at = |call: &str, number: usize| -> ExitStatus {
        let inner = job.command();
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}")]);
        strace.args(["-e", &format!("inject={call}:signal=SIGKILL:when={number}")]);
        strace.arg(inner.get_program()).args(inner.get_args());
        strace.current_dir(job.place.path("")).stdin(Stdio::null());
        strace.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap()
    };
    if killed_at("write", 60_000).code() != Some(3) {
        return skipped("strace can't trace here");
    }
    job.check_files();
    const CALLS: [&str; 6] = ["rename", "unlink", "fsync", "fdatasync", "write", "fchmod"];
    let mut hits = 0;
    for (at, call) in CALLS.into_iter().enumerate() {
        for number in 1.. {
            job.begin_anew();
            if killed_at(call, number).signal() != Some(9) {
                job.check_files();
                break;
            }
            hits += 1;
            job.check_between();
            if job.place.exists("out") && !job.place.exists("checkpoint") {
                // All that is left to do is to tell so.
                job.check_files();
                break;
            }
            // The run that goes on is killed as well, if it comes to a call of another name.
            let second = killed_at(CALLS[(at + number) % CALLS.len()], 1);
            job.check_between();
            match second.signal() {
                Some(9) => {
                    hits += 1;
                    job.check_end(&job.run());
                }
                _ => job.check_files(),
            }
        }
    }
    assert!(hits > 15, "only {hits} were killed");
    println!("{hits} were killed");
}

/// A run whose input does not end, so that it goes on until it is stopped.
struct Open {
    child: Child,
    stdin: std::process::ChildStdin,
}

/// Starts it, and gives it so much of the input; its file is there then.
fn open(job: &Job, input: &[u8]) -> Open {
    let mut command = job.place.jwe(&job.args).command();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input).unwrap();
    stdin.flush().unwrap();
    let open = Open { child, stdin };
    wait_until(|| {
        fs::metadata(job.place.path("out.partial"))
            .is_ok_and(|found| input.is_empty() || found.len() > 0)
    });
    open
}

#[track_caller]
fn wait_until(condition: impl Fn() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < PATIENCE, "waited for too long");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Waits for its end, and gives its exit code and standard error.
fn ended(mut child: Child) -> (Option<i32>, String) {
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    let status = child.wait().unwrap();
    assert!(!stderr.contains(CANARY) && !stderr.contains("panicked"), "{stderr}");
    (status.code(), stderr)
}

fn signal(child: &Child, name: &str) {
    let kill = Command::new("kill").args(["-s", name, &child.id().to_string()]).status();
    assert!(kill.unwrap().success());
}

/// Whether a signal is ignored in this process, and so in those that it starts: the command leaves it
/// ignored.
fn is_ignored(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & (1 << (signal - 1)) != 0)
}

/// Has a signal stop a run that has written something. One that is done before the signal comes, as
/// may be on a busy machine, is begun anew.
fn signalled(job: &Job, name: &str) -> (Option<i32>, String) {
    for _ in 0..30 {
        let mut command = job.command();
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        wait_until(|| {
            let partial = fs::metadata(job.place.path("out.partial"));
            partial.is_ok_and(|found| found.len() > 0) || job.place.exists("out")
        });
        signal(&child, name);
        let (exit, stderr) = ended(child);
        if exit != Some(3) {
            return (exit, stderr);
        }
        job.begin_anew();
    }
    panic!("each run was done before the signal came");
}

#[test]
fn a_signal_stops_a_run_where_it_can_go_on() {
    for (name, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        if is_ignored(code - 128) {
            skipped(&format!("SIG{name} is ignored here, as behind `nohup` or `&`"));
            continue;
        }
        let job = Job::encryption(Kind::Ndjson, "slow.jwk", 3000, 300, true);
        let (exit, stderr) = signalled(&job, name);
        assert_eq!(exit, Some(code), "{stderr}");
        let error = stderr.lines().find(|line| line.starts_with("error[")).unwrap();
        let beginning = format!("error[interrupted]: stopped by SIG{name}");
        assert!(error.starts_with(&beginning) && error.contains("same command"), "{error}");
        let summary = Summary::in_text(&stderr);
        assert!(!summary.is_done());
        // All that was written counts.
        let checkpoint = job.checkpoint().unwrap();
        assert_eq!(checkpoint["records"].as_u64().unwrap() as usize, summary.number("records"));
        let partial = job.place.read("out.partial").len();
        assert_eq!(checkpoint["output_bytes"].as_u64().unwrap() as usize, partial);
        assert_eq!(summary.number("bytes_out"), partial);
        assert!(!job.place.exists("out") && !job.place.exists("rejects"));
        let done = job.run();
        job.check_end(&done);
        assert_eq!(Summary::of(&done).number("resumed_at"), summary.number("records"));
        assert_eq!(Summary::of(&done).number("records"), 3000);
    }
}

/// Without a checkpoint nothing can go on, so that nothing is left.
#[test]
fn a_signal_stops_a_run_that_can_t_go_on() {
    let mut job = Job::encryption(Kind::Ndjson, "slow.jwk", 3000, 300, true);
    job.args = job.args.replace("--checkpoint checkpoint", "");
    let (exit, stderr) = signalled(&job, "TERM");
    assert_eq!(exit, Some(143), "{stderr}");
    assert!(stderr.contains("error[interrupted]: stopped by SIGTERM"), "{stderr}");
    for name in job.place.names() {
        assert!(!name.starts_with("out") && !name.starts_with("rejects"), "{name} is left");
    }
}

/// Nor does one that waits for its input go on for ever.
#[test]
fn a_signal_stops_a_run_that_waits_for_input() {
    for is_twice in [false, true] {
        let kind = Kind::Ndjson;
        let job = Job::encryption(kind, "fast.jwk", 10, 0, false);
        let text = job.place.read("in");
        let half = text.len() / 2;
        let Open { child, stdin } = open(&job, &text[..half]);
        let began = Instant::now();
        signal(&child, "TERM");
        if is_twice {
            // Who asks again does not want to wait.
            thread::sleep(Duration::from_millis(20));
            signal(&child, "TERM");
        }
        let (exit, stderr) = ended(child);
        assert_eq!(exit, Some(143), "{stderr}");
        assert!(stderr.contains("error[interrupted]: stopped by SIGTERM"), "{stderr}");
        assert!(began.elapsed() < Duration::from_secs(if is_twice { 2 } else { 10 }));
        drop(stdin);
        job.check_between();
        job.check_end(&job.run());
    }
}

/// A file with one bad record, at which the first run stops.
fn stopped() -> Job {
    let kind = Kind::Ndjson;
    let mut job = Job::encryption(kind, "fast.jwk", 3000, 50, false);
    let mut lines: Vec<Vec<u8>> =
        job.clear.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    lines[2000] = b"{\"a\":}\n".to_vec();
    job.place.write("in", lines.concat());
    let ended = job.run();
    assert_eq!(ended.code, Some(1));
    let error = ended.stderr.lines().find(|line| line.starts_with("error[")).unwrap();
    assert!(error.starts_with("error[document_not_json]: line 2001, record 2001: "), "{error}");
    assert!(error.contains("same command") && error.contains("out.partial"), "{error}");
    assert!(job.place.exists("checkpoint") && !job.place.exists("out"));
    assert_eq!((job.reached(), job.place.mode("checkpoint")), (2000, 0o600));
    job.check_between();
    job.place.write("mended", &job.clear);
    job.args = job.args.replace("  ", " ");
    job
}

/// That a run is refused with nothing changed.
#[track_caller]
fn assert_refused(job: &Job, args: &str, code: &str, parts: &[&str]) {
    let snapshot = || {
        let files = ["out.partial", "checkpoint", "rejects.partial"];
        files.map(|name| fs::read(job.place.path(name)).ok())
    };
    let before = snapshot();
    job.place.jwe(args).run().refused_saying(code, parts);
    assert!(snapshot() == before, "{args} changes files");
    assert!(!job.place.exists("out"));
}

#[test]
fn a_bad_record_that_is_mended_is_gone_on_from() {
    let job = stopped();
    // The same once more, as long as it is bad.
    let again = job.run();
    assert_eq!(again.code, Some(1), "{}", again.stderr);
    assert!(again.stderr.contains("line 2001, record 2001"), "{}", again.stderr);
    fs::rename(job.place.path("mended"), job.place.path("in")).unwrap();
    let done = job.run();
    job.check_end(&done);
    assert_eq!(Summary::of(&done).number("resumed_at"), 2000);
    assert_eq!(Summary::of(&done).number("records"), 3000);
}

#[test]
fn other_settings_are_refused() {
    let job = stopped();
    let args = format!("{} in", job.args);
    for (from, to, name) in [
        ("encrypt", "decrypt", "direction"),
        ("--field /a", "--field /id", "fields"),
        ("--field /a", "--field /a --field /b", "fields"),
        ("--field /a", "--field /a --enc A128GCM", "enc"),
        ("--field /a", "--field /a --missing skip", "missing"),
        ("--field /a", "--field /a --non-string json-text", "non_string"),
        ("--field /a", "--field /a --already-encrypted leave", "already_encrypted"),
        ("--field /a", "--field /a --share-cek document", "share_cek"),
        ("--field /a", "--field /a --pad 64", "pad"),
        ("--field /a", "--field /a --bind", "bind"),
        ("--field /a", "--field /a --bind --record-id-at /id", "record_id_at"),
        ("--field /a", "--field /a --compress gzip", "compression"),
        ("--field /a", "--field /a --rejects rejects", "rejects"),
        ("--format ndjson", "--format json-array", "format"),
        ("fast.jwk", "unknown.jwk", "kid"),
        ("fast.jwk", "public.jwk", "alg"),
        ("-o out", "-o other", "output"),
    ] {
        let other = args.replace(from, to);
        assert_ne!(other, args);
        assert_refused(&job, &other, "checkpoint_settings", &["other settings", name, "remove"]);
    }
    // What the output does not depend on may be other.
    fs::rename(job.place.path("mended"), job.place.path("in")).unwrap();
    let other = "--threads 1 --buffer 100000 --limit-record 5000 --quiet";
    job.place.jwe(&format!("{args} {other}")).run().ok();
    job.check_files();
}

#[test]
fn another_input_is_refused() {
    let job = stopped();
    let args = format!("{} in", job.args);
    let mended = job.place.read("mended");
    let mut other_byte = mended.clone();
    other_byte[10] ^= 1;
    let swapped = {
        let lines: Vec<&[u8]> = mended.split_inclusive(|byte| *byte == b'\n').collect();
        [lines[1], lines[0], &lines[2..].concat()].concat()
    };
    for other in [
        other_byte,
        swapped,
        mended[..5000].to_vec(),
        Vec::new(),
        [b"\n", mended.as_slice()].concat(),
    ] {
        job.place.write("in", other);
        assert_refused(
            &job,
            &format!("{args} --quiet"),
            "input_changed",
            &["begun with", "checkpoint"],
        );
    }
    // The same content is the same, however it is compressed.
    let command = format!(
        "fields encrypt --key fast.jwk --quiet --missing skip {}",
        "--format ndjson --compress zstd --field /none"
    );
    let compressed = job.place.jwe(&command).stdin(&mended).run().ok();
    assert!(compressed.len() < mended.len());
    job.place.write("in", compressed);
    job.check_end(&job.run());
}

#[test]
fn files_that_do_not_fit_the_checkpoint_are_refused() {
    let job = stopped();
    let args = format!("{} in", job.args);
    let partial = job.place.read("out.partial");
    job.place.write("out.partial", &partial[..partial.len() - 1]);
    assert_refused(&job, &args, "checkpoint_output", &["out.partial", "begin anew"]);
    job.place.write("out.partial", b"");
    assert_refused(&job, &args, "checkpoint_output", &["out.partial", "has 0 bytes"]);
    fs::remove_file(job.place.path("out.partial")).unwrap();
    assert_refused(&job, &args, "checkpoint_output", &["out.partial", "not there"]);

    // What stands behind what counts is cut off.
    job.place.write("out.partial", [partial.as_slice(), b"{\"torn\":"].concat());
    job.place.write("checkpoint.new", b"torn");
    fs::rename(job.place.path("mended"), job.place.path("in")).unwrap();
    job.check_end(&job.run());
}

#[test]
fn what_is_no_checkpoint_is_refused() {
    let job = stopped();
    let args = format!("{} in", job.args);
    let good = job.place.read("checkpoint");
    let other_version = String::from_utf8(good.clone())
        .unwrap()
        .replace("jwe_checkpoint\":1", "jwe_checkpoint\":2");
    assert_ne!(other_version.as_bytes(), good);
    for garbage in [
        b"".to_vec(),
        b"garbage".to_vec(),
        b"{}".to_vec(),
        b"\xff\x00".to_vec(),
        good[..good.len() - 3].to_vec(),
        other_version.into_bytes(),
        "[".repeat(100_000).into_bytes(),
    ] {
        job.place.write("checkpoint", &garbage);
        assert_refused(&job, &args, "checkpoint", &["checkpoint", "no checkpoint", "remove it"]);
    }
    // A file that is something else is not lost.
    job.place.write("notes.txt", "precious");
    let other = args.replace("--checkpoint checkpoint", "--checkpoint notes.txt");
    assert_refused(&job, &other, "checkpoint", &["notes.txt"]);
    assert_eq!(job.place.read("notes.txt"), b"precious");
    // Without it, the run begins anew.
    fs::remove_file(job.place.path("checkpoint")).unwrap();
    fs::rename(job.place.path("mended"), job.place.path("in")).unwrap();
    let done = job.run();
    job.check_end(&done);
    assert!(!Summary::of(&done).has("resumed_at"));
}

#[test]
fn a_second_run_at_the_same_time_is_refused() {
    let job = Job::encryption(Kind::Ndjson, "fast.jwk", 500, 200, false);
    let text = job.place.read("in");
    let half = text.len() / 2;
    let Open { child, mut stdin } = open(&job, &text[..half]);
    for args in [job.args.clone(), job.args.replace("--checkpoint checkpoint", "")] {
        let second = job.place.jwe(&format!("{args} in")).run();
        second.refused_saying("output_in_use", &["out.partial", "another run"]);
    }
    stdin.write_all(&text[half..]).unwrap();
    drop(stdin);
    let (exit, stderr) = ended(child);
    assert_eq!(exit, Some(0), "{stderr}");
    job.check_files();
}

/// A run that could not give its files their names has nothing else left to do.
#[test]
fn names_that_are_taken_are_given_later() {
    for taken in ["out", "rejects"] {
        let mut job = Job::encryption(Kind::Ndjson, "fast.jwk", 500, 200, true);
        let text = job.place.read("in");
        let Open { child, mut stdin } = open(&job, &text[..text.len() / 2]);
        fs::create_dir(job.place.path(taken)).unwrap();
        stdin.write_all(&text[text.len() / 2..]).unwrap();
        drop(stdin);
        let (exit, stderr) = ended(child);
        assert_eq!(exit, Some(1), "{stderr}");
        assert!(stderr.contains("error[output]: ") && stderr.contains(taken), "{stderr}");
        assert_eq!(job.checkpoint().unwrap()["finished"], true);
        // As long as that is so, nothing is taken for done.
        job.is_stdin = true;
        let still = job.run();
        assert!(matches!(still.code, Some(1 | 2)), "{still:?}");
        assert!(job.place.exists("checkpoint") && job.place.exists(&format!("{taken}.partial")));
        fs::remove_dir(job.place.path(taken)).unwrap();
        // Another input is not taken for the one that is done.
        job.place.write("in", [text.as_slice(), b"{}\n"].concat());
        let other = job.run();
        assert!(
            other.code == Some(1) && other.stderr.contains("error[input_changed]"),
            "{other:?}"
        );
        job.place.write("in", &text);
        let done = job.run();
        job.check_end(&done);
        assert_eq!(Summary::of(&done).number("resumed_at"), 500);
    }
}

/// The first line of a run that goes on is not written twice, and neither is an input of nothing.
#[test]
fn short_files_with_a_checkpoint() {
    for kind in Kind::ALL {
        let place = Place::for_records();
        let options = kind.options();
        let encrypt = format!("fields encrypt --key fast.jwk --quiet {options} {FILES}");
        for text in [kind.text::<&str>(&[]), kind.text(&[kind.record(1, "x")])] {
            place.jwe(&encrypt).stdin(&text).run().ok();
            assert_eq!(place.decrypted(options, place.read("out")), text);
            assert!(!place.exists("checkpoint") && !place.exists("out.partial"));
        }
        // A bad first record leaves nothing that could be gone on with but the beginning.
        let bad = if kind == Kind::Csv { "7" } else { "{}" };
        let records = [bad.to_owned(), kind.record(1, "x")];
        for _ in 0..2 {
            assert_eq!(place.jwe(&encrypt).stdin(kind.text(&records)).run().code, Some(1));
        }
        let mended = kind.text(&[kind.record(0, "y"), kind.record(1, "x")]);
        place.jwe(&encrypt).stdin(&mended).run().ok();
        assert_eq!(place.decrypted(options, place.read("out")), mended);
        assert!(!place.exists("checkpoint") && !place.exists("out.partial"));
    }
}

/// Whoever looks at the output file sees the old one or the new one, and nothing between.
#[test]
fn the_old_file_is_there_until_the_new_one_is_whole() {
    let job = Job::encryption(Kind::Ndjson, "fast.jwk", 500, 200, false);
    job.place.write("out", "old");
    let text = job.place.read("in");
    let Open { child, mut stdin } = open(&job, &text[..text.len() / 2]);
    assert_eq!(job.place.read("out"), b"old");
    stdin.write_all(&text[text.len() / 2..]).unwrap();
    drop(stdin);
    let mut stderr = BufReader::new(child.stderr.unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    assert!(Summary::in_text(&line).is_done());
    job.check_files();
}
