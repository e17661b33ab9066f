//! Measures the memory of the `jwe` command on streams of records of 100 MB and of 1 GB, and prints
//! each target with its verdict.
//!
//! Ends with exit code 1 if a target is missed. Takes the path of the command as its argument, and
//! otherwise the one that was built beside it (`cargo build --release -p jwe-cli`). Reads
//! `/proc`, and so needs Linux; needs 4 GB in the folder that `TMPDIR` names.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a benchmark that can't go on stops")]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode};
use std::time::{Duration, Instant};

use jwe::aws_lc_rs::AWS_LC_RS;
use jwe::{Alg, Jwk};
use jwe_benches::KID;
use jwe_benches::records::Folder;
use jwe_benches::subjects::private_key;

/// How often the peak is read. It never falls, so that only what is added between the last reading
/// and the end of the process is missed.
const PAUSE: Duration = Duration::from_millis(5);

const MEGABYTE: u64 = 1_000_000;
const MEBIBYTE: f64 = 1024.0 * 1024.0;

/// The most memory in MiB, whatever the input.
const MOST: f64 = 100.0;
/// The most memory for 1 GB, relative to that for 100 MB.
const MOST_GROWTH: f64 = 1.2;

/// Writes records of a kilobyte with a sensitive value of 16 bytes each, `len` bytes or a little
/// more.
fn write_records(path: &Path, len: u64) -> u64 {
    let notes =
        "Called about the invoice of last month; will pay by the end of the week. ".repeat(13);
    let mut file = BufWriter::new(File::create(path).unwrap());
    let (mut written, mut records) = (0, 0);
    while written < len {
        let line = format!(
            "{{\"id\":{records},\"account\":\"FR76{:012}\",\"notes\":\"{notes}\"}}\n",
            records * 7919
        );
        file.write_all(line.as_bytes()).unwrap();
        written += line.len() as u64;
        records += 1;
    }
    file.into_inner().unwrap();
    records
}

/// The peak of the resident memory in bytes; `None` once the process is gone.
fn peak(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

/// The command, with the keys that it needs and a folder for what it writes.
struct Subject {
    jwe: PathBuf,
    folder: Folder,
}

/// Which keys a run takes. The memory does not depend on the algorithm, but the time does: to
/// decrypt 1 GB with RSA takes minutes.
#[derive(Clone, Copy)]
enum Key {
    Rsa,
    A256Kw,
}

impl Subject {
    fn new(jwe: PathBuf) -> Self {
        let subject = Self { jwe, folder: Folder::new() };
        let rsa = private_key(2048);
        subject.write_key("private.jwk", &rsa);
        subject.write_key("public.jwk", &rsa.to_public().unwrap());
        let secret = Jwk::generate_oct(&AWS_LC_RS, 32).unwrap().with_alg(Alg::A256Kw);
        let secret = secret.with_kid(KID).unwrap();
        subject.write_key("secret.jwk", &secret);
        subject
    }

    /// For the owner only, as the command wants it.
    fn write_key(&self, name: &str, jwk: &Jwk) {
        let mut options = File::options();
        options.write(true).create_new(true).mode(0o600);
        let mut file = options.open(self.folder.path(name)).unwrap();
        file.write_all(jwk.to_json().as_bytes()).unwrap();
    }

    /// Runs `jwe fields` from file to file, prints what it took, and returns the memory in MiB.
    fn run(&self, direction: &str, key: Key, input: &str, output: &str) -> f64 {
        let (alg, key) = match (key, direction) {
            (Key::Rsa, "encrypt") => ("RSA-OAEP-256", "public.jwk"),
            (Key::Rsa, _) => ("RSA-OAEP-256", "private.jwk"),
            (Key::A256Kw, _) => ("A256KW", "secret.jwk"),
        };
        let start = Instant::now();
        let mut child = Command::new(&self.jwe)
            .args(["fields", direction, "--format", "ndjson", "--field", "/account", "--quiet"])
            .arg("--key")
            .arg(self.folder.path(key))
            .arg("--output")
            .args([self.folder.path(output), self.folder.path(input)])
            .spawn()
            .unwrap();
        let mut most = 0;
        let status = loop {
            most = peak(&child).unwrap_or(0).max(most);
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            std::thread::sleep(PAUSE);
        };
        assert!(status.success(), "jwe fields {direction} failed");
        assert!(most > 0, "no memory was seen in /proc");
        let memory = most as f64 / MEBIBYTE;
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "{direction}  {alg:12}  {input:20} -> {output:20} {memory:6.1} MiB {seconds:7.1} s"
        );
        memory
    }

    fn remove(&self, name: &str) {
        std::fs::remove_file(self.folder.path(name)).unwrap();
    }
}

fn main() -> ExitCode {
    let beside = || std::env::current_exe().unwrap().with_file_name("jwe");
    let jwe = std::env::args_os().nth(1).map_or_else(beside, PathBuf::from);
    if !jwe.is_file() {
        eprintln!("{} is not there: cargo build --release -p jwe-cli", jwe.display());
        return ExitCode::from(2);
    }
    let subject = Subject::new(jwe);
    for (name, megabytes) in [("100 MB", 100), ("1 GB", 1000)] {
        let records = write_records(&subject.folder.path(name), megabytes * MEGABYTE);
        println!("{name}: {records} records");
    }
    let same = |one: &str, other: &str| {
        let read = |name| std::fs::read(subject.folder.path(name)).unwrap();
        assert!(read(one) == read(other), "{one} is not {other}");
    };

    println!("\nPeak of resident memory, all cores");
    let run = |direction, key, input, output| subject.run(direction, key, input, output);
    let sent_small = run("encrypt", Key::Rsa, "100 MB", "100 MB out");
    let sent_large = run("encrypt", Key::Rsa, "1 GB", "1 GB out");
    subject.remove("1 GB out");
    let mut all = vec![sent_small, sent_large];
    all.push(run("decrypt", Key::Rsa, "100 MB out", "100 MB back"));
    same("100 MB", "100 MB back");
    all.push(run("encrypt", Key::A256Kw, "100 MB", "100 MB out"));
    all.push(run("encrypt", Key::A256Kw, "1 GB", "1 GB out"));
    subject.remove("1 GB");
    let received_small = run("decrypt", Key::A256Kw, "100 MB out", "100 MB back");
    let received_large = run("decrypt", Key::A256Kw, "1 GB out", "1 GB back");
    all.extend([received_small, received_large]);
    for compressed in ["100 MB out.gz", "100 MB out.zst"] {
        all.push(run("encrypt", Key::A256Kw, "100 MB", compressed));
        all.push(run("decrypt", Key::A256Kw, compressed, "100 MB back"));
        same("100 MB", "100 MB back");
    }

    println!("\nTargets");
    let mut missed = false;
    for (name, found, most) in [
        ("encryption, 1 GB / 100 MB", sent_large / sent_small, MOST_GROWTH),
        ("decryption, 1 GB / 100 MB", received_large / received_small, MOST_GROWTH),
        ("the most of all runs, MiB", all.into_iter().fold(0.0, f64::max), MOST),
    ] {
        missed |= found > most;
        let verdict = if found <= most { "pass" } else { "MISS" };
        println!("{verdict}  {name} <= {most}: {found:.2}");
    }
    ExitCode::from(u8::from(missed))
}
