//! AES key wrap (RFC 3394, RFC 7518 §4.4).

use aws_lc_rs::cipher::{
    AES_192, DecryptingKey, DecryptionContext, EncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::key_wrap::{AES_128, AES_256, AesKek, KeyWrap};
use jwe_core::aes_key_wrap::{AesKeyWrap, AesKw, check_lengths, unwrap_by_blocks, wrap_by_blocks};
use jwe_core::{Alg, BackendError, wiped};

/// AWS-LC's key wrap where it has one, for keys of 16 and 32 bytes; for those of 24 the rounds of
/// jwe-core over its block cipher.
pub(crate) struct AwsLcKeyWrap;

pub(crate) static KEY_WRAP: AwsLcKeyWrap = AwsLcKeyWrap;

pub(crate) static A128KW: AesKw = AesKw::new(Alg::A128Kw, &KEY_WRAP, "AWS-LC AES-KW");
pub(crate) static A192KW: AesKw =
    AesKw::new(Alg::A192Kw, &KEY_WRAP, "RFC 3394 of jwe-core over AWS-LC AES");
pub(crate) static A256KW: AesKw = AesKw::new(Alg::A256Kw, &KEY_WRAP, "AWS-LC AES-KW");

impl AesKeyWrap for AwsLcKeyWrap {
    fn wrap(&self, kek: &[u8], cek: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
        let result = check_lengths(kek.len(), cek.len(), out.len())
            // The key schedules are passed by value, and they begin with the key itself.
            .and_then(|()| wiped::stack_after(|| try_wrap(kek, cek, out)));
        if result.is_err() {
            // It may hold the CEK, half wrapped.
            out.fill(0);
        }
        result
    }

    fn unwrap(&self, kek: &[u8], wrapped: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
        let result = check_lengths(kek.len(), out.len(), wrapped.len())
            .and_then(|()| wiped::stack_after(|| try_unwrap(kek, wrapped, out)));
        if result.is_err() {
            out.fill(0);
        }
        result
    }
}

fn try_wrap(kek: &[u8], cek: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
    if let Some(kek) = whole(kek)? {
        return exactly(out.len(), kek.wrap(cek, out).map_err(|_| BackendError)?);
    }
    let key = EncryptingKey::ecb(block_cipher(kek)?).map_err(|_| BackendError)?;
    wrap_by_blocks(|block| key.encrypt(block).map(drop).map_err(|_| BackendError), cek, out)
}

fn try_unwrap(kek: &[u8], wrapped: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
    if let Some(kek) = whole(kek)? {
        return exactly(out.len(), kek.unwrap(wrapped, out).map_err(|_| BackendError)?);
    }
    let key = DecryptingKey::ecb(block_cipher(kek)?).map_err(|_| BackendError)?;
    let decrypt = |block: &mut [u8; 16]| {
        key.decrypt(block, DecryptionContext::None).map(drop).map_err(|_| BackendError)
    };
    unwrap_by_blocks(decrypt, wrapped, out)
}

/// The key for AWS-LC's own key wrap, or `None` for the length that it leaves out.
fn whole(kek: &[u8]) -> Result<Option<AesKek>, BackendError> {
    let cipher = match kek.len() {
        16 => &AES_128,
        32 => &AES_256,
        _ => return Ok(None),
    };
    AesKek::new(cipher, kek).map(Some).map_err(|_| BackendError)
}

fn block_cipher(kek: &[u8]) -> Result<UnboundCipherKey, BackendError> {
    UnboundCipherKey::new(&AES_192, kek).map_err(|_| BackendError)
}

/// Checks that a buffer was filled.
fn exactly(len: usize, written: &[u8]) -> Result<(), BackendError> {
    if written.len() == len { Ok(()) } else { Err(BackendError) }
}

#[cfg(test)]
mod tests {
    use jwe_core::BackendError;
    use jwe_core::aes_key_wrap::AesKeyWrap;

    use super::KEY_WRAP;
    use crate::test_data::hex;

    const KEK: &str = "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F";
    const KEY_DATA: &str = "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F";

    /// RFC 3394 §4.1 to §4.6: the lengths in bytes of the KEK and of the key data, which are the
    /// starts of the texts above, and the ciphertext.
    #[rustfmt::skip]
    const RFC_3394: [(usize, usize, &str); 6] = [
        (16, 16, "1FA68B0A8112B447 AEF34BD8FB5A7B82 9D3E862371D2CFE5"),
        (24, 16, "96778B25AE6CA435 F92B5B97C050AED2 468AB8A17AD84E5D"),
        (32, 16, "64E8C3F9CE0F5BA2 63E9777905818A2A 93C8191E7D6E8AE7"),
        (24, 24, "031D33264E15D332 68F24EC260743EDC E1C6C7DDEE725A93 6BA814915C6762D2"),
        (32, 24, "A8F9BC1612C68B3F F6E6F4FBE30E71E4 769C8B80A32CB895 8CD5D17D6B254DA1"),
        (32, 32, "28C9F404C4B810F4 CBCCB35CFB87F826 3F5786E2D80ED326 CBC7F0E71A99F43B FB988B9B7A02DD21"),
    ];

    #[test]
    fn wraps_and_unwraps_as_rfc_3394_section_4_has_it() {
        for (kek_len, len, wrapped) in RFC_3394 {
            let (kek, key_data, wrapped) = (hex(KEK), hex(KEY_DATA), hex(wrapped));
            let (kek, key_data) = (&kek[..kek_len], &key_data[..len]);
            let mut out = vec![0; len + 8];
            assert_eq!(KEY_WRAP.wrap(kek, key_data, &mut out), Ok(()));
            assert_eq!(out, wrapped, "{kek_len} {len}");
            let mut out = vec![0; len];
            assert_eq!(KEY_WRAP.unwrap(kek, &wrapped, &mut out), Ok(()));
            assert_eq!(out, key_data, "{kek_len} {len}");
        }
    }

    #[test]
    fn every_length_of_a_cek_comes_back() {
        for kek_len in [16, 24, 32] {
            let kek = vec![0x5a; kek_len];
            for len in (16..=64).step_by(8) {
                let cek: Vec<u8> = (0..len).map(|i| u8::try_from(i).unwrap()).collect();
                let (mut wrapped, mut out) = (vec![0; len + 8], vec![0; len]);
                assert_eq!(KEY_WRAP.wrap(&kek, &cek, &mut wrapped), Ok(()));
                assert_eq!(KEY_WRAP.unwrap(&kek, &wrapped, &mut out), Ok(()));
                assert_eq!(out, cek, "{kek_len} {len}");
            }
        }
    }

    #[test]
    fn any_changed_bit_and_any_other_key_is_refused_and_leaves_zeros() {
        for (kek_len, len, wrapped) in RFC_3394 {
            let (kek, wrapped) = (hex(KEK), hex(wrapped));
            let mut out = vec![0xee; len];
            for bit in 0..wrapped.len() * 8 {
                let mut changed = wrapped.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                out.fill(0xee);
                assert_eq!(KEY_WRAP.unwrap(&kek[..kek_len], &changed, &mut out), Err(BackendError));
                assert!(out.iter().all(|byte| *byte == 0), "{kek_len} {len} {bit}");
            }
            let mut other = kek[..kek_len].to_vec();
            other[kek_len - 1] ^= 1;
            out.fill(0xee);
            assert_eq!(KEY_WRAP.unwrap(&other, &wrapped, &mut out), Err(BackendError));
            assert!(out.iter().all(|byte| *byte == 0), "{kek_len} {len}");
        }
    }

    #[test]
    fn wrong_lengths_are_refused_and_leave_zeros() {
        let right = |kek_len: usize, cek_len: usize| {
            [16, 24, 32].contains(&kek_len) && (16..=64).step_by(8).any(|len| len == cek_len)
        };
        let mut refused = 0;
        for kek_len in [0, 1, 8, 15, 16, 17, 24, 25, 31, 32, 33, 64] {
            for cek_len in [0, 1, 8, 15, 16, 17, 20, 23, 24, 32, 63, 64, 65, 72, 1000] {
                for wrapped_len in [cek_len, cek_len + 7, cek_len + 8, cek_len + 9, cek_len + 16] {
                    if right(kek_len, cek_len) && wrapped_len == cek_len + 8 {
                        continue;
                    }
                    let (kek, cek) = (vec![1; kek_len], vec![2; cek_len]);
                    let mut wrapped = vec![3; wrapped_len];
                    assert_eq!(KEY_WRAP.wrap(&kek, &cek, &mut wrapped), Err(BackendError));
                    assert!(wrapped.iter().all(|byte| *byte == 0));
                    let mut out = vec![4; cek_len];
                    assert_eq!(KEY_WRAP.unwrap(&kek, &wrapped, &mut out), Err(BackendError));
                    assert!(out.iter().all(|byte| *byte == 0));
                    refused += 1;
                }
            }
        }
        assert!(refused > 800);
    }
}
