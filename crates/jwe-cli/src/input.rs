//! Reading what may be secret: into a buffer that is wiped, up to a limit.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use zeroize::{Zeroize, Zeroizing};

use crate::failure::Failure;

/// Reads a file, or standard input for `None` and `-`, up to `limit` bytes.
pub(crate) fn read(path: Option<&Path>, limit: usize) -> Result<Zeroizing<Vec<u8>>, Failure> {
    match path {
        Some(path) if path != Path::new("-") => {
            let name = path.display().to_string();
            let file = File::open(path).map_err(|error| unreadable(&error).about(&name))?;
            read_all(file, limit).map_err(|failure| failure.about(&name))
        }
        _ => read_all(io::stdin().lock(), limit).map_err(|failure| failure.about("standard input")),
    }
}

/// Reads to the end. Where the buffer has to move, the old one is wiped.
pub(crate) fn read_all(mut source: impl Read, limit: usize) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut content = Zeroizing::new(Vec::with_capacity(16 * 1024));
    let mut chunk = Zeroizing::new([0; 16 * 1024]);
    loop {
        let read = match source.read(chunk.as_mut_slice()) {
            Ok(0) => return Ok(content),
            Ok(read) => chunk.get(..read).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(unreadable(&error)),
        };
        if content.len() + read.len() > limit {
            return Err(Failure::new(
                "input_too_long",
                format!("longer than {limit} bytes: raise --limit-input, or split it"),
            ));
        }
        if content.capacity() - content.len() < read.len() {
            let mut moved = Vec::with_capacity(content.capacity() * 2);
            moved.extend_from_slice(&content);
            content.zeroize();
            *content = moved;
        }
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
