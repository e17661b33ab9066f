//! The second trait of a backend: authenticated encryption of the content (RFC 7516 §5.1,
//! steps 14 and 15; §5.2, step 16).

use crate::enc::Enc;
use crate::error::BackendError;

/// One `enc` of a backend: stateless, in place, detached tag.
///
/// The engine has checked every length before it calls; an implementation checks them again with
/// [`Enc::check_seal`] and [`Enc::check_open`], because the traits are public.
pub trait ContentEncryption: Send + Sync {
    /// The algorithm that this object performs.
    fn enc(&self) -> Enc;

    /// The name of the code that does the work, for people who compare or audit backends, such
    /// as `"ring AES-GCM"`.
    fn implementation(&self) -> &'static str;

    /// Encrypts the first `plaintext_len` bytes of `buf` in place and writes the tag.
    ///
    /// Lengths in bytes: `cek` [`Enc::cek_len`], `iv` [`Enc::iv_len`], `tag` [`Enc::tag_len`],
    /// `buf` exactly [`Enc::ciphertext_len`] of `plaintext_len`; `aad` any.
    ///
    /// # Errors
    /// [`BackendError`] for a wrong length or a failure of the library. The content of `buf` is
    /// then unspecified and the engine wipes it.
    fn seal(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        plaintext_len: usize,
        tag: &mut [u8],
    ) -> Result<(), BackendError>;

    /// Checks the tag, decrypts `buf` in place and returns the length of the plaintext, which
    /// then stands at the start of `buf`.
    ///
    /// Lengths as for [`seal`](Self::seal); `buf` is the ciphertext.
    ///
    /// # Errors
    /// [`BackendError`], the same for a wrong length, a wrong tag and a wrong padding. Padding is
    /// looked at only after the tag was found right. Every byte of `buf` is zero on return, so
    /// that no unverified plaintext is released.
    fn open(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        tag: &[u8],
    ) -> Result<usize, BackendError>;
}
