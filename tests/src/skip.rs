//! What a test says in a run that passes: that it was skipped and why, how much it looked at, and
//! the seed to repeat it with.

use std::fmt::Display;
use std::io::{Write, stderr};
use std::path::PathBuf;

/// Writes a line that is seen whether the test passes or not. What the print macros write is held
/// back by the test harness unless the test fails, so this goes to standard error itself.
pub fn say(line: impl Display) {
    // One write, so that lines of tests in other threads and processes stay apart. A closed
    // standard error is no reason to fail.
    let _ = stderr().lock().write_all(format!("{line}\n").as_bytes());
}

/// Says that the test does not run, and why.
pub fn skipped(reason: impl Display) {
    say(format_args!("skipped: {reason}"));
}

/// The path in the environment variable `name`; where it is unset, the test is skipped.
#[must_use]
pub fn path_from_env(name: &str, what: &str) -> Option<PathBuf> {
    let path = std::env::var_os(name).map(PathBuf::from);
    if path.is_none() {
        skipped(format_args!("{name} is not set; it is the path of {what}"));
    }
    path
}
