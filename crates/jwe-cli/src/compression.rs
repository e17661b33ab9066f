//! Compressed input and output.
//!
//! Input is decompressed if its first bytes are those of a compressed file, whatever its name. Each
//! piece of output becomes a gzip member or a Zstandard frame of its own, so that several threads
//! compress and a file can be cut between them; whoever decompresses gets them as one.

use std::fmt;
use std::io::{self, BufReader, Cursor, Read, Write};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use jwe_fields::records::Encode;

use crate::cli::CompressArg;

/// How output is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Gzip,
    Zstd,
}

/// What is read of a compressed file at a time.
const BLOCK: usize = 64 * 1024;

/// Tokens are base64url of random bytes: a higher level takes several times as long and makes
/// nearly nothing shorter.
const GZIP_LEVEL: flate2::Compression = flate2::Compression::fast();
const ZSTD_LEVEL: i32 = 1;

/// The binary logarithm of the most memory that a frame may ask for, 32 MiB: all that is written
/// without `--ultra` or `--long` asks for less.
const WINDOW_LOG_MAX: u32 = 25;

impl Compression {
    /// What was chosen, or what the name of the output says.
    pub(crate) fn of_output(chosen: Option<CompressArg>, output: Option<&Path>) -> Self {
        match chosen {
            Some(CompressArg::None) => Self::None,
            Some(CompressArg::Gzip) => Self::Gzip,
            Some(CompressArg::Zstd) => Self::Zstd,
            None => output.map_or(Self::None, Self::of_name),
        }
    }

    /// What the last extension of a name says.
    pub(crate) fn of_name(path: &Path) -> Self {
        let is =
            |name: &str| path.extension().is_some_and(|found| found.eq_ignore_ascii_case(name));
        if is("gz") {
            Self::Gzip
        } else if is("zst") || is("zstd") {
            Self::Zstd
        } else {
            Self::None
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// What brings output into this form, if it is another one.
    pub(crate) fn encoding(self) -> Option<&'static dyn Encode> {
        match self {
            Self::None => None,
            Self::Gzip => Some(&Self::Gzip),
            Self::Zstd => Some(&Self::Zstd),
        }
    }
}

impl Encode for Compression {
    fn encode(&self, output: &[u8], encoded: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::None => encoded.write_all(output),
            Self::Gzip => {
                let mut member = GzEncoder::new(encoded, GZIP_LEVEL);
                member.write_all(output)?;
                member.finish().map(drop)
            }
            Self::Zstd => {
                let mut frame = zstd::stream::write::Encoder::new(encoded, ZSTD_LEVEL)?;
                // Readers then know how much is to come, and notice what is damaged.
                frame.set_pledged_src_size(Some(output.len() as u64))?;
                frame.include_checksum(true)?;
                frame.write_all(output)?;
                frame.finish().map(drop)
            }
        }
    }
}

/// Reads what a compressed file holds, or a file that is not compressed. Nothing is read of it
/// before somebody reads here: it may be a pipe, and it may take long until something comes.
pub(crate) struct Decompressed<'r>(State<'r>);

enum State<'r> {
    Unread(Box<dyn Read + Send + 'r>),
    Reading(Box<dyn Read + Send + 'r>),
    /// Its first bytes could not be read.
    Failed,
}

impl<'r> Decompressed<'r> {
    pub(crate) fn new(input: impl Read + Send + 'r) -> Self {
        Self(State::Unread(Box::new(input)))
    }
}

impl Read for Decompressed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let State::Unread(input) = &mut self.0 {
            let input = core::mem::replace(input, Box::new(io::empty()));
            self.0 = State::Failed;
            self.0 = State::Reading(begun(input)?);
        }
        match &mut self.0 {
            State::Reading(input) => input.read(buffer),
            State::Unread(_) | State::Failed => Err(io::Error::other("can't be read any more")),
        }
    }
}

/// The reader that goes with the first bytes.
fn begun<'r>(mut input: Box<dyn Read + Send + 'r>) -> io::Result<Box<dyn Read + Send + 'r>> {
    let mut first = [0; 4];
    let mut len = 0;
    // A pipe may give them one by one.
    while let Some(rest) = first.get_mut(len..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) => break,
            Ok(read) => len += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let first = first.get(..len).unwrap_or_default();
    let found = of_first_bytes(first);
    let whole = Cursor::new(first.to_owned()).chain(input);
    let block = |input| BufReader::with_capacity(BLOCK, input);
    Ok(match found {
        Compression::None => Box::new(whole),
        Compression::Gzip => Box::new(Named("gzip", MultiGzDecoder::new(block(whole)))),
        Compression::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(block(whole))?;
            decoder.window_log_max(WINDOW_LOG_MAX)?;
            Box::new(Named("zstd", decoder))
        }
    })
}

fn of_first_bytes(first: &[u8]) -> Compression {
    match first {
        [0x1f, 0x8b, ..] => Compression::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd] => Compression::Zstd,
        _ => Compression::None,
    }
}

/// Names the form in errors, which may otherwise say no more than that bytes are missing.
struct Named<R>(&'static str, R);

impl<R: Read> Read for Named<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => error,
            io::ErrorKind::UnexpectedEof => io::Error::new(
                error.kind(),
                format!("the {} file ends early: get the rest", self.0),
            ),
            kind => io::Error::new(kind, Damaged(self.0, error)),
        })
    }
}

#[derive(Debug)]
struct Damaged(&'static str, io::Error);

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0, self.1)
    }
}

impl std::error::Error for Damaged {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time.
    struct Drop<'a>(&'a [u8]);

    impl Read for Drop<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let len = buffer.len().min(1);
            self.0.read(&mut buffer[..len])
        }
    }

    fn read(compressed: &[u8]) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        Decompressed::new(Drop(compressed)).read_to_end(&mut content)?;
        Ok(content)
    }

    #[test]
    fn pieces_are_read_as_one() {
        for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
            let mut encoded = Vec::new();
            for piece in [b"one\n".as_slice(), b"", b"two\n"] {
                compression.encode(piece, &mut encoded).unwrap();
            }
            assert_eq!(read(&encoded).unwrap(), b"one\ntwo\n", "{compression:?}");
        }
        for short in [b"".as_slice(), b"(", b"(\xb5/", b"\x1f"] {
            assert_eq!(read(short).unwrap(), short);
        }
    }

    #[test]
    fn a_file_that_ends_early_is_an_error_wherever_it_does() {
        for compression in [Compression::Gzip, Compression::Zstd] {
            let mut first = Vec::new();
            compression.encode(b"one\n", &mut first).unwrap();
            let mut both = first.clone();
            compression.encode(b"two\n", &mut both).unwrap();
            for len in 4..both.len() {
                let content = read(&both[..len]);
                if len == first.len() {
                    assert_eq!(content.unwrap(), b"one\n");
                } else {
                    let error = content.unwrap_err().to_string();
                    assert!(error.contains("ends early"), "{compression:?} {len}: {error}");
                }
            }
            let mut damaged = both.clone();
            damaged[first.len() - 2] ^= 1;
            assert!(read(&damaged).is_err(), "{compression:?}");
            both.extend_from_slice(b"garbage");
            assert!(read(&both).is_err(), "{compression:?}");
        }
    }

    #[test]
    fn names_say_how_output_is_compressed() {
        let of = |name: &str| Compression::of_output(None, Some(Path::new(name)));
        assert_eq!(of("a.ndjson.gz"), Compression::Gzip);
        assert_eq!(of("a.GZ"), Compression::Gzip);
        assert_eq!(of("a.zst"), Compression::Zstd);
        assert_eq!(of("a.zstd"), Compression::Zstd);
        assert_eq!(of("gz"), Compression::None);
        assert_eq!(of("a.gz.txt"), Compression::None);
        let chosen = Some(CompressArg::None);
        assert_eq!(Compression::of_output(chosen, Some(Path::new("a.gz"))), Compression::None);
    }
}
