//! Writing: to standard output, or to a file that appears under its name only when it is whole.

use std::fmt;
use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::failure::{Failure, escaped};

/// Who may read a file that is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secrecy {
    /// Whoever the umask lets.
    Public,
    /// The owner only: mode 0600.
    Secret,
}

/// Whether that output is standard output, by whatever name: what lies behind it must not be
/// replaced.
pub(crate) fn is_stdout(path: &Path) -> bool {
    ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].iter().any(|name| path == Path::new(name))
}

/// Writes `content` to `path`, replacing a file that is there, or to standard output.
pub(crate) fn write(path: Option<&Path>, content: &[u8], secrecy: Secrecy) -> Result<(), Failure> {
    write_like(None, path, content, secrecy)
}

/// The same; a new file can be read by those who can read `input`.
pub(crate) fn write_like(
    input: Option<&Path>,
    path: Option<&Path>,
    content: &[u8],
    secrecy: Secrecy,
) -> Result<(), Failure> {
    let Some(path) = path.filter(|path| !is_stdout(path)) else {
        return to_stdout(content);
    };
    let failed = |error: &io::Error| unwritable(path, error);
    let target = behind_links(path);
    let replaced = fs::metadata(&target).ok();
    if replaced.as_ref().is_some_and(|metadata| !metadata.is_file()) {
        // A device or a pipe can't be replaced.
        return fs::OpenOptions::new()
            .write(true)
            .open(&target)
            .and_then(|mut file| file.write_all(content))
            .map_err(|error| failed(&error));
    }
    let permissions = permissions(secrecy, replaced.as_ref(), input);
    let file = written_beside(&target, content, permissions).map_err(|error| failed(&error))?;
    file.persist(&target).map_err(|error| failed(&error.error))?;
    Ok(())
}

/// Those of a file that is written; `None` for those that the umask leaves.
pub(crate) fn permissions(
    secrecy: Secrecy,
    replaced: Option<&fs::Metadata>,
    input: Option<&Path>,
) -> Option<Permissions> {
    match (secrecy, replaced) {
        // Whoever could not read the file before can't read it now: what is beside the encrypted
        // values may be confidential too.
        (Secrecy::Public, Some(replaced)) => mode_of(replaced),
        (Secrecy::Public, None) => input
            .and_then(|input| fs::metadata(input).ok())
            .filter(fs::Metadata::is_file)
            .and_then(|input| mode_of(&input)),
        (Secrecy::Secret, _) => owner_only(),
    }
}

/// Through a link, its target is replaced and not the link, even if it is not there yet.
pub(crate) fn behind_links(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    // As many links as Linux follows.
    for _ in 0..40 {
        if let Ok(target) = fs::canonicalize(&path) {
            return target;
        }
        match fs::read_link(&path) {
            Ok(target) => path = path.parent().unwrap_or(Path::new("")).join(target),
            Err(_) => break,
        }
    }
    path
}

/// The same as an absolute name, by which two names of one file that is not there yet are known.
pub(crate) fn resolved(path: &Path) -> PathBuf {
    let path = behind_links(path);
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    match (fs::canonicalize(folder), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path,
    }
}

/// Writes a secret to a new file. A file that is there is left alone, and that is an error.
fn create_secret(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let file =
        written_beside(path, content, owner_only()).map_err(|error| unwritable(path, &error))?;
    file.persist_noclobber(path).map(drop).map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => Failure::new(
            "output_exists",
            format!("{}: is there already and is not replaced: name another file", path.display()),
        ),
        _ => unwritable(path, &error.error),
    })
}

/// Writes a secret to a new file that is not there yet, or to standard output.
pub(crate) fn create_secret_or_print(path: Option<&Path>, content: &[u8]) -> Result<(), Failure> {
    match path {
        Some(path) if !is_stdout(path) => create_secret(path, content),
        _ => to_stdout(content),
    }
}

/// Writes to a new file in the folder of `path`, with these permissions whatever the umask, or with
/// those that the umask leaves.
fn written_beside(
    path: &Path,
    content: &[u8],
    permissions: Option<Permissions>,
) -> io::Result<tempfile::NamedTempFile> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".jwe-");
    if let Some(everybody) = permissions.is_none().then(everybody).flatten() {
        builder.permissions(everybody);
    }
    // Without permissions of its own, tempfile lets nobody but the owner in.
    let mut file = builder.tempfile_in(folder)?;
    if let Some(permissions) = permissions {
        // Before anything is in it.
        file.as_file().set_permissions(permissions)?;
    }
    file.write_all(content)?;
    file.as_file().sync_all()?;
    Ok(file)
}

#[cfg(unix)]
fn from_mode(mode: u32) -> Option<Permissions> {
    Some(std::os::unix::fs::PermissionsExt::from_mode(mode))
}

#[cfg(not(unix))]
fn from_mode(_: u32) -> Option<Permissions> {
    None
}

pub(crate) fn owner_only() -> Option<Permissions> {
    from_mode(0o600)
}

/// What the umask then takes away from.
fn everybody() -> Option<Permissions> {
    from_mode(0o666)
}

/// The mode of a file that is replaced, for reading, writing and execution.
#[cfg(unix)]
fn mode_of(replaced: &fs::Metadata) -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;

    from_mode(replaced.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn mode_of(_: &fs::Metadata) -> Option<Permissions> {
    None
}

/// Prints a warning or an error on standard error. Nothing can be done where that fails.
pub(crate) fn to_stderr(text: &dyn fmt::Display) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Warns on standard error.
pub(crate) fn warn(text: &str) {
    to_stderr(&format_args!("warning: {}", escaped(text)));
}

/// Tells something on standard error that is no warning.
pub(crate) fn note(text: &str) {
    to_stderr(&format_args!("note: {}", escaped(text)));
}

fn to_stdout(content: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(content).and_then(|()| stdout.flush()) {
        // Whoever reads has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => {
            Err(Failure::new("output", format!("standard output can't be written: {error}")))
        }
        Ok(()) => Ok(()),
    }
}

pub(crate) fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::new("output", format!("{}: can't be written: {error}", path.display()))
}
