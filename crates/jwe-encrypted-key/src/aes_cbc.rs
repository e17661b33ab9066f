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
