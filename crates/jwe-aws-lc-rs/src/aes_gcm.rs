//! AES in Galois/Counter Mode (RFC 7518 §5.3).

use aws_lc_rs::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};
use jwe_core::{BackendError, ContentEncryption, Enc};

/// One key length of AES-GCM.
pub(crate) struct AesGcm {
    enc: Enc,
    algorithm: &'static aead::Algorithm,
}

pub(crate) static A128GCM: AesGcm = AesGcm { enc: Enc::A128Gcm, algorithm: &aead::AES_128_GCM };
pub(crate) static A192GCM: AesGcm = AesGcm { enc: Enc::A192Gcm, algorithm: &aead::AES_192_GCM };
pub(crate) static A256GCM: AesGcm = AesGcm { enc: Enc::A256Gcm, algorithm: &aead::AES_256_GCM };

impl AesGcm {
    /// The key schedule and the nonce of one message.
    fn prepare(&self, cek: &[u8], iv: &[u8]) -> Result<(LessSafeKey, Nonce), BackendError> {
        let key = UnboundKey::new(self.algorithm, cek).map_err(|_| BackendError)?;
        let nonce = Nonce::try_assume_unique_for_key(iv).map_err(|_| BackendError)?;
        Ok((LessSafeKey::new(key), nonce))
    }

    fn try_open(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        tag: &[u8],
    ) -> Result<usize, BackendError> {
        self.enc.check_lengths(cek.len(), iv.len(), tag.len())?;
        let (key, nonce) = self.prepare(cek, iv)?;
        key.open_in_place_separate_tag(nonce, Aad::from(aad), tag, buf)
            .map(|plaintext| plaintext.len())
            .map_err(|_| BackendError)
    }
}

impl ContentEncryption for AesGcm {
    fn enc(&self) -> Enc {
        self.enc
    }

    fn implementation(&self) -> &'static str {
        "AWS-LC AES-GCM"
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
        let (key, nonce) = self.prepare(cek, iv)?;
        key.seal_in_place_scatter(nonce, Aad::from(aad), buf, &[], tag).map_err(|_| BackendError)
    }

    fn open(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        tag: &[u8],
    ) -> Result<usize, BackendError> {
        let result = self.try_open(cek, iv, aad, buf, tag);
        if result.is_err() {
            buf.fill(0);
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use jwe_core::{BackendError, ContentEncryption};

    use super::{A128GCM, A192GCM, A256GCM, AesGcm};

    static ALL: [&AesGcm; 3] = [&A128GCM, &A192GCM, &A256GCM];

    /// McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 2, 8 and 14: key, IV
    /// and one block of plaintext are all zero, there is no AAD.
    #[test]
    fn the_zero_vectors_of_the_gcm_specification() {
        let vectors: [(&AesGcm, u128, u128); 3] = [
            (&A128GCM, 0x0388dace60b6a392f328c2b971b2fe78, 0xab6e47d42cec13bdf53a67b21257bddf),
            (&A192GCM, 0x98e7247c07f0fe411c267e4384b0f600, 0x2ff58d80033927ab8ef4d4587514f0fb),
            (&A256GCM, 0xcea7403d4d606b6e074ec5d3baf39d18, 0xd0d1c8a799996bf0265b98b5d48ab919),
        ];
        for (gcm, ciphertext, tag) in vectors {
            let cek = vec![0; gcm.enc().cek_len()];
            let (mut buf, mut found) = ([0; 16], [0; 16]);
            gcm.seal(&cek, &[0; 12], b"", &mut buf, 16, &mut found).unwrap();
            assert_eq!(u128::from_be_bytes(buf), ciphertext);
            assert_eq!(u128::from_be_bytes(found), tag);
            assert_eq!(gcm.open(&cek, &[0; 12], b"", &mut buf, &found), Ok(16));
            assert_eq!(buf, [0; 16]);
        }
    }

    #[test]
    fn every_length_comes_back() {
        for gcm in ALL {
            let cek = vec![7; gcm.enc().cek_len()];
            for len in [0, 1, 15, 16, 17, 1000, 65536] {
                let plaintext = vec![0x5a; len];
                let (mut buf, mut tag) = (plaintext.clone(), [0; 16]);
                gcm.seal(&cek, &[1; 12], b"aad", &mut buf, len, &mut tag).unwrap();
                assert_eq!(gcm.open(&cek, &[1; 12], b"aad", &mut buf, &tag), Ok(len));
                assert_eq!(buf, plaintext);
            }
        }
    }

    #[test]
    fn wrong_lengths_are_refused_and_nothing_is_left_in_the_buffer() {
        for gcm in ALL {
            let right = gcm.enc().cek_len();
            for cek_len in [0, 1, 16, 24, 32, 48, 64] {
                for iv_len in [0, 8, 11, 12, 13, 16] {
                    for tag_len in [0, 4, 8, 12, 13, 15, 16, 17, 32] {
                        if (cek_len, iv_len, tag_len) == (right, 12, 16) {
                            continue;
                        }
                        let (cek, iv) = (vec![0; cek_len], vec![0; iv_len]);
                        let (mut buf, mut tag) = ([9; 20], vec![0; tag_len]);
                        assert_eq!(
                            gcm.seal(&cek, &iv, b"", &mut buf, 20, &mut tag),
                            Err(BackendError)
                        );
                        assert_eq!(gcm.open(&cek, &iv, b"", &mut buf, &tag), Err(BackendError));
                        assert_eq!(buf, [0; 20]);
                    }
                }
            }
            for plaintext_len in [0, 15, 17] {
                let cek = vec![0; right];
                assert_eq!(
                    gcm.seal(&cek, &[0; 12], b"", &mut [0; 16], plaintext_len, &mut [0; 16]),
                    Err(BackendError)
                );
            }
        }
    }

    #[test]
    fn a_flipped_bit_in_any_part_is_refused_and_nothing_is_left_in_the_buffer() {
        for gcm in ALL {
            let cek = vec![7; gcm.enc().cek_len()];
            let (mut sealed, mut tag) = (*b"a plaintext of two blocks, more ", [0; 16]);
            gcm.seal(&cek, &[1; 12], b"aad", &mut sealed, 32, &mut tag).unwrap();
            let refuse = |cek: &[u8], iv: &[u8], aad: &[u8], mut buf: [u8; 32], tag: &[u8]| {
                assert_eq!(gcm.open(cek, iv, aad, &mut buf, tag), Err(BackendError));
                assert_eq!(buf, [0; 32]);
            };
            for bit in 0..128 {
                let mut wrong = tag;
                wrong[bit / 8] ^= 1 << (bit % 8);
                refuse(&cek, &[1; 12], b"aad", sealed, &wrong);
            }
            for byte in 0..32 {
                let mut wrong = sealed;
                wrong[byte] ^= 0x80;
                refuse(&cek, &[1; 12], b"aad", wrong, &tag);
            }
            let mut wrong = cek.clone();
            wrong[0] ^= 1;
            refuse(&wrong, &[1; 12], b"aad", sealed, &tag);
            refuse(&cek, &[2; 12], b"aad", sealed, &tag);
            refuse(&cek, &[1; 12], b"aae", sealed, &tag);
            refuse(&cek, &[1; 12], b"", sealed, &tag);
            // An empty ciphertext has a tag of its own.
            assert_eq!(gcm.open(&cek, &[1; 12], b"", &mut [], &[0; 16]), Err(BackendError));
        }
    }
}
