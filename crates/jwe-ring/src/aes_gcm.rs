//! `A128GCM` and `A256GCM` (RFC 7518 §5.3) by ring.

use jwe_core::{BackendError, ContentEncryption, Enc};
use ring::aead::{self, Aad, LessSafeKey, Nonce, Tag, UnboundKey};
use zeroize::Zeroize;

use crate::stack::wiped_after;

/// One key length of AES-GCM.
pub(crate) struct AesGcm {
    enc: Enc,
    algorithm: &'static aead::Algorithm,
}

/// AES-128 in Galois/Counter Mode.
pub(crate) static A128GCM: AesGcm = AesGcm { enc: Enc::A128Gcm, algorithm: &aead::AES_128_GCM };
/// AES-256 in Galois/Counter Mode.
pub(crate) static A256GCM: AesGcm = AesGcm { enc: Enc::A256Gcm, algorithm: &aead::AES_256_GCM };

impl AesGcm {
    // The engine draws a fresh CEK for every message, so a key is set up here for one use; with
    // `dir` it is set up again for each message, which costs less than keeping schedules of keys.
    fn key(&self, cek: &[u8]) -> Result<LessSafeKey, BackendError> {
        UnboundKey::new(self.algorithm, cek).map(LessSafeKey::new).map_err(|_| BackendError)
    }

    fn seal_now(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        tag: &mut [u8],
    ) -> Result<(), BackendError> {
        let nonce = Nonce::try_assume_unique_for_key(iv).map_err(|_| BackendError)?;
        let sealed = self
            .key(cek)?
            .seal_in_place_separate_tag(nonce, Aad::from(aad), buf)
            .map_err(|_| BackendError)?;
        // `check_lengths` made `tag` 16 bytes long, as every tag of ring's is.
        tag.copy_from_slice(sealed.as_ref());
        Ok(())
    }

    fn open_now(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        tag: &[u8],
    ) -> Result<usize, BackendError> {
        self.enc.check_lengths(cek.len(), iv.len(), tag.len())?;
        let nonce = Nonce::try_assume_unique_for_key(iv).map_err(|_| BackendError)?;
        let tag = Tag::try_from(tag).map_err(|_| BackendError)?;
        self.key(cek)?
            .open_in_place_separate_tag(nonce, Aad::from(aad), tag, buf, 0..)
            .map(|plaintext| plaintext.len())
            .map_err(|_| BackendError)
    }
}

impl ContentEncryption for AesGcm {
    fn enc(&self) -> Enc {
        self.enc
    }

    fn implementation(&self) -> &'static str {
        "ring AES-GCM"
    }

    fn seal(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        plaintext_len: usize,
        tag: &mut [u8],
    ) -> Result<(), BackendError> {
        self.enc.check_lengths(cek.len(), iv.len(), tag.len())?;
        if buf.len() != plaintext_len {
            return Err(BackendError);
        }
        wiped_after(|| self.seal_now(cek, iv, aad, buf, tag))
    }

    fn open(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        tag: &[u8],
    ) -> Result<usize, BackendError> {
        let opened = wiped_after(|| self.open_now(cek, iv, aad, buf, tag));
        if opened.is_err() {
            buf.zeroize();
        }
        opened
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content_encryption_checks::{
        KnownAnswer, changes_are_refused, round_trips, wrong_lengths_are_refused,
    };
    use crate::test_data::hex;

    // McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B: test cases 1 and 13
    // (nothing encrypted under the zero key), 4 and 16 (text and additional data).
    #[test]
    fn test_cases_of_the_specification() {
        for (object, cek_len, tag) in [
            (&A128GCM, 16, "58e2fccefa7e3061367f1d57a4e7455a"),
            (&A256GCM, 32, "530f8afbc74536b9a963b4f1c4cb738b"),
        ] {
            KnownAnswer {
                cek: &vec![0; cek_len],
                iv: &[0; 12],
                aad: b"",
                plaintext: b"",
                ciphertext: b"",
                tag: &hex(tag),
            }
            .check(object);
        }
        let key = hex("feffe9928665731c6d6a8f9467308308");
        let plaintext = hex("
            d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72
            1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
        let iv = hex("cafebabefacedbaddecaf888");
        let aad = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        KnownAnswer {
            cek: &key,
            iv: &iv,
            aad: &aad,
            plaintext: &plaintext,
            ciphertext: &hex("
                42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e
                21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"),
            tag: &hex("5bc94fbc3221a5db94fae95ae7121a47"),
        }
        .check(&A128GCM);
        KnownAnswer {
            cek: &key.repeat(2),
            iv: &iv,
            aad: &aad,
            plaintext: &plaintext,
            ciphertext: &hex("
                522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa
                8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"),
            tag: &hex("76fc6ece0f4e1768cddf8853bb2d551b"),
        }
        .check(&A256GCM);
    }

    #[test]
    fn any_length_comes_back() {
        [&A128GCM, &A256GCM].into_iter().for_each(|object| round_trips(object));
    }

    #[test]
    fn a_change_is_refused() {
        [&A128GCM, &A256GCM].into_iter().for_each(|object| changes_are_refused(object));
    }

    #[test]
    fn a_wrong_length_is_refused() {
        [&A128GCM, &A256GCM].into_iter().for_each(|object| wrong_lengths_are_refused(object));
    }
}
