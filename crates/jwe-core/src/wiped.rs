//! Growing and cutting a buffer that may hold plaintext, without leaving any of it behind. For
//! this crate and for those that put documents together from what it decrypts.

use zeroize::Zeroize;

/// Makes room for `additional` more bytes of content. Where the buffer has to move, the old one is wiped.
pub fn reserve(buffer: &mut Vec<u8>, additional: usize) {
    let wanted = buffer.len().saturating_add(additional);
    if buffer.capacity() >= wanted {
        return;
    }
    let mut moved = Vec::with_capacity(wanted.max(buffer.capacity().saturating_mul(2)));
    moved.extend_from_slice(buffer);
    buffer.as_mut_slice().zeroize();
    buffer.spare_capacity_mut().zeroize();
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
