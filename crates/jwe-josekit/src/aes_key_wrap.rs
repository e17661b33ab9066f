//! AES key wrap (RFC 3394) and `A128KW`, `A192KW`, `A256KW` on it (RFC 7518 §4.4): the rounds of
//! jwe-core over OpenSSL's AES.

use jwe_core::aes_key_wrap::{AesKeyWrap, AesKw, check_lengths, unwrap_by_blocks, wrap_by_blocks};
use jwe_core::{Alg, BackendError, wiped};
use openssl::cipher::{Cipher, CipherRef};
use openssl::cipher_ctx::{CipherCtx, CipherCtxRef};
use openssl::error::ErrorStack;
use zeroize::{Zeroize, Zeroizing};

use crate::cipher::FetchedCipher;

const IMPLEMENTATION: &str = "RFC 3394 of jwe-core over OpenSSL AES";

const BLOCK_LEN: usize = 16;

// The rounds chain the blocks themselves, each of which is passed through AES on its own.
static AES_128: FetchedCipher =
    FetchedCipher::new(|| Cipher::fetch(None, "AES-128-ECB", None).ok());
static AES_192: FetchedCipher =
    FetchedCipher::new(|| Cipher::fetch(None, "AES-192-ECB", None).ok());
static AES_256: FetchedCipher =
    FetchedCipher::new(|| Cipher::fetch(None, "AES-256-ECB", None).ok());

/// Key wrap over OpenSSL's AES, with keys of all three lengths.
pub(crate) struct OpensslKeyWrap;

pub(crate) static KEY_WRAP: OpensslKeyWrap = OpensslKeyWrap;

pub(crate) static A128KW: AesKw = AesKw::new(Alg::A128Kw, &KEY_WRAP, IMPLEMENTATION);
pub(crate) static A192KW: AesKw = AesKw::new(Alg::A192Kw, &KEY_WRAP, IMPLEMENTATION);
pub(crate) static A256KW: AesKw = AesKw::new(Alg::A256Kw, &KEY_WRAP, IMPLEMENTATION);

/// The cipher whose key is as long as this one.
fn cipher_for(kek: &[u8]) -> Result<&'static CipherRef, BackendError> {
    match kek.len() {
        16 => AES_128.get(),
        24 => AES_192.get(),
        32 => AES_256.get(),
        _ => Err(BackendError),
    }
}

/// Sets up a context in one direction, which it passes to `init` with its cipher.
fn context_for(
    kek: &[u8],
    init: impl FnOnce(&mut CipherCtxRef, &CipherRef) -> Result<(), ErrorStack>,
) -> Result<CipherCtx, BackendError> {
    let cipher = cipher_for(kek)?;
    let mut context = CipherCtx::new().map_err(|_| BackendError)?;
    init(&mut context, cipher).map_err(|_| BackendError)?;
    // With padding, decryption would keep each block back until the next one comes.
    context.set_padding(false);
    Ok(context)
}

/// Passes one block through a context that is set up.
fn pass(context: &mut CipherCtxRef, block: &mut [u8; BLOCK_LEN]) -> Result<(), BackendError> {
    // The `openssl` crate wants room for one block more than comes out.
    let mut out = Zeroizing::new([0; 2 * BLOCK_LEN]);
    let done = context.cipher_update(block, Some(out.as_mut_slice())).map_err(|_| BackendError)?;
    match out.first_chunk() {
        Some(passed) if done == BLOCK_LEN => *block = *passed,
        _ => return Err(BackendError),
    }
    Ok(())
}

fn wrap(kek: &[u8], cek: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
    check_lengths(kek.len(), cek.len(), out.len())?;
    let mut context =
        context_for(kek, |context, cipher| context.encrypt_init(Some(cipher), Some(kek), None))?;
    wrap_by_blocks(|block| pass(&mut context, block), cek, out)
}

fn unwrap(kek: &[u8], wrapped: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
    check_lengths(kek.len(), out.len(), wrapped.len())?;
    let mut context =
        context_for(kek, |context, cipher| context.decrypt_init(Some(cipher), Some(kek), None))?;
    unwrap_by_blocks(|block| pass(&mut context, block), wrapped, out)
}

impl AesKeyWrap for OpensslKeyWrap {
    fn wrap(&self, kek: &[u8], cek: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
        let outcome = wiped::stack_after(|| wrap(kek, cek, out));
        if outcome.is_err() {
            // It may hold the CEK, half wrapped.
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
    use jwe_core::aes_key_wrap::AesKeyWrap;
    use jwe_core::{BackendError, RandomSource};
    use openssl::cipher::Cipher;
    use openssl::cipher_ctx::{CipherCtx, CipherCtxFlags};
    use openssl::error::ErrorStack;

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

    /// The initial value of RFC 3394 §2.2.3.1.
    const INITIAL_VALUE: [u8; 8] = [0xa6; 8];

    /// A context of OpenSSL's own key wrap, and its cipher.
    fn whole(kek: &[u8]) -> (CipherCtx, Cipher) {
        let name = format!("AES-{}-WRAP", kek.len() * 8);
        let mut context = CipherCtx::new().unwrap();
        context.set_flags(CipherCtxFlags::FLAG_WRAP_ALLOW);
        (context, Cipher::fetch(None, &name, None).unwrap())
    }

    fn wrap_whole(kek: &[u8], initial_value: [u8; 8], cek: &[u8]) -> Vec<u8> {
        let (mut context, cipher) = whole(kek);
        context.encrypt_init(Some(&cipher), Some(kek), Some(&initial_value)).unwrap();
        let mut wrapped = vec![0; cek.len() + 8];
        assert_eq!(context.cipher_update(cek, Some(&mut wrapped)).unwrap(), wrapped.len());
        wrapped
    }

    fn unwrap_whole(kek: &[u8], wrapped: &[u8]) -> Vec<u8> {
        let (mut context, cipher) = whole(kek);
        context.decrypt_init(Some(&cipher), Some(kek), Some(&INITIAL_VALUE)).unwrap();
        let mut cek = vec![0; wrapped.len() - 8];
        assert_eq!(context.cipher_update(wrapped, Some(&mut cek)).unwrap(), cek.len());
        cek
    }

    /// OpenSSL's own key wrap is another way to the same.
    #[test]
    fn openssls_key_wrap_says_the_same() {
        for kek_len in [16, 24, 32] {
            for len in (16..=64).step_by(8) {
                for _ in 0..8 {
                    let (kek, cek) = (random(kek_len), random(len));
                    let (mut wrapped, mut unwrapped) = (vec![0; len + 8], vec![0; len]);
                    KEY_WRAP.wrap(&kek, &cek, &mut wrapped).unwrap();
                    assert_eq!(wrapped, wrap_whole(&kek, INITIAL_VALUE, &cek), "{kek_len} {len}");
                    assert_eq!(unwrap_whole(&kek, &wrapped), cek, "{kek_len} {len}");
                    KEY_WRAP.unwrap(&kek, &wrapped, &mut unwrapped).unwrap();
                    assert_eq!(unwrapped, cek, "{kek_len} {len}");
                }
            }
        }
    }

    /// The whole CEK is there when the initial value is compared.
    #[test]
    fn another_initial_value_is_refused_and_leaves_nothing() {
        for kek_len in [16, 24, 32] {
            for bit in 0..64 {
                let (kek, cek) = (random(kek_len), random(32));
                let mut other = INITIAL_VALUE;
                other[bit / 8] ^= 1 << (bit % 8);
                let wrapped = wrap_whole(&kek, other, &cek);
                let needles = [&cek[..8], &cek[24..]].map(Needle::new);
                let mut out = [0xee; 32];
                let outcome = deep_down(|| KEY_WRAP.unwrap(&kek, &wrapped, &mut out));
                for needle in &needles {
                    // Where the process may not read its own memory there is nothing to be seen.
                    assert_eq!(needle.count().unwrap_or(0), 0, "{kek_len} {bit}");
                }
                assert_eq!(outcome, Err(BackendError), "{kek_len} {bit}");
                assert_eq!(out, [0; 32], "{kek_len} {bit}");
            }
        }
        assert!(ErrorStack::get().errors().is_empty());
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
