//! What was written to a file, by its length and a checksum: how a run that goes on knows that the
//! file is the one that it left.

use std::io::{self, Read, Write};

use crc32fast::Hasher;

/// The first bytes of a file: how many, and their CRC-32. It notices an accident, and nobody who
/// means harm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) len: u64,
    pub(super) crc32: u32,
}

impl Written {
    /// Counts bytes that were written behind the others.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        let mut crc32 = Hasher::new_with_initial_len(self.crc32, self.len);
        crc32.update(bytes);
        self.len += bytes.len() as u64;
        self.crc32 = crc32.finalize();
    }

    /// Whether these are the first bytes of a file that is read from its beginning.
    pub(super) fn begins(self, file: impl Read) -> io::Result<bool> {
        let mut found = Counting(Self::default());
        io::copy(&mut file.take(self.len), &mut found)?;
        Ok(found.0 == self)
    }
}

/// Writes nowhere.
struct Counting(Written);

impl Write for Counting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.add(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_are_known_again() {
        let mut written = Written::default();
        assert!(written.begins(b"anything".as_slice()).unwrap());
        written.add(b"ab");
        written.add(b"");
        written.add(b"c");
        // The check value of CRC-32, continued.
        let mut digits = Written::default();
        digits.add(b"1234");
        digits.add(b"56789");
        assert_eq!(digits, Written { len: 9, crc32: 0xcbf4_3926 });
        for (file, same) in
            [("abc", true), ("abcd", true), ("ab", false), ("abd", false), ("", false)]
        {
            assert_eq!(written.begins(file.as_bytes()).unwrap(), same, "{file}");
        }
    }
}
