//! AES key wrap (RFC 3394) and `A128KW`, `A192KW`, `A256KW` on it (RFC 7518 §4.4).

use jwe_core::aes_key_wrap::{AesKeyWrap, AesKw, check_lengths};
use jwe_core::{Alg, BackendError, wiped};
use openssl::cipher::Cipher;
use openssl::cipher_ctx::{CipherCtx, CipherCtxFlags, CipherCtxRef};
use openssl::error::ErrorStack;
use zeroize::Zeroize;

use crate::cipher::FetchedCipher;

const IMPLEMENTATION: &str = "OpenSSL AES-WRAP";

/// The initial value of RFC 3394 §2.2.3.1, said rather than left to a default.
const INITIAL_VALUE: [u8; 8] = [0xa6; 8];

static AES_128_WRAP: FetchedCipher =
    FetchedCipher::new(|| Cipher::fetch(None, "AES-128-WRAP", None).ok());
static AES_192_WRAP: FetchedCipher =
    FetchedCipher::new(|| Cipher::fetch(None, "AES-192-WRAP", None).ok());
static AES_256_WRAP: FetchedCipher =
    FetchedCipher::new(|| Cipher::fetch(None, "AES-256-WRAP", None).ok());

/// OpenSSL's key wrap, with keys of all three lengths.
pub(crate) struct OpensslKeyWrap;

pub(crate) static KEY_WRAP: OpensslKeyWrap = OpensslKeyWrap;

pub(crate) static A128KW: AesKw = AesKw::new(Alg::A128Kw, &KEY_WRAP, IMPLEMENTATION);
pub(crate) static A192KW: AesKw = AesKw::new(Alg::A192Kw, &KEY_WRAP, IMPLEMENTATION);
pub(crate) static A256KW: AesKw = AesKw::new(Alg::A256Kw, &KEY_WRAP, IMPLEMENTATION);

/// The cipher whose key is as long as this one.
fn cipher_for(kek: &[u8]) -> Result<&'static FetchedCipher, BackendError> {
    match kek.len() {
        16 => Ok(&AES_128_WRAP),
        24 => Ok(&AES_192_WRAP),
        32 => Ok(&AES_256_WRAP),
        _ => Err(BackendError),
    }
}

/// A context in which OpenSSL lets key wrap be set up.
fn context() -> Result<CipherCtx, ErrorStack> {
    let mut context = CipherCtx::new()?;
    context.set_flags(CipherCtxFlags::FLAG_WRAP_ALLOW);
    Ok(context)
}

/// Passes the whole input through a context that is set up. The lengths are checked before: the
/// `openssl` crate stops the program where the output is shorter than OpenSSL wants it.
fn pass(context: &mut CipherCtxRef, input: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
    let done = context.cipher_update(input, Some(out)).map_err(|_| BackendError)?;
    // All of it comes at once, so that there is nothing to be finished.
    if done == out.len() { Ok(()) } else { Err(BackendError) }
}

fn wrap(kek: &[u8], cek: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
    check_lengths(kek.len(), cek.len(), out.len())?;
    let cipher = cipher_for(kek)?.get()?;
    let mut context = context().map_err(|_| BackendError)?;
    context
        .encrypt_init(Some(cipher), Some(kek), Some(&INITIAL_VALUE))
        .map_err(|_| BackendError)?;
    pass(&mut context, cek, out)
}

fn unwrap(kek: &[u8], wrapped: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
    check_lengths(kek.len(), out.len(), wrapped.len())?;
    let cipher = cipher_for(kek)?.get()?;
    let mut context = context().map_err(|_| BackendError)?;
    context
        .decrypt_init(Some(cipher), Some(kek), Some(&INITIAL_VALUE))
        .map_err(|_| BackendError)?;
    pass(&mut context, wrapped, out)
}

impl AesKeyWrap for OpensslKeyWrap {
    fn wrap(&self, kek: &[u8], cek: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
        let outcome = wiped::stack_after(|| wrap(kek, cek, out));
        if outcome.is_err() {
            // OpenSSL begins by copying the CEK there.
            out.zeroize();
        }
        outcome
    }

    fn unwrap(&self, kek: &[u8], wrapped: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
        let outcome = wiped::stack_after(|| unwrap(kek, wrapped, out));
        if outcome.is_err() {
            out.zeroize();
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use jwe_conformance::remnants::{Needle, deep_down};
    use jwe_core::aes_key_wrap::{AesKeyWrap, unwrap_by_blocks, wrap_by_blocks};
    use jwe_core::{BackendError, RandomSource};
    use openssl::error::ErrorStack;
    use openssl::symm::{Cipher, Crypter, Mode};

    use super::KEY_WRAP;
    use crate::random_source::OPENSSL_RANDOM;
    use crate::test_data::{hex, random};

    /// RFC 3394 §4: length of the KEK and of the key data in bytes, and the ciphertext. The KEK and
    /// the key data count up, the former from 00, the latter from 00 to ff and on from 00.
    const RFC_3394: &[(usize, usize, &str)] = &[
        (16, 16, "1fa68b0a8112b447 aef34bd8fb5a7b82 9d3e862371d2cfe5"),
        (24, 16, "96778b25ae6ca435 f92b5b97c050aed2 468ab8a17ad84e5d"),
        (32, 16, "64e8c3f9ce0f5ba2 63e9777905818a2a 93c8191e7d6e8ae7"),
        (24, 24, "031d33264e15d332 68f24ec260743edc e1c6c7ddee725a93 6ba814915c6762d2"),
        (32, 24, "a8f9bc1612c68b3f f6e6f4fbe30e71e4 769c8b80a32cb895 8cd5d17d6b254da1"),
        (
            32,
            32,
            "28c9f404c4b810f4 cbccb35cfb87f826 3f5786e2d80ed326 cbc7f0e71a99f43b fb988b9b7a02dd21",
        ),
    ];

    /// The key data of RFC 3394 §4.
    fn key_data(len: usize) -> Vec<u8> {
        let mut data = hex("00112233445566778899aabbccddeeff 0001020304050607 08090a0b0c0d0e0f");
        data.truncate(len);
        data
    }

    #[test]
    fn the_examples_of_rfc_3394() {
        for (kek_len, data_len, expected) in RFC_3394 {
            let kek: Vec<u8> = (0..*kek_len).map(|byte| u8::try_from(byte).unwrap()).collect();
            let (data, expected) = (key_data(*data_len), hex(expected));
            let mut wrapped = vec![0; data_len + 8];
            assert_eq!(KEY_WRAP.wrap(&kek, &data, &mut wrapped), Ok(()));
            assert_eq!(wrapped, expected, "{kek_len} {data_len}");
            let mut unwrapped = vec![0; *data_len];
            assert_eq!(KEY_WRAP.unwrap(&kek, &wrapped, &mut unwrapped), Ok(()));
            assert_eq!(unwrapped, data);
        }
    }

    /// The engine's rounds over OpenSSL's block cipher are another way to the same.
    #[test]
    fn rounds_over_blocks_say_the_same() {
        let blocks = |cipher: Cipher, mode: Mode, kek: &[u8], block: &mut [u8; 16]| {
            let mut crypter = Crypter::new(cipher, mode, kek, None).unwrap();
            crypter.pad(false);
            let mut out = [0; 32];
            assert_eq!(crypter.update(block, &mut out).unwrap(), 16);
            block.copy_from_slice(&out[..16]);
            Ok(())
        };
        for (kek_len, cipher) in
            [(16, Cipher::aes_128_ecb()), (24, Cipher::aes_192_ecb()), (32, Cipher::aes_256_ecb())]
        {
            for len in (16..=64).step_by(8) {
                let (kek, cek) = (random(kek_len), random(len));
                let (mut wrapped, mut expected) = (vec![0; len + 8], vec![0; len + 8]);
                KEY_WRAP.wrap(&kek, &cek, &mut wrapped).unwrap();
                let encrypt = |block: &mut _| blocks(cipher, Mode::Encrypt, &kek, block);
                wrap_by_blocks(encrypt, &cek, &mut expected).unwrap();
                assert_eq!(wrapped, expected, "{kek_len} {len}");
                let (mut ours, mut theirs) = (vec![0; len], vec![0; len]);
                KEY_WRAP.unwrap(&kek, &wrapped, &mut ours).unwrap();
                let decrypt = |block: &mut _| blocks(cipher, Mode::Decrypt, &kek, block);
                unwrap_by_blocks(decrypt, &wrapped, &mut theirs).unwrap();
                assert_eq!((&ours, &theirs), (&cek, &cek));
            }
        }
    }

    #[test]
    fn every_changed_byte_is_refused_and_leaves_zeros() {
        for kek_len in [16, 24, 32] {
            let (kek, cek) = (random(kek_len), random(32));
            let mut wrapped = vec![0; 40];
            KEY_WRAP.wrap(&kek, &cek, &mut wrapped).unwrap();
            for place in 0..wrapped.len() {
                let mut changed = wrapped.clone();
                changed[place] ^= 0x80;
                let mut out = [0xee; 32];
                assert_eq!(KEY_WRAP.unwrap(&kek, &changed, &mut out), Err(BackendError));
                assert_eq!(out, [0; 32], "{place}");
            }
            let mut other = kek.clone();
            other[0] ^= 1;
            let mut out = [0xee; 32];
            assert_eq!(KEY_WRAP.unwrap(&other, &wrapped, &mut out), Err(BackendError));
            assert_eq!(out, [0; 32]);
        }
        assert!(ErrorStack::get().errors().is_empty());
    }

    #[test]
    fn wrong_lengths_are_refused_and_leave_zeros() {
        for kek_len in [0, 8, 15, 16, 17, 23, 24, 25, 31, 32, 33, 64] {
            for cek_len in 0..=88 {
                for wrapped_len in [0, cek_len, cek_len + 7, cek_len + 8, cek_len + 9, cek_len + 16]
                {
                    let right = [16, 24, 32].contains(&kek_len)
                        && (16..=64).contains(&cek_len)
                        && cek_len % 8 == 0
                        && wrapped_len == cek_len + 8;
                    let (kek, cek) = (vec![1; kek_len], vec![2; cek_len]);
                    let mut wrapped = vec![0xee; wrapped_len];
                    let outcome = KEY_WRAP.wrap(&kek, &cek, &mut wrapped);
                    assert_eq!(outcome.is_ok(), right, "{kek_len} {cek_len} {wrapped_len}");
                    assert!(right || wrapped.iter().all(|byte| *byte == 0));
                    let mut out = vec![0xee; cek_len];
                    let outcome = KEY_WRAP.unwrap(&kek, &wrapped, &mut out);
                    assert_eq!(outcome.is_ok(), right, "{kek_len} {cek_len} {wrapped_len}");
                    assert!(right || out.iter().all(|byte| *byte == 0));
                }
            }
        }
        assert!(ErrorStack::get().errors().is_empty());
    }

    #[test]
    fn no_key_is_left_on_the_stack() {
        for kek_len in [16, 24, 32] {
            let (mut kek, mut cek) = (vec![0; kek_len], vec![0; 32]);
            OPENSSL_RANDOM.fill(&mut kek).unwrap();
            OPENSSL_RANDOM.fill(&mut cek).unwrap();
            // A register of RFC 3394 is 8 bytes long.
            let needles = [&kek[..16], &cek[..8], &cek[24..]].map(Needle::new);
            let (mut wrapped, mut out) = (vec![0; 40], vec![0; 32]);
            deep_down(|| KEY_WRAP.wrap(&kek, &cek, &mut wrapped)).unwrap();
            for needle in &needles {
                // Where the process may not read its own memory there is nothing to be seen.
                assert_eq!(needle.count().unwrap_or(0), 0, "wrap {kek_len}");
            }
            deep_down(|| KEY_WRAP.unwrap(&kek, &wrapped, &mut out)).unwrap();
            for needle in &needles {
                assert_eq!(needle.count().unwrap_or(0), 0, "unwrap {kek_len}");
            }
        }
    }
}
