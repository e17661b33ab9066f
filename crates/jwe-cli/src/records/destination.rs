//! Where output and rejected records go: standard output, a device or a pipe, or a file that gets
//! its name when it is whole.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::partial_file::{self, PartialFile};
use super::written::Written;
use crate::failure::Failure;
use crate::output::{self, Secrecy};

/// Something that is written from its beginning to its end.
pub(super) struct Destination {
    to: To,
    name: String,
    written: Written,
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
        written: Option<Written>,
    ) -> Result<Self, Failure> {
        let Some(path) = path.filter(|path| !output::is_stdout(path)) else {
            let stdout = stdout().map_err(|error| {
                Failure::new("output", format!("standard output can't be written: {error}"))
            })?;
            return Ok(Self::new(To::Stream(stdout), "standard output".to_owned(), None));
        };
        if !partial_file::can_be_replaced(path) {
            // A device or a pipe. Behind `/dev/fd` there may be one that has no name of its own.
            let file = OpenOptions::new().write(true).open(path);
            let file = file.map_err(|error| output::unwritable(path, &error))?;
            let name = path.display().to_string();
            return Ok(Self::new(To::Stream(Box::new(file)), name, None));
        }
        let target = output::resolved(path);
        let permissions = partial_file::permissions(&target, secrecy, input);
        let file = match written {
            Some(written) => PartialFile::resume(&target, permissions, written)?,
            None => PartialFile::create(&target, permissions)?,
        };
        let name = file.path().display().to_string();
        Ok(Self::new(To::Partial(file), name, written))
    }

    fn new(to: To, name: String, written: Option<Written>) -> Self {
        Self { to, name, written: written.unwrap_or_default(), is_closed: false }
    }

    /// Whether whoever reads it has seen enough and gone away.
    pub(super) fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// What was written, by earlier runs too.
    pub(super) fn written(&self) -> Written {
        self.written
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

    /// Leaves no more than this of what was written, if it is a file. Nothing can be done where that
    /// fails; a run that goes on from here does it again.
    pub(super) fn cut(&mut self, written: Written) {
        if let To::Partial(file) = &mut self.to
            && self.written != written
            && file.cut(written.len).is_ok()
        {
            self.written = written;
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
        self.written.add(bytes.get(..written).unwrap_or_default());
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
