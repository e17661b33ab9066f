//! What the command asks the system for, as `strace` sees it.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::Stdio;

use crate::support::{Jwe, Place, has, skipped};

/// The calls of a run.
#[derive(Debug)]
pub(crate) struct Calls {
    pub(crate) code: Option<i32>,
    pub(crate) connections: Vec<String>,
    /// The names of the files that it opens, or tries to.
    pub(crate) files: BTreeSet<String>,
}

/// Whether there is an `strace` that works here. Where there is none, that is printed, and it is a failure if
/// `JWE_REQUIRE_STRACE=1` is set.
pub(crate) fn can_trace() -> bool {
    let can = cfg!(target_os = "linux") && has("strace") && {
        let mut probe = std::process::Command::new("strace");
        probe.args(["-o", "/dev/null", "true"]).stdout(Stdio::null()).stderr(Stdio::null());
        probe.status().is_ok_and(|status| status.success())
    };
    if !can {
        let is_required = std::env::var_os("JWE_REQUIRE_STRACE").is_some_and(|value| value == "1");
        assert!(!is_required, "JWE_REQUIRE_STRACE is set, and strace is not there or can't trace");
        skipped("strace is not there or can't trace: what the command opens was not looked at");
    }
    can
}

/// Runs the command under `strace`, with this input.
pub(crate) fn calls(place: &Place, jwe: Jwe, input: &[u8]) -> Calls {
    let command = jwe.command();
    let mut strace = std::process::Command::new("strace");
    strace.args(["-f", "-qq", "-s", "4096", "-e", "trace=connect,open,openat,openat2,creat"]);
    strace.args(["-o", "trace"]).arg(command.get_program()).args(command.get_args());
    strace.current_dir(place.path("")).stdin(Stdio::piped());
    strace.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = strace.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A command that refuses its key reads no input.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let trace = String::from_utf8_lossy(&place.read("trace")).into_owned();
    let of = |name: &str| {
        let name = format!("{name}(");
        trace.lines().filter(move |line| line.contains(&name)).map(str::to_owned)
    };
    let file = |line: String| line.split('"').nth(1).unwrap_or_default().to_owned();
    let files = ["open", "openat", "openat2", "creat"].into_iter().flat_map(of).map(file);
    Calls {
        code: output.status.code(),
        connections: of("connect").collect(),
        files: files.collect(),
    }
}
