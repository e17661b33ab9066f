//! AES-CBC with the padding of RFC 8018 §6.1.1, in place.

use aes::{Aes128Dec, Aes192Dec, Aes256Dec, Aes256Enc};
use cbc::cipher::{Array, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, consts::U16};
use cbc::{Decryptor, Encryptor};
use pkcs8::pkcs5::pbes2::EncryptionScheme;

use crate::error::EncryptedKeyError;

const BLOCK: usize = 16;

/// The length in bytes of the key that a file's cipher wants.
pub(crate) fn key_len(scheme: &EncryptionScheme) -> Result<usize, EncryptedKeyError> {
    match scheme {
        EncryptionScheme::Aes128Cbc { .. } => Ok(16),
        EncryptionScheme::Aes192Cbc { .. } => Ok(24),
        EncryptionScheme::Aes256Cbc { .. } => Ok(32),
        _ => Err(EncryptedKeyError::Unsupported("with another cipher than AES-CBC")),
    }
}

/// Decrypts and returns the plaintext's length.
pub(crate) fn decrypt(
    scheme: &EncryptionScheme,
    key: &[u8],
    data: &mut [u8],
) -> Result<usize, EncryptedKeyError> {
    match scheme {
        EncryptionScheme::Aes128Cbc { iv } => decrypt_blocks::<Decryptor<Aes128Dec>>(key, iv, data),
        EncryptionScheme::Aes192Cbc { iv } => decrypt_blocks::<Decryptor<Aes192Dec>>(key, iv, data),
        EncryptionScheme::Aes256Cbc { iv } => decrypt_blocks::<Decryptor<Aes256Dec>>(key, iv, data),
        _ => Err(EncryptedKeyError::Unsupported("with another cipher than AES-CBC")),
    }
}

fn decrypt_blocks<M>(key: &[u8], iv: &[u8], data: &mut [u8]) -> Result<usize, EncryptedKeyError>
where
    M: KeyIvInit + BlockModeDecrypt<BlockSize = U16>,
{
    let failed = EncryptedKeyError::DecryptionFailed;
    let (blocks, rest) = Array::slice_as_chunks_mut(data);
    if blocks.is_empty() || !rest.is_empty() {
        return Err(failed);
    }
    M::new_from_slices(key, iv).map_err(|_| failed.clone())?.decrypt_blocks(blocks);
    let padding = usize::from(data.last().copied().unwrap_or_default());
    let len = data.len().checked_sub(padding).ok_or(failed.clone())?;
    let is_padding =
        data.get(len..).is_some_and(|end| end.iter().all(|byte| usize::from(*byte) == padding));
    if (1..=BLOCK).contains(&padding) && is_padding { Ok(len) } else { Err(failed) }
}

/// How long the ciphertext of `len` bytes is.
pub(crate) fn padded_len(len: usize) -> usize {
    (len / BLOCK).saturating_add(1).saturating_mul(BLOCK)
}

/// Encrypts the first `len` bytes with AES-256; `data` is as long as [`padded_len`] has it.
pub(crate) fn encrypt(
    key: &[u8],
    iv: &[u8],
    data: &mut [u8],
    len: usize,
) -> Result<(), EncryptedKeyError> {
    let broken = EncryptedKeyError::NotDer;
    let padding = data.len().checked_sub(len).and_then(|padding| u8::try_from(padding).ok());
    data.get_mut(len..).ok_or(broken.clone())?.fill(padding.ok_or(broken.clone())?);
    let (blocks, rest) = Array::slice_as_chunks_mut(data);
    if !rest.is_empty() {
        return Err(broken);
    }
    Encryptor::<Aes256Enc>::new_from_slices(key, iv).map_err(|_| broken)?.encrypt_blocks(blocks);
    Ok(())
}

#[cfg(test)]
mod tests {
    use pkcs8::pkcs5::pbes2::EncryptionScheme;

    use super::{decrypt, encrypt, key_len, padded_len};
    use crate::error::EncryptedKeyError;

    const KEY: [u8; 32] = [7; 32];
    const IV: [u8; 16] = [9; 16];
    const SCHEME: EncryptionScheme = EncryptionScheme::Aes256Cbc { iv: IV };

    fn encrypted(plaintext: &[u8]) -> Vec<u8> {
        let mut data = plaintext.to_vec();
        data.resize(padded_len(plaintext.len()), 0);
        encrypt(&KEY, &IV, &mut data, plaintext.len()).unwrap();
        data
    }

    #[test]
    fn every_length_comes_back() {
        for len in 0..50 {
            let plaintext = vec![1; len];
            let mut data = encrypted(&plaintext);
            assert!(data.len() > len && data.len() <= len + 16);
            assert_eq!(decrypt(&SCHEME, &KEY, &mut data), Ok(len));
            assert_eq!(data[..len], plaintext);
        }
    }

    #[test]
    fn a_padding_is_one_to_sixteen_bytes_of_its_own_length() {
        // Blocks whose last bytes are what stands here, encrypted without a padding of their own.
        for (end, len) in [
            (&[1][..], Some(15)),
            (&[2, 2], Some(14)),
            (&[16; 16], Some(0)),
            (&[0], None),
            (&[1, 2], None),
            (&[3, 2, 3], None),
            (&[17], None),
            (&[17; 16], None),
            (&[255], None),
        ] {
            let mut block = vec![0x55; 16 - end.len()];
            block.extend_from_slice(end);
            let mut data = encrypted(&block);
            data.truncate(16);
            let expected = len.ok_or(EncryptedKeyError::DecryptionFailed);
            assert_eq!(decrypt(&SCHEME, &KEY, &mut data), expected, "{end:?}");
        }
        // The same byte in both blocks is a padding of no more than one block.
        let mut data = encrypted(&[17; 32]);
        data.truncate(32);
        assert!(decrypt(&SCHEME, &KEY, &mut data).is_err());
    }

    #[test]
    fn lengths_that_no_ciphertext_has_are_refused() {
        for len in [0, 1, 15, 17, 31] {
            let outcome = decrypt(&SCHEME, &KEY, &mut vec![0; len]);
            assert_eq!(outcome, Err(EncryptedKeyError::DecryptionFailed), "{len}");
        }
        assert!(decrypt(&SCHEME, &KEY[..16], &mut [0; 16]).is_err(), "a key of another length");
        for (len, plaintext_len) in [(17, 16), (16, 17), (512, 0), (0, 0)] {
            let outcome = encrypt(&KEY, &IV, &mut vec![0; len], plaintext_len);
            let expected = if len == 0 { Ok(()) } else { Err(EncryptedKeyError::NotDer) };
            assert_eq!(outcome, expected, "{len} {plaintext_len}");
        }
    }

    #[test]
    fn other_ciphers_are_named_as_unsupported() {
        for other in [
            EncryptionScheme::Aes128Gcm { nonce: [0; 12] },
            EncryptionScheme::Aes256Gcm { nonce: [0; 12] },
        ] {
            let unsupported = EncryptedKeyError::Unsupported("with another cipher than AES-CBC");
            assert_eq!(key_len(&other), Err(unsupported.clone()));
            assert_eq!(decrypt(&other, &KEY, &mut [0; 16]), Err(unsupported));
        }
    }
}
