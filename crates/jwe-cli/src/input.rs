//! Reading what may be secret: into a buffer that is wiped, up to a limit.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use jwe_core::wiped;
use zeroize::Zeroizing;

use crate::compression::Decompressed;
use crate::failure::Failure;

/// How much is read, and what to do when there is more.
#[derive(Clone, Copy)]
pub(crate) struct Limit {
    bytes: usize,
    code: &'static str,
    advice: &'static str,
}

impl Limit {
    /// That of the input, which `--limit-input` sets.
    pub(crate) fn of_input(bytes: usize) -> Self {
        Self { bytes, code: "input_too_long", advice: ": raise --limit-input, or split it" }
    }

    /// That of a file of keys or certificates.
    pub(crate) fn of_keys(bytes: usize) -> Self {
        Self { bytes, code: "key_too_large", advice: ", which no key is" }
    }

    /// That of a file whose first line is a password.
    pub(crate) fn of_passwords(bytes: usize) -> Self {
        Self { bytes, code: "password_too_long", advice: ", which no file of a password is" }
    }
}

/// Whether that input is standard input, by whatever name.
pub(crate) fn is_stdin(path: Option<&Path>) -> bool {
    let names = ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];
    path.is_none_or(|path| names.iter().any(|name| path == Path::new(name)))
}

/// Reads a file, or standard input for `None` and `-`, up to `limit` bytes.
pub(crate) fn read(path: Option<&Path>, limit: Limit) -> Result<Zeroizing<Vec<u8>>, Failure> {
    match path {
        Some(path) if !is_stdin(Some(path)) => {
            let name = path.display().to_string();
            let file = File::open(path).map_err(|error| unreadable(&error).about(&name))?;
            read_all(file, limit).map_err(|failure| failure.about(&name))
        }
        _ => read_all(io::stdin().lock(), limit).map_err(|failure| failure.about("standard input")),
    }
}

/// Reads the same, decompressed if it is compressed; the limit is for what it then is.
pub(crate) fn read_decompressed(
    path: Option<&Path>,
    limit: Limit,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let read = |source: Box<dyn Read + Send>| read_all(Decompressed::new(source), limit);
    match path {
        Some(path) if !is_stdin(Some(path)) => {
            let name = path.display().to_string();
            let file = File::open(path).map_err(|error| unreadable(&error).about(&name))?;
            read(Box::new(file)).map_err(|failure| failure.about(&name))
        }
        _ => read(Box::new(io::stdin())).map_err(|failure| failure.about("standard input")),
    }
}

/// Reads to the end. Where the buffer has to move, the old one is wiped.
pub(crate) fn read_all(mut source: impl Read, limit: Limit) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut content = Zeroizing::new(Vec::with_capacity(16 * 1024));
    let mut chunk = Zeroizing::new([0; 16 * 1024]);
    loop {
        let read = match source.read(chunk.as_mut_slice()) {
            Ok(0) => return Ok(content),
            Ok(read) => chunk.get(..read).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(unreadable(&error)),
        };
        if content.len() + read.len() > limit.bytes {
            let Limit { bytes, code, advice } = limit;
            return Err(Failure::new(code, format!("longer than {bytes} bytes{advice}")));
        }
        wiped::reserve(&mut content, read.len());
        content.extend_from_slice(read);
    }
}

fn unreadable(error: &io::Error) -> Failure {
    Failure::new("input", format!("can't be read: {error}"))
}

/// A token as people store it: with one line end behind it, or none.
pub(crate) fn token(bytes: &[u8]) -> Result<&str, Failure> {
    let text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    core::str::from_utf8(text)
        .map_err(|_| Failure::new("base64url", "not a well-formed JWE: it is not ASCII"))
}
