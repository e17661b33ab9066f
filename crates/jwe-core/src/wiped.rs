//! Leaving nothing behind: buffers that may hold plaintext are grown and cut, and the stack under an
//! operation on secrets is overwritten. For this crate, for backends, and for those that put
//! documents together from what is decrypted.

use core::mem::MaybeUninit;
use core::ops::{Deref, DerefMut};

use zeroize::Zeroize;

/// Makes room for `additional` more bytes of content. Where the buffer has to move, the old one is wiped.
pub fn reserve(buffer: &mut Vec<u8>, additional: usize) {
    let wanted = buffer.len().saturating_add(additional);
    if buffer.capacity() >= wanted {
        return;
    }
    let mut moved = Vec::with_capacity(wanted.max(buffer.capacity().saturating_mul(2)));
    // Not for a buffer that has no memory yet: to clear no bytes at an address where nothing is
    // takes some CPUs about as long as to decrypt a short value.
    if buffer.capacity() > 0 {
        moved.extend_from_slice(buffer);
        buffer.as_mut_slice().zeroize();
        buffer.spare_capacity_mut().zeroize();
    }
    *buffer = moved;
}

/// Cuts the buffer to `len` bytes and wipes what it held behind. Unlike `zeroize` it leaves alone
/// memory that was not used, so that one long value does not slow down all later ones.
pub fn truncate(buffer: &mut Vec<u8>, len: usize) {
    if let Some(behind) = buffer.get_mut(len..) {
        behind.zeroize();
    }
    buffer.truncate(len);
}

/// An array of bytes that is wiped on drop, in one piece: `Zeroizing` wipes an array byte by byte,
/// which for a buffer of the longest encrypted key takes a quarter of the time of an AES key unwrap.
pub(crate) struct Bytes<const N: usize>([u8; N]);

impl<const N: usize> Bytes<N> {
    pub(crate) const fn zero() -> Self {
        Self([0; N])
    }
}

impl<const N: usize> Deref for Bytes<N> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<const N: usize> DerefMut for Bytes<N> {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl<const N: usize> Drop for Bytes<N> {
    fn drop(&mut self) {
        self.0.as_mut_slice().zeroize();
    }
}

/// Words of stack that [`stack_after`] overwrites, 16 KiB: more than any operation of the backends
/// here was seen to leave traces in, with and without optimization.
const WORDS: usize = 2048;

/// Runs `operation`, then overwrites the stack that lay under it.
///
/// Key schedules of AES begin with the key itself, and both key schedules and big integers are
/// passed by value inside of libraries, which leaves copies in stack frames that nobody owns any
/// more. A best effort: how deep an operation reaches is measured by tests, not promised by the
/// compiler.
pub fn stack_after<T>(operation: impl FnOnce() -> T) -> T {
    let result = run(operation);
    overwrite();
    result
}

// Its own frame, so that what overwrites begins at the same depth.
#[inline(never)]
fn run<T>(operation: impl FnOnce() -> T) -> T {
    operation()
}

#[inline(never)]
fn overwrite() {
    let mut frame = [const { MaybeUninit::<u64>::uninit() }; WORDS];
    frame.as_mut_slice().zeroize();
}

#[cfg(test)]
mod tests {
    #[test]
    fn content_moves_and_is_cut() {
        let mut buffer = vec![1, 2, 3];
        super::reserve(&mut buffer, 1000);
        assert!(buffer.capacity() >= 1003);
        assert_eq!(buffer, [1, 2, 3]);
        super::truncate(&mut buffer, 1);
        assert_eq!(buffer, [1]);
        super::truncate(&mut buffer, 5);
        assert_eq!(buffer, [1]);
    }
}
