//! `A128CBC-HS256`, `A192CBC-HS384` and `A256CBC-HS512` (RFC 7518 §5.2): AES-CBC of RustCrypto,
//! then HMAC of ring over additional data, initialization vector and ciphertext.

use aes::{Aes128Dec, Aes128Enc, Aes192Dec, Aes192Enc, Aes256Dec, Aes256Enc};
use cbc::cipher::{
    Array, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, consts::U16, typenum::Unsigned,
};
use cbc::{Decryptor, Encryptor};
use jwe_core::{BackendError, ContentEncryption, Enc};
use ring::hmac;
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use crate::stack::wiped_after;

/// The block length of AES in bytes.
const BLOCK_LEN: usize = U16::USIZE;
/// Runs CBC over whole blocks in place.
type Cbc = fn(key: &[u8], iv: &[u8], blocks: &mut [u8]) -> Result<(), BackendError>;

/// One member of the family.
pub(crate) struct AesCbcHmac {
    enc: Enc,
    hmac: &'static hmac::Algorithm,
    encrypt: Cbc,
    decrypt: Cbc,
}

/// AES-128-CBC with HMAC-SHA-256 cut to 16 bytes (RFC 7518 §5.2.3).
pub(crate) static A128CBC_HS256: AesCbcHmac = AesCbcHmac {
    enc: Enc::A128CbcHs256,
    hmac: &hmac::HMAC_SHA256,
    encrypt: encrypt::<Encryptor<Aes128Enc>>,
    decrypt: decrypt::<Decryptor<Aes128Dec>>,
};
/// AES-192-CBC with HMAC-SHA-384 cut to 24 bytes (RFC 7518 §5.2.4).
pub(crate) static A192CBC_HS384: AesCbcHmac = AesCbcHmac {
    enc: Enc::A192CbcHs384,
    hmac: &hmac::HMAC_SHA384,
    encrypt: encrypt::<Encryptor<Aes192Enc>>,
    decrypt: decrypt::<Decryptor<Aes192Dec>>,
};
/// AES-256-CBC with HMAC-SHA-512 cut to 32 bytes (RFC 7518 §5.2.5).
pub(crate) static A256CBC_HS512: AesCbcHmac = AesCbcHmac {
    enc: Enc::A256CbcHs512,
    hmac: &hmac::HMAC_SHA512,
    encrypt: encrypt::<Encryptor<Aes256Enc>>,
    decrypt: decrypt::<Decryptor<Aes256Dec>>,
};

fn encrypt<M>(key: &[u8], iv: &[u8], blocks: &mut [u8]) -> Result<(), BackendError>
where
    M: KeyIvInit + BlockModeEncrypt<BlockSize = U16>,
{
    let (blocks, rest) = Array::slice_as_chunks_mut(blocks);
    if !rest.is_empty() {
        return Err(BackendError);
    }
    M::new_from_slices(key, iv).map_err(|_| BackendError)?.encrypt_blocks(blocks);
    Ok(())
}

fn decrypt<M>(key: &[u8], iv: &[u8], blocks: &mut [u8]) -> Result<(), BackendError>
where
    M: KeyIvInit + BlockModeDecrypt<BlockSize = U16>,
{
    let (blocks, rest) = Array::slice_as_chunks_mut(blocks);
    if !rest.is_empty() {
        return Err(BackendError);
    }
    M::new_from_slices(key, iv).map_err(|_| BackendError)?.decrypt_blocks(blocks);
    Ok(())
}

/// MAC_KEY is the first half of the CEK, ENC_KEY the second (RFC 7518 §5.2.2.1, step 1).
fn halves(cek: &[u8]) -> Result<(&[u8], &[u8]), BackendError> {
    cek.split_at_checked(cek.len() / 2).ok_or(BackendError)
}

impl AesCbcHmac {
    /// HMAC over AAD, IV, ciphertext and AL, not yet cut (RFC 7518 §5.2.2.1, steps 4 and 5).
    fn mac(
        &self,
        mac_key: &[u8],
        iv: &[u8],
        aad: &[u8],
        ciphertext: &[u8],
    ) -> Result<hmac::Tag, BackendError> {
        let aad_bits =
            u64::try_from(aad.len()).ok().and_then(|len| len.checked_mul(8)).ok_or(BackendError)?;
        let mut mac = hmac::Context::with_key(&hmac::Key::new(*self.hmac, mac_key));
        mac.update(aad);
        mac.update(iv);
        mac.update(ciphertext);
        mac.update(&aad_bits.to_be_bytes());
        Ok(mac.sign())
    }

    fn seal_now(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        plaintext_len: usize,
        tag: &mut [u8],
    ) -> Result<(), BackendError> {
        let (mac_key, enc_key) = halves(cek)?;
        let padding = buf.get_mut(plaintext_len..).ok_or(BackendError)?;
        // `seal` made it 1 to 16 bytes long (RFC 7518 §5.2.2.1, step 2).
        padding.fill(u8::try_from(padding.len()).map_err(|_| BackendError)?);
        (self.encrypt)(enc_key, iv, buf)?;
        let mac = self.mac(mac_key, iv, aad, buf)?;
        let cut = mac.as_ref().get(..tag.len()).ok_or(BackendError)?;
        tag.copy_from_slice(cut);
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
        if !self.enc.is_ciphertext_len(buf.len()) {
            return Err(BackendError);
        }
        let (mac_key, enc_key) = halves(cek)?;
        let mac = self.mac(mac_key, iv, aad, buf)?;
        let cut = mac.as_ref().get(..tag.len()).ok_or(BackendError)?;
        if !bool::from(cut.ct_eq(tag)) {
            return Err(BackendError);
        }
        (self.decrypt)(enc_key, iv, buf)?;
        unpadded_len(buf)
    }
}

/// The length without the padding of PKCS #7 (RFC 5652 §6.3), of which every byte is checked.
///
/// Only the holder of the key gets a wrong padding as far as this, because the tag was found
/// right before; so the time that this takes tells nobody anything.
fn unpadded_len(padded: &[u8]) -> Result<usize, BackendError> {
    let last = *padded.last().ok_or(BackendError)?;
    let padding_len = usize::from(last);
    if padding_len == 0 || padding_len > BLOCK_LEN {
        return Err(BackendError);
    }
    let len = padded.len().checked_sub(padding_len).ok_or(BackendError)?;
    let padding = padded.get(len..).ok_or(BackendError)?;
    if padding.iter().all(|byte| *byte == last) { Ok(len) } else { Err(BackendError) }
}

impl ContentEncryption for AesCbcHmac {
    fn enc(&self) -> Enc {
        self.enc
    }

    fn implementation(&self) -> &'static str {
        "RustCrypto AES-CBC, ring HMAC"
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
        wiped_after(|| self.seal_now(cek, iv, aad, buf, plaintext_len, tag))
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
    use crate::test_data::{hex, random};

    static ALL: [&AesCbcHmac; 3] = [&A128CBC_HS256, &A192CBC_HS384, &A256CBC_HS512];

    // RFC 7518, appendices B.1, B.2 and B.3: one plaintext, one IV, one AAD; K is 00 01 02 ….
    const PLAINTEXT: &[u8] = b"A cipher system must not be required to be secret, and it must be \
        able to fall into the hands of the enemy without inconvenience";
    const AAD: &[u8] = b"The second principle of Auguste Kerckhoffs";
    const IV: &str = "1af38c2dc2b96ffdd86694092341bc04";
    const CIPHERTEXTS_AND_TAGS: [(&str, &str); 3] = [
        (
            "
             c80edfa32ddf39d5ef00c0b468834279a2e46a1b8049f792f76bfe54b903a9c9a94ac9b
             47ad2655c5f10f9aef71427e2fc6f9b3f399a221489f16362c703233609d45ac69864e3
             321cf82935ac4096c86e133314c54019e8ca7980dfa4b9cf1b384c486f3a54c51078158
             ee5d79de59fbd34d848b3d69550a67646344427ade54b8851ffb598f7f80074b9473c82
             e2db",
            "652c3fa36b0a7c5b3219fab3a30bc1c4",
        ),
        (
            "
             ea65da6b59e61edb419be62d19712ae5d303eeb50052d0dfd6697f77224c8edb000d279
             bdc14c1072654bd30944230c657bed4ca0c9f4a8466f22b226d1746214bf8cfc2400add
             9f5126e479663fc90b3bed787a2f0ffcbf3904be2a641d5c2105bfe591bae23b1d7449e
             532eef60a9ac8bb6c6b01d35d49787bcd57ef484927f280adc91ac0c4e79c7b11efc600
             54e3",
            "8490ac0e58949bfe51875d733f93ac2075168039ccc733d7",
        ),
        (
            "
             4affaaadb78c31c5da4b1b590d10ffbd3dd8d5d302423526912da037ecbcc7bd822c301
             dd67c373bccb584ad3e9279c2e6d12a1374b77f077553df829410446b36ebd97066296a
             e6427ea75c2e0846a11a09ccf5370dc80bfecbad28c73f09b3a3b75e662a2594410ae49
             6b2e2e6609e31e6e02cc837f053d21f37ff4f51950bbe2638d09dd7a4930930806d0703
             b1f6",
            "4dd3b4c088a7f45c216839645b2012bf2e6269a8c56a816dbc1b267761955bc5",
        ),
    ];

    #[test]
    fn rfc_7518_appendix_b() {
        let cek: Vec<u8> = (0..64).collect();
        for (object, (ciphertext, tag)) in ALL.into_iter().zip(CIPHERTEXTS_AND_TAGS) {
            KnownAnswer {
                cek: &cek[..object.enc.cek_len()],
                iv: &hex(IV),
                aad: AAD,
                plaintext: PLAINTEXT,
                ciphertext: &hex(ciphertext),
                tag: &hex(tag),
            }
            .check(object);
        }
    }

    #[test]
    fn any_length_comes_back() {
        ALL.into_iter().for_each(|object| round_trips(object));
    }

    #[test]
    fn a_change_is_refused() {
        ALL.into_iter().for_each(|object| changes_are_refused(object));
    }

    #[test]
    fn a_wrong_length_is_refused() {
        ALL.into_iter().for_each(|object| wrong_lengths_are_refused(object));
    }

    /// Encrypts whole blocks as they are, with a right tag: what a holder of the key could send.
    fn seal_unpadded(object: &AesCbcHmac, cek: &[u8], iv: &[u8], buf: &mut [u8]) -> Vec<u8> {
        let (mac_key, enc_key) = halves(cek).unwrap();
        (object.encrypt)(enc_key, iv, buf).unwrap();
        object.mac(mac_key, iv, b"", buf).unwrap().as_ref()[..object.enc.tag_len()].to_vec()
    }

    #[test]
    fn padding_is_checked_to_the_last_byte() {
        for object in ALL {
            let (cek, iv) = (random(object.enc.cek_len()), random(BLOCK_LEN));
            let open = |plain: &[u8]| {
                let mut buf = plain.to_vec();
                let tag = seal_unpadded(object, &cek, &iv, &mut buf);
                let opened = object.open(&cek, &iv, b"", &mut buf, &tag);
                if opened.is_err() {
                    assert!(buf.iter().all(|byte| *byte == 0));
                }
                opened
            };
            for len in 1..=BLOCK_LEN {
                let mut plain = [0xee; 2 * BLOCK_LEN];
                plain[2 * BLOCK_LEN - len..].fill(u8::try_from(len).unwrap());
                assert_eq!(open(&plain), Ok(2 * BLOCK_LEN - len));
                // A wrong byte anywhere but at the end, which says how long the padding is.
                for at in 2 * BLOCK_LEN - len..2 * BLOCK_LEN - 1 {
                    let mut wrong = plain;
                    wrong[at] ^= 0x80;
                    assert_eq!(open(&wrong), Err(BackendError), "byte {at} of {len}");
                }
            }
            for last in (17..=255).chain([0]) {
                assert_eq!(open(&[last; 2 * BLOCK_LEN]), Err(BackendError), "{last}");
            }
            // More padding than there is text.
            assert_eq!(open(&[17; BLOCK_LEN]), Err(BackendError));
        }
    }

    #[test]
    fn nothing_is_decrypted_before_the_tag_is_right() {
        let object = AesCbcHmac {
            enc: Enc::A256CbcHs512,
            hmac: &hmac::HMAC_SHA512,
            encrypt: A256CBC_HS512.encrypt,
            decrypt: |_, _, _| panic!("decrypted"),
        };
        let (cek, iv) = (random(64), random(BLOCK_LEN));
        let (mut buf, mut tag) = (vec![1; 32], vec![0; 32]);
        A256CBC_HS512.seal(&cek, &iv, b"", &mut buf, 20, &mut tag).unwrap();
        for bit in 0..256 {
            tag[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(object.open(&cek, &iv, b"", &mut buf.clone(), &tag), Err(BackendError));
            tag[bit / 8] ^= 1 << (bit % 8);
        }
        let right = std::panic::AssertUnwindSafe(|| object.open(&cek, &iv, b"", &mut buf, &tag));
        assert!(std::panic::catch_unwind(right).is_err(), "with the right tag it is reached");
    }
}
