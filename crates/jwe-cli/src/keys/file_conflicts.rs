//! What the files of a call can't be at the same time.

use std::path::Path;

use crate::cli::{FileArgs, KeyArgs};
use crate::failure::Failure;
use crate::fetch;
use crate::input;

/// Checks the files of the keys, `more` of them that hold secrets or other input, and the input
/// and the output of a message.
pub(crate) fn check_files(
    args: &KeyArgs,
    more: Option<&Path>,
    files: &FileArgs,
) -> Result<(), Failure> {
    let ca_file = args.ca_file.as_deref();
    if ca_file.is_some() && !args.source.keys.iter().any(|key| key.starts_with("https://")) {
        return Err(Failure::usage("--ca-file is for a key from an https URL: leave it out"));
    }
    let read = secret_files(args);
    let others = [ca_file, more].into_iter().flatten();
    let from_stdin = read
        .iter()
        .copied()
        .chain(others)
        .map(Some)
        .chain([files.input.as_deref()])
        .filter(|path| input::is_stdin(*path));
    check_stdin(from_stdin.count())?;
    read.iter().try_for_each(|path| check_output_is_not(path, files.output.as_deref()))
}

/// The files of keys and passwords.
pub(crate) fn secret_files(args: &KeyArgs) -> Vec<&Path> {
    let keys = args.source.keys.iter().filter(|key| !fetch::is_url(key)).map(Path::new);
    let secrets = [args.source.password_file.as_deref(), args.passphrase.file.as_deref()];
    keys.chain(secrets.into_iter().flatten()).collect()
}

/// The same of a command about one key.
pub(crate) fn check_key_files<const N: usize>(
    key: &str,
    passphrases: [Option<&Path>; N],
    output: Option<&Path>,
) -> Result<(), Failure> {
    let key = (!fetch::is_url(key)).then(|| Path::new(key));
    let read: Vec<&Path> = [key].into_iter().chain(passphrases).flatten().collect();
    check_stdin(read.iter().filter(|path| input::is_stdin(Some(path))).count())?;
    read.iter().try_for_each(|path| check_output_is_not(path, output))
}

/// Whichever is read second would be empty.
fn check_stdin(from_stdin: usize) -> Result<(), Failure> {
    if from_stdin > 1 {
        return Err(Failure::usage(
            "keys, passwords, certificates and the input can't come from standard input together: name files",
        ));
    }
    Ok(())
}

/// The output must not replace the key or the password that it is made with.
fn check_output_is_not(key: &Path, output: Option<&Path>) -> Result<(), Failure> {
    match output {
        Some(output) if same_file(key, output) => Err(Failure::usage(
            "-o names a file of a key or a password, which would be lost: name another file",
        )),
        _ => Ok(()),
    }
}

/// Whether both names are of one file that is there.
#[cfg(unix)]
pub(crate) fn same_file(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let identity = |path| {
        let metadata = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
        Some((metadata.dev(), metadata.ino()))
    };
    identity(a).is_some_and(|file| identity(b) == Some(file))
}

#[cfg(not(unix))]
pub(crate) fn same_file(a: &Path, b: &Path) -> bool {
    match (std::fs::canonicalize(a), std::fs::canonicalize(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}
