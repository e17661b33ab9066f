//! AES key wrap (RFC 3394): the primitive that a backend offers, the algorithms `A128KW`, `A192KW`
//! and `A256KW` on it (RFC 7518 §4.4), and its rounds, for backends whose library has only the
//! block cipher.

use core::fmt;
use std::sync::Arc;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::alg::Alg;
use crate::enc::Enc;
use crate::error::{BackendError, KeyRejected};
use crate::key_import::{
    DecryptionKeyImport, EncryptionKeyImport, RecipientContext, RecipientKey, SenderContext,
    SenderKey, UnwrapKey, WrapKey,
};
use crate::key_material::{KeyMaterial, OctKey};

/// How much longer a wrapped key is than the key, in bytes.
pub const OVERHEAD: usize = 8;

/// AES key wrap with the initial value of RFC 3394 §2.2.3.1. `kek` is 16, 24 or 32 bytes long, of
/// those lengths for which the backend lists an algorithm.
pub trait AesKeyWrap: Send + Sync {
    /// Wraps `cek`, of 16 to 64 bytes and whole blocks of 8, into `out`, which is [`OVERHEAD`]
    /// longer.
    ///
    /// # Errors
    /// [`BackendError`] for a wrong length or a failure of the library; `out` is then all zero.
    fn wrap(&self, kek: &[u8], cek: &[u8], out: &mut [u8]) -> Result<(), BackendError>;

    /// Unwraps `wrapped`, of 24 to 72 bytes and whole blocks of 8, into `out`, which is [`OVERHEAD`]
    /// shorter.
    ///
    /// # Errors
    /// [`BackendError`], the same for a wrong length and a failed check; `out` is then all zero.
    fn unwrap(&self, kek: &[u8], wrapped: &[u8], out: &mut [u8]) -> Result<(), BackendError>;
}

/// Checks the lengths in bytes that an [`AesKeyWrap`] must refuse before it touches its library.
///
/// # Errors
/// [`BackendError`] when one is wrong.
pub const fn check_lengths(
    kek_len: usize,
    cek_len: usize,
    wrapped_len: usize,
) -> Result<(), BackendError> {
    let kek = matches!(kek_len, 16 | 24 | 32);
    let cek = cek_len >= 16 && cek_len <= Enc::MAX_CEK_LEN && cek_len.is_multiple_of(8);
    if kek && cek && wrapped_len == cek_len.saturating_add(OVERHEAD) {
        Ok(())
    } else {
        Err(BackendError)
    }
}

const INITIAL_VALUE: [u8; 8] = [0xa6; 8];

/// Wraps as RFC 3394 §2.2.1 has it over `encrypt`, which encrypts one block in place.
///
/// # Errors
/// [`BackendError`] for a wrong length or a failure of `encrypt`; `out` is then all zero.
pub fn wrap_by_blocks(
    mut encrypt: impl FnMut(&mut [u8; 16]) -> Result<(), BackendError>,
    cek: &[u8],
    out: &mut [u8],
) -> Result<(), BackendError> {
    let mut block = Zeroizing::new([0; 16]);
    let mut steps = || {
        check_lengths(16, cek.len(), out.len())?;
        let (check, registers) = out.split_at_mut_checked(8).ok_or(BackendError)?;
        check.copy_from_slice(&INITIAL_VALUE);
        registers.copy_from_slice(cek);
        let mut t = 1u64;
        for _ in 0..6 {
            for register in registers.chunks_exact_mut(8) {
                join(&mut block, check, register);
                encrypt(&mut block)?;
                let (a, r) = block.split_at_checked(8).ok_or(BackendError)?;
                check.copy_from_slice(a);
                register.copy_from_slice(r);
                check.iter_mut().zip(t.to_be_bytes()).for_each(|(byte, t)| *byte ^= t);
                t = t.saturating_add(1);
            }
        }
        Ok(())
    };
    let outcome = steps();
    if outcome.is_err() {
        out.fill(0);
    }
    outcome
}

/// Unwraps as RFC 3394 §2.2.2 has it over `decrypt`, which decrypts one block in place.
///
/// # Errors
/// [`BackendError`] for a wrong length, a failure of `decrypt` or a failed check; `out` is then all
/// zero.
pub fn unwrap_by_blocks(
    mut decrypt: impl FnMut(&mut [u8; 16]) -> Result<(), BackendError>,
    wrapped: &[u8],
    out: &mut [u8],
) -> Result<(), BackendError> {
    let mut block = Zeroizing::new([0; 16]);
    let mut steps = || {
        check_lengths(16, out.len(), wrapped.len())?;
        let (first, rest) = wrapped.split_at_checked(8).ok_or(BackendError)?;
        let mut check = [0; 8];
        check.copy_from_slice(first);
        out.copy_from_slice(rest);
        let mut t = (out.len() / 8).saturating_mul(6) as u64;
        for _ in 0..6 {
            for register in out.chunks_exact_mut(8).rev() {
                check.iter_mut().zip(t.to_be_bytes()).for_each(|(byte, t)| *byte ^= t);
                join(&mut block, &check, register);
                decrypt(&mut block)?;
                let (a, r) = block.split_at_checked(8).ok_or(BackendError)?;
                check.copy_from_slice(a);
                register.copy_from_slice(r);
                t = t.saturating_sub(1);
            }
        }
        if bool::from(check.ct_eq(&INITIAL_VALUE)) { Ok(()) } else { Err(BackendError) }
    };
    let outcome = steps();
    if outcome.is_err() {
        out.fill(0);
    }
    outcome
}

fn join(block: &mut [u8; 16], left: &[u8], right: &[u8]) {
    block.iter_mut().zip(left.iter().chain(right)).for_each(|(to, from)| *to = *from);
}

/// The import object of `A128KW`, `A192KW` or `A256KW`, for both directions.
#[derive(Clone, Copy)]
pub struct AesKw {
    alg: Alg,
    primitive: &'static dyn AesKeyWrap,
    implementation: &'static str,
}

impl AesKw {
    /// `alg` is one of the three; `implementation` names the primitive's code, such as
    /// `"AWS-LC AES-KW"`.
    #[must_use]
    pub const fn new(
        alg: Alg,
        primitive: &'static dyn AesKeyWrap,
        implementation: &'static str,
    ) -> Self {
        Self { alg, primitive, implementation }
    }

    fn key(self, key: &KeyMaterial) -> Result<Arc<AesKwKey>, KeyRejected> {
        let KeyMaterial::Oct(key) = key else {
            return Err(KeyRejected::WRONG_KEY_TYPE);
        };
        check_key_len(self.alg, key)?;
        Ok(Arc::new(AesKwKey { kek: key.clone(), primitive: self.primitive }))
    }
}

/// Checks that a shared key is as long as the algorithm wants.
pub(crate) fn check_key_len(alg: Alg, key: &OctKey) -> Result<(), KeyRejected> {
    match alg.kek_len() {
        Some(len) if len == key.as_bytes().len() => Ok(()),
        Some(16) => Err(KeyRejected::new("the algorithm needs a key of 16 bytes: take one")),
        Some(24) => Err(KeyRejected::new("the algorithm needs a key of 24 bytes: take one")),
        _ => Err(KeyRejected::new("the algorithm needs a key of 32 bytes: take one")),
    }
}

impl fmt::Debug for AesKw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AesKw").field("alg", &self.alg).finish_non_exhaustive()
    }
}

impl EncryptionKeyImport for AesKw {
    fn alg(&self) -> Alg {
        self.alg
    }

    fn implementation(&self) -> &'static str {
        self.implementation
    }

    fn import(&self, key: &KeyMaterial) -> Result<SenderKey, KeyRejected> {
        Ok(SenderKey::Wrap(self.key(key)?))
    }
}

impl DecryptionKeyImport for AesKw {
    fn alg(&self) -> Alg {
        self.alg
    }

    fn implementation(&self) -> &'static str {
        self.implementation
    }

    fn import(&self, key: &KeyMaterial) -> Result<RecipientKey, KeyRejected> {
        Ok(RecipientKey::Unwrap(self.key(key)?))
    }
}

/// A shared key in use with AES key wrap.
struct AesKwKey {
    kek: OctKey,
    primitive: &'static dyn AesKeyWrap,
}

impl WrapKey for AesKwKey {
    fn encrypted_key_len(&self, cek_len: usize) -> usize {
        cek_len.saturating_add(OVERHEAD)
    }

    fn wrap_key(
        &self,
        _: &mut SenderContext<'_>,
        cek: &[u8],
        encrypted_key: &mut [u8],
    ) -> Result<(), BackendError> {
        self.primitive.wrap(self.kek.as_bytes(), cek, encrypted_key)
    }
}

impl UnwrapKey for AesKwKey {
    fn encrypted_key_len(&self, cek_len: usize) -> usize {
        cek_len.saturating_add(OVERHEAD)
    }

    fn unwrap_key(
        &self,
        _: &RecipientContext<'_>,
        encrypted_key: &[u8],
        out: &mut [u8],
    ) -> Result<usize, BackendError> {
        unwrap_to_start(self.primitive, self.kek.as_bytes(), encrypted_key, out)
    }
}

/// Unwraps to the start of a longer buffer and returns the length.
pub(crate) fn unwrap_to_start(
    primitive: &dyn AesKeyWrap,
    kek: &[u8],
    wrapped: &[u8],
    out: &mut [u8],
) -> Result<usize, BackendError> {
    let len = wrapped.len().checked_sub(OVERHEAD).ok_or(BackendError)?;
    check_lengths(kek.len(), len, wrapped.len())?;
    primitive.unwrap(kek, wrapped, out.get_mut(..len).ok_or(BackendError)?)?;
    Ok(len)
}

#[cfg(test)]
mod tests {
    use super::{OVERHEAD, unwrap_by_blocks, wrap_by_blocks};
    use crate::error::BackendError;

    /// No cipher, but a permutation of blocks with an inverse, which is all that the rounds need.
    fn encrypt(block: &mut [u8; 16]) {
        for _ in 0..4 {
            for place in 0..16 {
                let before = block[(place + 15) % 16];
                block[place] = block[place].wrapping_add(before.rotate_left(3) ^ 0x5a);
            }
        }
    }

    fn decrypt(block: &mut [u8; 16]) {
        for _ in 0..4 {
            for place in (0..16).rev() {
                let before = block[(place + 15) % 16];
                block[place] = block[place].wrapping_sub(before.rotate_left(3) ^ 0x5a);
            }
        }
    }

    #[test]
    fn what_is_wrapped_is_unwrapped_and_changes_are_refused() {
        for len in (16..=64).step_by(8) {
            let cek: Vec<u8> = (1..=len).map(|byte| u8::try_from(byte).unwrap()).collect();
            let mut wrapped = vec![0; len + OVERHEAD];
            let wrapping = wrap_by_blocks(
                |block| {
                    encrypt(block);
                    Ok(())
                },
                &cek,
                &mut wrapped,
            );
            assert_eq!(wrapping, Ok(()));
            let unwrap = |wrapped: &[u8]| {
                let mut out = vec![0xee; len];
                let unwrapping = unwrap_by_blocks(
                    |block| {
                        decrypt(block);
                        Ok(())
                    },
                    wrapped,
                    &mut out,
                );
                (unwrapping, out)
            };
            assert_eq!(unwrap(&wrapped), (Ok(()), cek));
            for place in 0..wrapped.len() {
                wrapped[place] ^= 1;
                assert_eq!(unwrap(&wrapped), (Err(BackendError), vec![0; len]), "{len} {place}");
                wrapped[place] ^= 1;
            }
        }
    }

    #[test]
    fn wrong_lengths_are_refused_before_any_block_and_leave_zeros() {
        let never = |_: &mut [u8; 16]| panic!("no block may be worked on");
        for (cek_len, wrapped_len) in
            [(0, 8), (8, 16), (15, 23), (17, 25), (72, 80), (32, 39), (32, 41), (32, 32), (32, 0)]
        {
            let (mut wrapped, mut out) = (vec![0xee; wrapped_len], vec![0xee; cek_len]);
            let outcome = wrap_by_blocks(never, &vec![1; cek_len], &mut wrapped);
            assert_eq!(outcome, Err(BackendError), "{cek_len} {wrapped_len}");
            assert!(wrapped.iter().all(|byte| *byte == 0), "{cek_len} {wrapped_len}");
            let outcome = unwrap_by_blocks(never, &vec![1; wrapped_len], &mut out);
            assert_eq!(outcome, Err(BackendError), "{cek_len} {wrapped_len}");
            assert!(out.iter().all(|byte| *byte == 0), "{cek_len} {wrapped_len}");
        }
    }

    /// At each of the blocks, of which there are six times as many as registers.
    #[test]
    fn a_failure_of_the_cipher_leaves_zeros() {
        for failing in 0..24 {
            let mut blocks = 0;
            let mut block = |_: &mut [u8; 16]| {
                blocks += 1;
                if blocks > failing { Err(BackendError) } else { Ok(()) }
            };
            let (mut wrapped, mut out) = ([0xee; 40], [0xee; 32]);
            assert_eq!(wrap_by_blocks(&mut block, &[1; 32], &mut wrapped), Err(BackendError));
            assert_eq!(wrapped, [0; 40], "{failing}");
            blocks = 0;
            let mut block = |_: &mut [u8; 16]| {
                blocks += 1;
                if blocks > failing { Err(BackendError) } else { Ok(()) }
            };
            assert_eq!(unwrap_by_blocks(&mut block, &[1; 40], &mut out), Err(BackendError));
            assert_eq!(out, [0; 32], "{failing}");
        }
    }
}
