//! `A128KW`, `A192KW` and `A256KW` (RFC 7518 §4.4), by RustCrypto: ring has no AES key wrap, and
//! no block cipher to build one on.

use aes::{Aes128Dec, Aes128Enc, Aes192Dec, Aes192Enc, Aes256Dec, Aes256Enc};
use aes_kw::KeyInit;
use aes_kw::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, consts::U16};
use jwe_core::aes_key_wrap::{AesKeyWrap, AesKw, check_lengths};
use jwe_core::{Alg, BackendError, wiped};
use zeroize::Zeroize;

/// AES key wrap for all three lengths of the key.
pub(crate) struct KeyWrap;

/// The one value of [`KeyWrap`].
pub(crate) static KEY_WRAP: KeyWrap = KeyWrap;

const IMPLEMENTATION: &str = "RustCrypto AES-KW";

/// With a key of 16 bytes.
pub(crate) static A128KW: AesKw = AesKw::new(Alg::A128Kw, &KEY_WRAP, IMPLEMENTATION);
/// With a key of 24 bytes.
pub(crate) static A192KW: AesKw = AesKw::new(Alg::A192Kw, &KEY_WRAP, IMPLEMENTATION);
/// With a key of 32 bytes.
pub(crate) static A256KW: AesKw = AesKw::new(Alg::A256Kw, &KEY_WRAP, IMPLEMENTATION);

// The half of the key schedule that a direction does not need is never made. Schedules are set up
// for each message: with ECDH-ES and PBES2 the key is another one each time.
fn wrap<C>(kek: &[u8], cek: &[u8], out: &mut [u8]) -> Result<(), BackendError>
where
    C: KeyInit + BlockCipherEncrypt<BlockSize = U16>,
{
    let kw = aes_kw::AesKw::<C>::new_from_slice(kek).map_err(|_| BackendError)?;
    kw.wrap_key(cek, out).map(|_| ()).map_err(|_| BackendError)
}

fn unwrap<C>(kek: &[u8], wrapped: &[u8], out: &mut [u8]) -> Result<(), BackendError>
where
    C: KeyInit + BlockCipherDecrypt<BlockSize = U16>,
{
    let kw = aes_kw::AesKw::<C>::new_from_slice(kek).map_err(|_| BackendError)?;
    kw.unwrap_key(wrapped, out).map(|_| ()).map_err(|_| BackendError)
}

impl AesKeyWrap for KeyWrap {
    /// On an error `out` is all zero.
    fn wrap(&self, kek: &[u8], cek: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
        let wrapped = check_lengths(kek.len(), cek.len(), out.len()).and_then(|()| {
            wiped::stack_after(|| match kek.len() {
                16 => wrap::<Aes128Enc>(kek, cek, out),
                24 => wrap::<Aes192Enc>(kek, cek, out),
                _ => wrap::<Aes256Enc>(kek, cek, out),
            })
        });
        if wrapped.is_err() {
            out.zeroize();
        }
        wrapped
    }

    fn unwrap(&self, kek: &[u8], wrapped: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
        let unwrapped = check_lengths(kek.len(), out.len(), wrapped.len()).and_then(|()| {
            wiped::stack_after(|| match kek.len() {
                16 => unwrap::<Aes128Dec>(kek, wrapped, out),
                24 => unwrap::<Aes192Dec>(kek, wrapped, out),
                _ => unwrap::<Aes256Dec>(kek, wrapped, out),
            })
        });
        if unwrapped.is_err() {
            out.zeroize();
        }
        unwrapped
    }
}

#[cfg(test)]
mod tests {
    use jwe_core::aes_key_wrap::{unwrap_by_blocks, wrap_by_blocks};
    use jwe_core::{Enc, KeyMaterial, RecipientContext, RecipientKey, SenderContext, SenderKey};

    use super::*;
    use crate::RING;
    use crate::random::RANDOM;
    use crate::test_data::{hex, oct, random};

    /// RFC 3394 §4.1 to §4.6: the length of the key that wraps, the bytes of the wrapped key, the
    /// outcome. Both keys count up, as the vectors have it.
    const RFC_3394: [(usize, &str, &str); 6] = [
        (
            16,
            "00112233445566778899AABBCCDDEEFF",
            "1FA68B0A8112B447 AEF34BD8FB5A7B82 9D3E862371D2CFE5",
        ),
        (
            24,
            "00112233445566778899AABBCCDDEEFF",
            "96778B25AE6CA435 F92B5B97C050AED2 468AB8A17AD84E5D",
        ),
        (
            32,
            "00112233445566778899AABBCCDDEEFF",
            "64E8C3F9CE0F5BA2 63E9777905818A2A 93C8191E7D6E8AE7",
        ),
        (
            24,
            "00112233445566778899AABBCCDDEEFF0001020304050607",
            "031D33264E15D332 68F24EC260743EDC E1C6C7DDEE725A93 6BA814915C6762D2",
        ),
        (
            32,
            "00112233445566778899AABBCCDDEEFF0001020304050607",
            "A8F9BC1612C68B3F F6E6F4FBE30E71E4 769C8B80A32CB895 8CD5D17D6B254DA1",
        ),
        (
            32,
            "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F",
            "28C9F404C4B810F4 CBCCB35CFB87F826 3F5786E2D80ED326 CBC7F0E71A99F43B FB988B9B7A02DD21",
        ),
    ];

    fn kek(len: usize) -> Vec<u8> {
        (0..u8::try_from(len).unwrap()).collect()
    }

    #[test]
    fn known_answers_both_ways() {
        for (kek_len, cek, expected) in RFC_3394 {
            let (kek, cek, expected) = (kek(kek_len), hex(cek), hex(expected));
            let mut wrapped = vec![0xee; expected.len()];
            KEY_WRAP.wrap(&kek, &cek, &mut wrapped).unwrap();
            assert_eq!(wrapped, expected);
            let mut unwrapped = vec![0xee; cek.len()];
            KEY_WRAP.unwrap(&kek, &expected, &mut unwrapped).unwrap();
            assert_eq!(unwrapped, cek);
        }
    }

    /// The same answers through the objects that the backend lists.
    #[test]
    fn known_answers_as_an_algorithm() {
        for (kek_len, cek, expected) in RFC_3394 {
            let (cek, expected) = (hex(cek), hex(expected));
            let alg = match kek_len {
                16 => Alg::A128Kw,
                24 => Alg::A192Kw,
                _ => Alg::A256Kw,
            };
            let key = oct(&kek(kek_len));
            let import = RING.encryption_key_import(alg, None).unwrap().1;
            let SenderKey::Wrap(sender) = import.import(&key).unwrap() else { panic!("wraps") };
            let mut wrapped = vec![0; sender.encrypted_key_len(cek.len())];
            let mut context = SenderContext::new(Enc::A256Gcm, &RANDOM);
            sender.wrap_key(&mut context, &cek, &mut wrapped).unwrap();
            assert_eq!(wrapped, expected);

            let import = RING.decryption_key_import(alg, None).unwrap().1;
            let RecipientKey::Unwrap(recipient) = import.import(&key).unwrap() else {
                panic!("unwraps")
            };
            let mut out = [0; 64];
            let context = RecipientContext::new(Enc::A256Gcm);
            assert_eq!(recipient.unwrap_key(&context, &wrapped, &mut out), Ok(cek.len()));
            assert_eq!(&out[..cek.len()], cek);

            // A key of any other length is not taken.
            for len in [1, 15, 16, 17, 24, 32, 33, 64] {
                let other: KeyMaterial = oct(&random(len));
                assert_eq!(import.import(&other).is_ok(), len == kek_len, "{alg}, {len} bytes");
            }
        }
    }

    /// Every length of a CEK, against the rounds that jwe-core has for other backends.
    #[test]
    fn a_second_implementation_agrees() {
        use aes::cipher::Array;
        for cek_len in (16..=64).step_by(8) {
            let (kek, cek) = (random(32), random(cek_len));
            let (mut ours, mut theirs) = (vec![0; cek_len + 8], vec![0; cek_len + 8]);
            KEY_WRAP.wrap(&kek, &cek, &mut ours).unwrap();
            let cipher = Aes256Enc::new_from_slice(&kek).unwrap();
            let encrypt = |block: &mut [u8; 16]| {
                cipher.encrypt_block(Array::cast_from_core_mut(block));
                Ok(())
            };
            wrap_by_blocks(encrypt, &cek, &mut theirs).unwrap();
            assert_eq!(ours, theirs);

            let cipher = Aes256Dec::new_from_slice(&kek).unwrap();
            let decrypt = |block: &mut [u8; 16]| {
                cipher.decrypt_block(Array::cast_from_core_mut(block));
                Ok(())
            };
            let mut opened = vec![0; cek_len];
            unwrap_by_blocks(decrypt, &ours, &mut opened).unwrap();
            assert_eq!(opened, cek);
        }
    }

    #[test]
    fn every_changed_bit_is_noticed_and_the_output_is_wiped() {
        for kek_len in [16, 24, 32] {
            let (kek, cek) = (random(kek_len), random(32));
            let mut wrapped = [0; 40];
            KEY_WRAP.wrap(&kek, &cek, &mut wrapped).unwrap();
            for bit in 0..320 {
                let mut changed = wrapped;
                changed[bit / 8] ^= 1 << (bit % 8);
                let mut out = [0xee; 32];
                assert_eq!(KEY_WRAP.unwrap(&kek, &changed, &mut out), Err(BackendError));
                assert_eq!(out, [0; 32]);
            }
            let mut out = [0xee; 32];
            let other = random(kek_len);
            assert_eq!(KEY_WRAP.unwrap(&other, &wrapped, &mut out), Err(BackendError));
            assert_eq!(out, [0; 32]);
        }
    }

    #[test]
    fn wrong_lengths_are_refused_and_the_output_is_wiped() {
        let right = |kek: usize, cek: usize, wrapped: usize| {
            [16, 24, 32].contains(&kek)
                && (16..=64).contains(&cek)
                && cek.is_multiple_of(8)
                && wrapped == cek + 8
        };
        for kek_len in [0, 1, 8, 15, 16, 17, 23, 24, 25, 31, 32, 33, 40, 64] {
            for cek_len in [0, 1, 7, 8, 9, 15, 16, 17, 24, 32, 33, 63, 64, 65, 72, 1024] {
                for wrapped_len in [0, 8, 16, 23, 24, 25, 32, 40, 72, 73, 80, 1032] {
                    let (kek, cek) = (random(kek_len), random(cek_len));
                    let mut wrapped = vec![0xee; wrapped_len];
                    let outcome = KEY_WRAP.wrap(&kek, &cek, &mut wrapped);
                    assert_eq!(outcome.is_ok(), right(kek_len, cek_len, wrapped_len));
                    let mut out = vec![0xee; cek_len];
                    let unwrapped = KEY_WRAP.unwrap(&kek, &wrapped, &mut out);
                    assert_eq!(unwrapped, outcome);
                    if outcome.is_ok() {
                        assert_eq!(out, cek);
                    } else {
                        assert!(wrapped.iter().chain(&out).all(|byte| *byte == 0));
                    }
                }
            }
        }
    }
}
