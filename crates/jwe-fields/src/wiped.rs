//! Buffers that hold plaintext: nothing stays behind when they move or shrink.

use zeroize::Zeroize;

/// Makes room for `additional` more bytes. Where the buffer has to move, the old one is wiped.
pub(crate) fn reserve(buffer: &mut Vec<u8>, additional: usize) {
    let wanted = buffer.len().saturating_add(additional);
    if buffer.capacity() < wanted {
        let mut moved = Vec::with_capacity(wanted.max(buffer.capacity().saturating_mul(2)));
        moved.extend_from_slice(buffer);
        buffer.zeroize();
        *buffer = moved;
    }
}

/// Cuts the buffer to `len` bytes and wipes what stood behind. Unlike `zeroize` it leaves alone
/// memory that was not used, so that one long value does not slow down all later ones.
pub(crate) fn truncate(buffer: &mut Vec<u8>, len: usize) {
    if let Some(behind) = buffer.get_mut(len..) {
        behind.zeroize();
    }
    buffer.truncate(len);
}

#[cfg(test)]
mod tests {
    #[test]
    fn content_moves_and_is_cut() {
        let mut buffer = b"abc".to_vec();
        super::reserve(&mut buffer, 1000);
        assert!(buffer.capacity() >= 1003);
        let place = buffer.as_ptr();
        super::reserve(&mut buffer, 1000);
        assert_eq!(buffer.as_ptr(), place);
        super::truncate(&mut buffer, 1);
        assert_eq!(buffer, b"a");
        super::truncate(&mut buffer, 9);
        assert_eq!(buffer, b"a");
    }
}
