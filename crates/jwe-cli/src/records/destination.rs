//! Where output and rejected records go: standard output, a device or a pipe, or a file that gets
//! its name when it is whole.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::partial_file::{self, PartialFile};
use crate::failure::Failure;
use crate::output::{self, Secrecy};

/// Something that is written from its beginning to its end.
pub(super) struct Destination {
    to: To,
    name: String,
    len: u64,
    /// Whether whoever reads it has gone away.
    is_closed: bool,
}

enum To {
    Partial(PartialFile),
    Stream(Box<dyn Write + Send>),
}

impl Destination {
    /// Standard output, or what has this name. An earlier run may have written the first bytes.
    pub(super) fn open(
        path: Option<&Path>,
        secrecy: Secrecy,
        input: Option<&Path>,
        written: Option<u64>,
    ) -> Result<Self, Failure> {
        let Some(path) = path.filter(|path| !output::is_stdout(path)) else {
            let stdout = stdout().map_err(|error| {
                Failure::new("output", format!("standard output can't be written: {error}"))
            })?;
            return Ok(Self::new(To::Stream(stdout), "standard output".to_owned(), 0));
        };
        let target = output::resolved(path);
        let Some(permissions) = partial_file::permissions(&target, secrecy, input) else {
            // A device or a pipe can't be replaced.
            let file = OpenOptions::new().write(true).open(&target);
            let file = file.map_err(|error| output::unwritable(path, &error))?;
            let name = path.display().to_string();
            return Ok(Self::new(To::Stream(Box::new(file)), name, 0));
        };
        let file = match written {
            Some(len) => PartialFile::resume(&target, permissions.as_ref(), len)?,
            None => PartialFile::create(&target, permissions.as_ref())?,
        };
        let name = file.path().display().to_string();
        Ok(Self::new(To::Partial(file), name, written.unwrap_or(0)))
    }

    fn new(to: To, name: String, len: u64) -> Self {
        Self { to, name, len, is_closed: false }
    }

    /// Whether whoever reads it has seen enough and gone away.
    pub(super) fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// How many bytes were written, by earlier runs too.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// The file in which it is until it gets its name, if it gets one.
    pub(super) fn partial(&mut self) -> Option<&mut PartialFile> {
        match &mut self.to {
            To::Partial(file) => Some(file),
            To::Stream(_) => None,
        }
    }

    /// What was written is on the disk, if it is a file.
    pub(super) fn sync(&self) -> io::Result<()> {
        match &self.to {
            To::Partial(file) => file.sync().map_err(|error| self.named(&error)),
            To::Stream(_) => Ok(()),
        }
    }

    /// Leaves no more than the first `len` bytes, if it is a file. Nothing can be done where that
    /// fails; a run that goes on from here does it again.
    pub(super) fn cut(&mut self, len: u64) {
        if let To::Partial(file) = &mut self.to
            && self.len != len
            && file.cut(len).is_ok()
        {
            self.len = len;
        }
    }

    /// It is whole.
    pub(super) fn finish(self) -> Result<(), Failure> {
        match self.to {
            To::Partial(file) => file.persist(),
            To::Stream(_) => Ok(()),
        }
    }

    /// The error with the name of what can't be written.
    fn named(&self, error: &io::Error) -> io::Error {
        io::Error::new(error.kind(), format!("{}: {error}", self.name))
    }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match &mut self.to {
            To::Partial(file) => file.write(bytes),
            To::Stream(stream) => stream.write(bytes),
        };
        let written = written.map_err(|error| {
            self.is_closed |= error.kind() == io::ErrorKind::BrokenPipe;
            self.named(&error)
        })?;
        self.len += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            To::Partial(_) => Ok(()),
            To::Stream(stream) => stream.flush().map_err(|error| self.named(&error)),
        }
    }
}

/// Standard output as it is, without a buffer that would be searched for line ends.
#[cfg(unix)]
fn stdout() -> io::Result<Box<dyn Write + Send>> {
    use std::os::fd::AsFd;

    Ok(Box::new(File::from(io::stdout().as_fd().try_clone_to_owned()?)))
}

#[cfg(not(unix))]
fn stdout() -> io::Result<Box<dyn Write + Send>> {
    Ok(Box::new(io::stdout()))
}
