//! What the files of a run can't be at the same time: nothing that is written may replace what is
//! read, or something else that is written.

use std::path::Path;

use super::checkpoint;
use super::partial_file::partial_path;
use crate::cli::RecordArgs;
use crate::failure::Failure;
use crate::input;
use crate::keys;
use crate::output::{is_stdout, resolved};

/// Checks the files of a run.
///
/// # Errors
/// Wrong usage.
pub(super) fn check(
    key_files: &[&Path],
    input: Option<&Path>,
    output: Option<&Path>,
    args: &RecordArgs,
) -> Result<(), Failure> {
    let output = output.filter(|path| !is_stdout(path));
    if args.rejects.as_deref().is_some_and(is_stdout) {
        return Err(Failure::usage("--rejects is for a file: the data goes to standard output"));
    }
    let is_file = |path: &&Path| std::fs::metadata(path).map_or(true, |found| found.is_file());
    if args.checkpoint.is_some() && !output.as_ref().is_some_and(is_file) {
        return Err(Failure::usage(
            "--checkpoint is for output to a file, which the next run can go on with: add -o FILE",
        ));
    }
    let checkpoint = args.checkpoint.as_deref();
    if checkpoint.as_ref().is_some_and(|path| !is_file(path)) {
        return Err(Failure::usage("--checkpoint names something that is no file: name a file"));
    }
    let rejects = args.rejects.as_deref();
    if checkpoint.is_some() && rejects.as_ref().is_some_and(|path| is_pipe(path)) {
        return Err(Failure::usage(
            "--checkpoint is for --rejects to a file too, which the next run can go on with: name a file",
        ));
    }
    let mut written = Vec::new();
    for (option, path) in [("-o", output), ("--rejects", rejects)] {
        if let Some(path) = path.filter(is_file).map(resolved) {
            written.push((option, partial_path(&path), false));
            written.push((option, path, option == "-o"));
        }
    }
    if let Some(path) = checkpoint.map(resolved) {
        written.push(("--checkpoint", checkpoint::beside(&path), false));
        written.push(("--checkpoint", path, false));
    }

    let input = input.filter(|path| !input::is_stdin(Some(path)));
    for (at, (option, path, is_output)) in written.iter().enumerate() {
        if written.iter().take(at).any(|(_, other, _)| is_same(path, other)) {
            return Err(Failure::usage(format!(
                "{option} names a file that another option writes, {}: name another file",
                path.display()
            )));
        }
        if key_files.iter().any(|key| is_same(path, key)) {
            return Err(Failure::usage(format!(
                "{option} names a file of a key or a password, which would be lost: name another file"
            )));
        }
        // Without a checkpoint the output may replace the input, once it is whole.
        let may_replace = *is_output && args.checkpoint.is_none();
        if !may_replace && input.is_some_and(|input| is_same(path, input)) {
            return Err(Failure::usage(format!(
                "{option} would write to the input, {}: name another file",
                path.display()
            )));
        }
    }
    Ok(())
}

/// Whether what is written there is gone, as with a pipe or a device.
fn is_pipe(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// Whether both are one file, or will be.
fn is_same(path: &Path, other: &Path) -> bool {
    keys::same_file(path, other) || resolved(path) == resolved(other)
}
