//! The `enc` header parameter: how the content is encrypted (RFC 7518 §5).

use core::fmt;
use core::str::FromStr;

use crate::alg::UnknownAlgorithm;
use crate::error::BackendError;

/// A content encryption algorithm, the value of the `enc` header parameter (RFC 7516 §4.1.2,
/// RFC 7518 §5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Enc {
    /// AES-128-CBC with HMAC-SHA-256 cut to 128 bits (RFC 7518 §5.2.3).
    A128CbcHs256,
    /// AES-192-CBC with HMAC-SHA-384 cut to 192 bits (RFC 7518 §5.2.4).
    A192CbcHs384,
    /// AES-256-CBC with HMAC-SHA-512 cut to 256 bits (RFC 7518 §5.2.5).
    A256CbcHs512,
    /// AES-128 in Galois/Counter Mode (RFC 7518 §5.3).
    A128Gcm,
    /// AES-192 in Galois/Counter Mode (RFC 7518 §5.3).
    A192Gcm,
    /// AES-256 in Galois/Counter Mode (RFC 7518 §5.3).
    A256Gcm,
}

impl Enc {
    /// Every member, in the order of RFC 7518 §5.1.
    pub const ALL: &'static [Self] = &[
        Self::A128CbcHs256,
        Self::A192CbcHs384,
        Self::A256CbcHs512,
        Self::A128Gcm,
        Self::A192Gcm,
        Self::A256Gcm,
    ];

    /// The longest CEK of any member, in bytes.
    pub const MAX_CEK_LEN: usize = 64;
    /// The longest initialization vector of any member, in bytes.
    pub const MAX_IV_LEN: usize = 16;
    /// The longest authentication tag of any member, in bytes.
    pub const MAX_TAG_LEN: usize = 32;

    /// The exact, case-sensitive name of the registry.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::A128CbcHs256 => "A128CBC-HS256",
            Self::A192CbcHs384 => "A192CBC-HS384",
            Self::A256CbcHs512 => "A256CBC-HS512",
            Self::A128Gcm => "A128GCM",
            Self::A192Gcm => "A192GCM",
            Self::A256Gcm => "A256GCM",
        }
    }

    /// The algorithm of that exact name, or `None`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|enc| enc.name() == name)
    }

    /// The length of the content encryption key in bytes (RFC 7518 §5.2, §5.3).
    #[must_use]
    pub const fn cek_len(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A192Gcm => 24,
            Self::A256Gcm | Self::A128CbcHs256 => 32,
            Self::A192CbcHs384 => 48,
            Self::A256CbcHs512 => 64,
        }
    }

    /// The length of the initialization vector in bytes: 12 for GCM, 16 for CBC.
    #[must_use]
    pub const fn iv_len(self) -> usize {
        if self.is_cbc() { 16 } else { 12 }
    }

    /// The length of the authentication tag in bytes.
    #[must_use]
    pub const fn tag_len(self) -> usize {
        match self {
            Self::A128Gcm | Self::A192Gcm | Self::A256Gcm | Self::A128CbcHs256 => 16,
            Self::A192CbcHs384 => 24,
            Self::A256CbcHs512 => 32,
        }
    }

    /// Whether this is an AES-CBC with HMAC member, whose ciphertext is padded to whole blocks.
    #[must_use]
    pub const fn is_cbc(self) -> bool {
        matches!(self, Self::A128CbcHs256 | Self::A192CbcHs384 | Self::A256CbcHs512)
    }

    /// The length in bytes of the ciphertext of a plaintext of `plaintext_len` bytes, without the
    /// tag; `None` where that is more than memory can hold.
    #[must_use]
    pub const fn ciphertext_len(self, plaintext_len: usize) -> Option<usize> {
        if self.is_cbc() {
            // PKCS #7 padding adds 1 to 16 bytes (RFC 7518 §5.2.2.1).
            match plaintext_len.checked_add(16) {
                Some(sum) => Some(sum.saturating_sub(sum % 16)),
                None => None,
            }
        } else {
            Some(plaintext_len)
        }
    }

    /// Whether a ciphertext of this many bytes can exist: any length for GCM, one or more whole
    /// blocks for CBC.
    #[must_use]
    pub const fn is_ciphertext_len(self, ciphertext_len: usize) -> bool {
        !self.is_cbc() || (ciphertext_len != 0 && ciphertext_len.is_multiple_of(16))
    }

    /// Checks what a backend must refuse before it touches its library: a CEK, an initialization
    /// vector or a tag of any other length than this algorithm's.
    ///
    /// The engine has checked the same; a backend that checks again stays safe when it is called
    /// by somebody else.
    ///
    /// # Errors
    /// [`BackendError`] when one of the lengths in bytes is wrong.
    pub const fn check_lengths(
        self,
        cek_len: usize,
        iv_len: usize,
        tag_len: usize,
    ) -> Result<(), BackendError> {
        if cek_len == self.cek_len() && iv_len == self.iv_len() && tag_len == self.tag_len() {
            Ok(())
        } else {
            Err(BackendError)
        }
    }

    /// Checks all that [`ContentEncryption::seal`](crate::ContentEncryption::seal) must refuse:
    /// the lengths of [`check_lengths`](Self::check_lengths), and a buffer that is not as long as
    /// the ciphertext.
    ///
    /// # Errors
    /// [`BackendError`] when one of the lengths in bytes is wrong.
    pub const fn check_seal(
        self,
        cek_len: usize,
        iv_len: usize,
        tag_len: usize,
        buf_len: usize,
        plaintext_len: usize,
    ) -> Result<(), BackendError> {
        match self.ciphertext_len(plaintext_len) {
            Some(len) if len == buf_len => self.check_lengths(cek_len, iv_len, tag_len),
            _ => Err(BackendError),
        }
    }

    /// Checks all that [`ContentEncryption::open`](crate::ContentEncryption::open) must refuse by
    /// length: those of [`check_lengths`](Self::check_lengths), and a ciphertext of a length that
    /// none has.
    ///
    /// # Errors
    /// [`BackendError`] when one of the lengths in bytes is wrong.
    pub const fn check_open(
        self,
        cek_len: usize,
        iv_len: usize,
        tag_len: usize,
        ciphertext_len: usize,
    ) -> Result<(), BackendError> {
        if self.is_ciphertext_len(ciphertext_len) {
            self.check_lengths(cek_len, iv_len, tag_len)
        } else {
            Err(BackendError)
        }
    }
}

impl fmt::Display for Enc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Enc {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        Self::from_name(name).ok_or(UnknownAlgorithm)
    }
}

#[cfg(test)]
mod tests {
    use super::Enc;
    use crate::error::BackendError;

    #[test]
    fn cbc_pads_to_the_next_whole_block() {
        for enc in [Enc::A128CbcHs256, Enc::A192CbcHs384, Enc::A256CbcHs512] {
            assert_eq!(enc.ciphertext_len(0), Some(16));
            assert_eq!(enc.ciphertext_len(15), Some(16));
            assert_eq!(enc.ciphertext_len(16), Some(32));
            assert_eq!(enc.ciphertext_len(usize::MAX - 3), None);
            assert!(!enc.is_ciphertext_len(0) && !enc.is_ciphertext_len(17));
            assert!(enc.is_ciphertext_len(16) && enc.is_ciphertext_len(32));
        }
        assert_eq!(Enc::A256Gcm.ciphertext_len(usize::MAX), Some(usize::MAX));
        assert!(Enc::A256Gcm.is_ciphertext_len(0));
    }

    /// RFC 7518 §5.2.3 to §5.2.5 and §5.3: the CEK, the initialization vector and the tag, in bytes.
    const LENGTHS: &[(Enc, usize, usize, usize, bool)] = &[
        (Enc::A128CbcHs256, 32, 16, 16, true),
        (Enc::A192CbcHs384, 48, 16, 24, true),
        (Enc::A256CbcHs512, 64, 16, 32, true),
        (Enc::A128Gcm, 16, 12, 16, false),
        (Enc::A192Gcm, 24, 12, 16, false),
        (Enc::A256Gcm, 32, 12, 16, false),
    ];

    #[test]
    fn each_has_one_length_of_each_part_and_refuses_all_others() {
        assert_eq!(LENGTHS.len(), Enc::ALL.len());
        for (enc, cek, iv, tag, cbc) in LENGTHS.iter().copied() {
            assert_eq!((enc.cek_len(), enc.iv_len(), enc.tag_len()), (cek, iv, tag), "{enc}");
            assert_eq!(enc.is_cbc(), cbc, "{enc}");
            assert!(cek <= Enc::MAX_CEK_LEN && iv <= Enc::MAX_IV_LEN && tag <= Enc::MAX_TAG_LEN);
            // A plaintext of five bytes.
            let text = if cbc { 16 } else { 5 };
            assert_eq!(enc.check_lengths(cek, iv, tag), Ok(()));
            assert_eq!(enc.check_seal(cek, iv, tag, text, 5), Ok(()));
            assert_eq!(enc.check_open(cek, iv, tag, text), Ok(()));
            for len in (0..80).chain([usize::MAX]) {
                for (cek, iv, tag, right) in
                    [(len, iv, tag, cek), (cek, len, tag, iv), (cek, iv, len, tag)]
                {
                    let expected = if len == right { Ok(()) } else { Err(BackendError) };
                    assert_eq!(enc.check_lengths(cek, iv, tag), expected, "{enc} {len}");
                    assert_eq!(enc.check_seal(cek, iv, tag, text, 5), expected, "{enc} {len}");
                    assert_eq!(enc.check_open(cek, iv, tag, text), expected, "{enc} {len}");
                }
                let fits = enc.check_seal(cek, iv, tag, len, 5).is_ok();
                assert_eq!(fits, len == text, "{enc}: a buffer of {len}");
                let opens = enc.check_open(cek, iv, tag, len).is_ok();
                assert_eq!(opens, !cbc || (len > 0 && len % 16 == 0), "{enc}: {len}");
            }
            assert_eq!(enc.check_seal(cek, iv, tag, 0, usize::MAX), Err(BackendError));
        }
    }

    #[test]
    fn names_are_exact() {
        for enc in Enc::ALL {
            assert_eq!(enc.name().parse(), Ok(*enc));
        }
        for wrong in ["a256gcm", "A256GCM ", "A256CBC", "", "A128CBC+HS256"] {
            assert!(wrong.parse::<Enc>().is_err(), "{wrong:?}");
        }
    }
}
