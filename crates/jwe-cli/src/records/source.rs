//! The input of a stream: a file or standard input, compressed or not.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;
use std::sync::Arc;

use super::meter::{Counted, Counters};
use crate::compression::Decompressed;
use crate::failure::Failure;
use crate::input;

/// What is read, decompressed.
pub(super) struct Source {
    pub(super) reader: Decompressed<'static>,
    /// How long it is as it is stored, if it is a file.
    pub(super) len: Option<u64>,
}

impl Source {
    /// Opens a file, or standard input. What is read is counted as it is stored.
    pub(super) fn open(path: Option<&Path>, counters: Arc<Counters>) -> Result<Self, Failure> {
        let path = path.filter(|path| !input::is_stdin(Some(path)));
        let name = path.map_or("standard input".to_owned(), |path| path.display().to_string());
        let failed = |error: io::Error| {
            Failure::new("input", format!("can't be read: {error}")).about(&name)
        };
        let (reader, len): (Box<dyn Read + Send>, _) = match path {
            Some(path) => of_file(File::open(path).map_err(failed)?),
            None => stdin().map_err(failed)?,
        };
        let counted = Counted { input: reader, counters };
        Ok(Self { reader: Decompressed::new(counted), len })
    }
}

fn of_file(mut file: File) -> (Box<dyn Read + Send>, Option<u64>) {
    let len = file.metadata().ok().filter(|metadata| metadata.is_file()).map(|metadata| {
        // Standard input may be a file of which something was read before.
        metadata.len().saturating_sub(file.stream_position().unwrap_or(0))
    });
    (Box::new(file), len)
}

/// Standard input without a buffer that is copied from, and with its length if it is a file.
#[cfg(unix)]
fn stdin() -> io::Result<(Box<dyn Read + Send>, Option<u64>)> {
    use std::os::fd::AsFd;

    Ok(of_file(File::from(io::stdin().as_fd().try_clone_to_owned()?)))
}

#[cfg(not(unix))]
fn stdin() -> io::Result<(Box<dyn Read + Send>, Option<u64>)> {
    Ok((Box::new(io::stdin()), None))
}
