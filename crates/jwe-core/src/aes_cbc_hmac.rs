//! The arithmetic of AES-CBC with HMAC (RFC 7518 §5.2) that is the same over every library: the
//! parts of the CEK, the length AL and the padding. The cipher and the HMAC are the backend's.

use crate::error::BackendError;

const BLOCK_LEN: usize = 16;

/// MAC_KEY and ENC_KEY, the two halves of the CEK in this order (RFC 7518 §5.2.2.1, step 1).
///
/// # Errors
/// [`BackendError`] for a CEK of an odd number of bytes.
pub fn split_cek(cek: &[u8]) -> Result<(&[u8], &[u8]), BackendError> {
    if !cek.len().is_multiple_of(2) {
        return Err(BackendError);
    }
    cek.split_at_checked(cek.len() / 2).ok_or(BackendError)
}

/// AL, the number of bits of the associated data in 64 bits, big-endian (RFC 7518 §5.2.2.1,
/// step 4).
///
/// # Errors
/// [`BackendError`] for 2^61 bytes or more.
pub fn aad_bits(aad: &[u8]) -> Result<[u8; 8], BackendError> {
    let bits = u64::try_from(aad.len()).ok().and_then(|len| len.checked_mul(8));
    bits.map(u64::to_be_bytes).ok_or(BackendError)
}

/// Writes the padding of PKCS #7 (RFC 5652 §6.3) behind the first `plaintext_len` bytes.
///
/// # Errors
/// [`BackendError`] where `buf` has no room for a padding or for more than one block of it.
pub fn pad(buf: &mut [u8], plaintext_len: usize) -> Result<(), BackendError> {
    let padding = buf.get_mut(plaintext_len..).ok_or(BackendError)?;
    match u8::try_from(padding.len()) {
        Ok(count) if (1..=BLOCK_LEN).contains(&padding.len()) => {
            padding.fill(count);
            Ok(())
        }
        _ => Err(BackendError),
    }
}

/// The length without the padding of PKCS #7 (RFC 5652 §6.3), of which every byte is checked.
///
/// To be called after the tag was found right: the time that it takes depends on the padding,
/// which is then the sender's own.
///
/// # Errors
/// [`BackendError`] for a wrong padding.
pub fn unpadded_len(padded: &[u8]) -> Result<usize, BackendError> {
    let count = *padded.last().ok_or(BackendError)?;
    if !(1..=BLOCK_LEN).contains(&usize::from(count)) {
        return Err(BackendError);
    }
    let len = padded.len().checked_sub(usize::from(count)).ok_or(BackendError)?;
    match padded.get(len..) {
        Some(padding) if padding.iter().all(|byte| *byte == count) => Ok(len),
        _ => Err(BackendError),
    }
}

#[cfg(test)]
mod tests {
    use super::{BackendError, aad_bits, pad, split_cek, unpadded_len};

    #[test]
    fn the_cek_is_mac_key_then_enc_key() {
        assert_eq!(split_cek(&[1, 2, 3, 4]), Ok((&[1, 2][..], &[3, 4][..])));
        assert_eq!(split_cek(&[1, 2, 3]), Err(BackendError));
    }

    /// RFC 7518 §B.1: 42 bytes are 0x150 bits.
    #[test]
    fn al_counts_bits() {
        assert_eq!(aad_bits(&[0; 42]), Ok([0, 0, 0, 0, 0, 0, 1, 0x50]));
        assert_eq!(aad_bits(&[]), Ok([0; 8]));
    }

    #[test]
    fn a_padding_is_put_on_and_taken_off() {
        for len in 0..=48 {
            let mut buf = vec![0xaa; len / 16 * 16 + 16];
            assert_eq!(pad(&mut buf, len), Ok(()));
            assert_eq!(unpadded_len(&buf), Ok(len));
            for at in len..buf.len() {
                let mut wrong = buf.clone();
                wrong[at] ^= 0x80;
                assert_eq!(unpadded_len(&wrong), Err(BackendError), "byte {at} after {len}");
            }
        }
        for (buf_len, plaintext_len) in [(16, 16), (32, 15), (16, 17), (0, 0), (16, usize::MAX)] {
            assert_eq!(pad(&mut vec![0; buf_len], plaintext_len), Err(BackendError));
        }
        for byte in (17..=255).chain([0]) {
            assert_eq!(unpadded_len(&[byte; 32]), Err(BackendError), "{byte}");
        }
        for none in [&[][..], &[2], &[16; 15]] {
            assert_eq!(unpadded_len(none), Err(BackendError));
        }
    }
}
