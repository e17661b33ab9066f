//! AES-CBC with HMAC-SHA-2 (RFC 7518 §5.2): encrypt-then-MAC.

use aws_lc_rs::cipher::{
    self, AES_128, AES_192, AES_256, DecryptionContext, EncryptingKey, EncryptionContext,
    PaddedBlockDecryptingKey, UnboundCipherKey,
};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac::{self, HMAC_SHA256, HMAC_SHA384, HMAC_SHA512};
use aws_lc_rs::iv::FixedLength;
use jwe_core::{BackendError, ContentEncryption, Enc};

/// One member of the family: a key length of AES and a hash.
pub(crate) struct AesCbcHmac {
    enc: Enc,
    cipher: &'static cipher::Algorithm,
    mac: hmac::Algorithm,
}

pub(crate) static A128CBC_HS256: AesCbcHmac =
    AesCbcHmac { enc: Enc::A128CbcHs256, cipher: &AES_128, mac: HMAC_SHA256 };
pub(crate) static A192CBC_HS384: AesCbcHmac =
    AesCbcHmac { enc: Enc::A192CbcHs384, cipher: &AES_192, mac: HMAC_SHA384 };
pub(crate) static A256CBC_HS512: AesCbcHmac =
    AesCbcHmac { enc: Enc::A256CbcHs512, cipher: &AES_256, mac: HMAC_SHA512 };

/// MAC_KEY and ENC_KEY, the two halves of the CEK in this order (RFC 7518 §5.2.2.1, step 1).
fn halves(cek: &[u8]) -> Result<(&[u8], &[u8]), BackendError> {
    cek.split_at_checked(cek.len() / 2).ok_or(BackendError)
}

impl AesCbcHmac {
    /// The HMAC of which the tag is the start (RFC 7518 §5.2.2.1, steps 4 and 5).
    fn mac(
        &self,
        mac_key: &[u8],
        aad: &[u8],
        iv: &[u8],
        ciphertext: &[u8],
    ) -> Result<hmac::Tag, BackendError> {
        let aad_bits =
            u64::try_from(aad.len()).ok().and_then(|len| len.checked_mul(8)).ok_or(BackendError)?;
        let mut mac = hmac::Context::with_key(&hmac::Key::new(self.mac, mac_key));
        mac.update(aad);
        mac.update(iv);
        mac.update(ciphertext);
        mac.update(&aad_bits.to_be_bytes());
        Ok(mac.sign())
    }

    fn cipher_key(&self, enc_key: &[u8]) -> Result<UnboundCipherKey, BackendError> {
        UnboundCipherKey::new(self.cipher, enc_key).map_err(|_| BackendError)
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
        if !self.enc.is_ciphertext_len(buf.len()) {
            return Err(BackendError);
        }
        let (mac_key, enc_key) = halves(cek)?;
        // Nothing is decrypted before the tag is found right: a padding that is looked at in
        // unauthenticated data is an oracle.
        let mac = self.mac(mac_key, aad, iv, buf)?;
        let expected = mac.as_ref().get(..tag.len()).ok_or(BackendError)?;
        verify_slices_are_equal(expected, tag).map_err(|_| BackendError)?;
        let iv = FixedLength::try_from(iv).map_err(|_| BackendError)?;
        PaddedBlockDecryptingKey::cbc_pkcs7(self.cipher_key(enc_key)?)
            .and_then(|key| key.decrypt(buf, DecryptionContext::Iv128(iv)).map(|text| text.len()))
            .map_err(|_| BackendError)
    }
}

impl ContentEncryption for AesCbcHmac {
    fn enc(&self) -> Enc {
        self.enc
    }

    fn implementation(&self) -> &'static str {
        "AWS-LC AES-CBC and HMAC"
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
        if self.enc.ciphertext_len(plaintext_len) != Some(buf.len()) {
            return Err(BackendError);
        }
        let (mac_key, enc_key) = halves(cek)?;
        // PKCS #7: each byte of the padding is its length (RFC 5652 §6.3).
        let padding = buf.get_mut(plaintext_len..).ok_or(BackendError)?;
        padding.fill(u8::try_from(padding.len()).map_err(|_| BackendError)?);
        let context = FixedLength::try_from(iv).map_err(|_| BackendError)?;
        EncryptingKey::cbc(self.cipher_key(enc_key)?)
            .and_then(|key| key.less_safe_encrypt(buf, EncryptionContext::Iv128(context)))
            .map_err(|_| BackendError)?;
        let mac = self.mac(mac_key, aad, iv, buf)?;
        tag.copy_from_slice(mac.as_ref().get(..tag.len()).ok_or(BackendError)?);
        Ok(())
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

    use super::{
        A128CBC_HS256, A192CBC_HS384, A256CBC_HS512, AesCbcHmac, EncryptingKey, EncryptionContext,
        FixedLength, halves,
    };

    static ALL: [&AesCbcHmac; 3] = [&A128CBC_HS256, &A192CBC_HS384, &A256CBC_HS512];

    fn hex(text: &str) -> Vec<u8> {
        assert!(text.len().is_multiple_of(2));
        (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
            .collect()
    }

    /// A CEK as in RFC 7518, appendix B: 00 01 02 and so on.
    fn cek(cbc: &AesCbcHmac) -> Vec<u8> {
        (0..).take(cbc.enc().cek_len()).collect()
    }

    #[test]
    fn rfc_7518_appendix_b() {
        let plaintext = b"A cipher system must not be required to be secret, and it must be able \
                          to fall into the hands of the enemy without inconvenience";
        let aad = b"The second principle of Auguste Kerckhoffs";
        let iv = hex("1af38c2dc2b96ffdd86694092341bc04");
        let vectors: [(&AesCbcHmac, &str, &str); 3] = [
            (
                &A128CBC_HS256,
                "c80edfa32ddf39d5ef00c0b468834279a2e46a1b8049f792f76bfe54b903a9c9\
                 a94ac9b47ad2655c5f10f9aef71427e2fc6f9b3f399a221489f16362c7032336\
                 09d45ac69864e3321cf82935ac4096c86e133314c54019e8ca7980dfa4b9cf1b\
                 384c486f3a54c51078158ee5d79de59fbd34d848b3d69550a67646344427ade5\
                 4b8851ffb598f7f80074b9473c82e2db",
                "652c3fa36b0a7c5b3219fab3a30bc1c4",
            ),
            (
                &A192CBC_HS384,
                "ea65da6b59e61edb419be62d19712ae5d303eeb50052d0dfd6697f77224c8edb\
                 000d279bdc14c1072654bd30944230c657bed4ca0c9f4a8466f22b226d174621\
                 4bf8cfc2400add9f5126e479663fc90b3bed787a2f0ffcbf3904be2a641d5c21\
                 05bfe591bae23b1d7449e532eef60a9ac8bb6c6b01d35d49787bcd57ef484927\
                 f280adc91ac0c4e79c7b11efc60054e3",
                "8490ac0e58949bfe51875d733f93ac2075168039ccc733d7",
            ),
            (
                &A256CBC_HS512,
                "4affaaadb78c31c5da4b1b590d10ffbd3dd8d5d302423526912da037ecbcc7bd\
                 822c301dd67c373bccb584ad3e9279c2e6d12a1374b77f077553df829410446b\
                 36ebd97066296ae6427ea75c2e0846a11a09ccf5370dc80bfecbad28c73f09b3\
                 a3b75e662a2594410ae496b2e2e6609e31e6e02cc837f053d21f37ff4f51950b\
                 be2638d09dd7a4930930806d0703b1f6",
                "4dd3b4c088a7f45c216839645b2012bf2e6269a8c56a816dbc1b267761955bc5",
            ),
        ];
        for (cbc, ciphertext, tag) in vectors {
            let (ciphertext, tag) = (hex(ciphertext), hex(tag));
            let mut buf = plaintext.to_vec();
            buf.resize(cbc.enc().ciphertext_len(plaintext.len()).unwrap(), 0);
            let mut found = vec![0; cbc.enc().tag_len()];
            cbc.seal(&cek(cbc), &iv, aad, &mut buf, plaintext.len(), &mut found).unwrap();
            assert_eq!(buf, ciphertext);
            assert_eq!(found, tag);
            let len = cbc.open(&cek(cbc), &iv, aad, &mut buf, &tag).unwrap();
            assert_eq!(&buf[..len], plaintext);
        }
    }

    #[test]
    fn every_length_comes_back() {
        for cbc in ALL {
            for len in [0, 1, 15, 16, 17, 31, 32, 1000, 65536] {
                let mut buf = vec![0x5a; cbc.enc().ciphertext_len(len).unwrap()];
                let mut tag = vec![0; cbc.enc().tag_len()];
                cbc.seal(&cek(cbc), &[1; 16], b"", &mut buf, len, &mut tag).unwrap();
                assert_eq!(cbc.open(&cek(cbc), &[1; 16], b"", &mut buf, &tag), Ok(len));
                assert_eq!(&buf[..len], vec![0x5a; len]);
            }
        }
    }

    #[test]
    fn wrong_lengths_are_refused_and_nothing_is_left_in_the_buffer() {
        for cbc in ALL {
            let (key, iv, tag) = (cbc.enc().cek_len(), 16, cbc.enc().tag_len());
            let refuse = |key: usize, iv: usize, tag: usize, len: usize| {
                let (key, iv) = (vec![0; key], vec![0; iv]);
                let mut buf = vec![9; len];
                assert_eq!(
                    cbc.seal(&key, &iv, b"", &mut buf, 3, &mut vec![0; tag]),
                    Err(BackendError)
                );
                let mut buf = vec![9; len];
                assert_eq!(cbc.open(&key, &iv, b"", &mut buf, &vec![0; tag]), Err(BackendError));
                assert_eq!(buf, vec![0; len]);
            };
            for wrong in [0, 1, 16, 24, 31, 32, 33, 48, 63, 64, 65, 128] {
                if wrong != key {
                    refuse(wrong, iv, tag, 16);
                }
                if wrong != iv {
                    refuse(key, wrong, tag, 16);
                }
                if wrong != tag {
                    refuse(key, iv, wrong, 16);
                }
            }
            for wrong in [0, 1, 15, 17, 31, 33] {
                refuse(key, iv, tag, wrong);
            }
            // Sealing wants room for exactly one padding.
            for (len, plaintext_len) in [(16, 16), (32, 15), (16, usize::MAX)] {
                let sealed = cbc.seal(
                    &cek(cbc),
                    &[0; 16],
                    b"",
                    &mut vec![0; len],
                    plaintext_len,
                    &mut vec![0; tag],
                );
                assert_eq!(sealed, Err(BackendError));
            }
        }
    }

    #[test]
    fn a_flipped_bit_in_any_part_is_refused_and_nothing_is_left_in_the_buffer() {
        for cbc in ALL {
            let (mut sealed, mut tag) = ([3; 32], vec![0; cbc.enc().tag_len()]);
            cbc.seal(&cek(cbc), &[1; 16], b"aad", &mut sealed, 20, &mut tag).unwrap();
            let refuse = |cek: &[u8], iv: &[u8], aad: &[u8], mut buf: [u8; 32], tag: &[u8]| {
                assert_eq!(cbc.open(cek, iv, aad, &mut buf, tag), Err(BackendError));
                assert_eq!(buf, [0; 32]);
            };
            for bit in 0..tag.len() * 8 {
                let mut wrong = tag.clone();
                wrong[bit / 8] ^= 1 << (bit % 8);
                refuse(&cek(cbc), &[1; 16], b"aad", sealed, &wrong);
            }
            for byte in 0..32 {
                let mut wrong = sealed;
                wrong[byte] ^= 1;
                refuse(&cek(cbc), &[1; 16], b"aad", wrong, &tag);
            }
            let mut wrong = cek(cbc);
            wrong[0] ^= 1;
            refuse(&wrong, &[1; 16], b"aad", sealed, &tag);
            refuse(&cek(cbc), &[2; 16], b"aad", sealed, &tag);
            refuse(&cek(cbc), &[1; 16], b"aa", sealed, &tag);
        }
    }

    /// Ciphertexts with a right tag over a wrong padding, which only a faulty sender makes.
    #[test]
    fn a_wrong_padding_under_a_right_tag_is_refused_and_nothing_is_left_in_the_buffer() {
        for cbc in ALL {
            let key = cek(cbc);
            let (mac_key, enc_key) = halves(&key).unwrap();
            let wrong: [(u8, u8); 5] = [(0, 0), (17, 17), (255, 255), (1, 2), (3, 16)];
            for (before, last) in wrong {
                let mut buf = [before; 32];
                buf[31] = last;
                let context = EncryptionContext::Iv128(FixedLength::from([0; 16]));
                EncryptingKey::cbc(cbc.cipher_key(enc_key).unwrap())
                    .unwrap()
                    .less_safe_encrypt(&mut buf, context)
                    .unwrap();
                let mac = cbc.mac(mac_key, b"", &[0; 16], &buf).unwrap();
                let tag = &mac.as_ref()[..cbc.enc().tag_len()];
                assert_eq!(cbc.open(&key, &[0; 16], b"", &mut buf, tag), Err(BackendError));
                assert_eq!(buf, [0; 32]);
            }
        }
    }
}
