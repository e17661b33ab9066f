//! `PBES2-HS256+A128KW`, `PBES2-HS384+A192KW` and `PBES2-HS512+A256KW` (RFC 7518 §4.8): PBKDF2 of
//! ring, then AES key wrap of RustCrypto.

use jwe_core::Alg;
use jwe_core::pbes2::Pbes2;

use crate::aes_key_wrap::KEY_WRAP;
use crate::pbkdf2;

/// With HMAC-SHA-256.
pub(crate) static PBES2_HS256_A128KW: Pbes2 = pbes2(Alg::Pbes2Hs256A128Kw);
/// With HMAC-SHA-384.
pub(crate) static PBES2_HS384_A192KW: Pbes2 = pbes2(Alg::Pbes2Hs384A192Kw);
/// With HMAC-SHA-512.
pub(crate) static PBES2_HS512_A256KW: Pbes2 = pbes2(Alg::Pbes2Hs512A256Kw);

const fn pbes2(alg: Alg) -> Pbes2 {
    Pbes2::new(alg, pbkdf2::derive, &KEY_WRAP, "ring PBKDF2, RustCrypto AES-KW")
}

#[cfg(test)]
mod tests {
    use jwe_core::{Enc, KeyMaterial, RecipientContext, RecipientKey, SenderContext, SenderKey};

    use super::*;
    use crate::RING;
    use crate::random::RANDOM;
    use crate::test_data::{hex, oct, random};

    fn wrap(alg: Alg, password: &KeyMaterial, p2s: &[u8], p2c: u32, cek: &[u8]) -> Vec<u8> {
        let import = RING.encryption_key_import(alg, None).unwrap().1;
        let SenderKey::Wrap(key) = import.import(password).unwrap() else { panic!("wraps") };
        let mut context =
            SenderContext::new(Enc::A128CbcHs256, &RANDOM).with_salt_and_count(p2s, p2c);
        let mut encrypted_key = vec![0; key.encrypted_key_len(cek.len())];
        key.wrap_key(&mut context, cek, &mut encrypted_key).unwrap();
        encrypted_key
    }

    fn unwrap(
        alg: Alg,
        password: &KeyMaterial,
        p2s: &[u8],
        p2c: u32,
        encrypted_key: &[u8],
    ) -> Option<Vec<u8>> {
        let import = RING.decryption_key_import(alg, None).unwrap().1;
        let RecipientKey::Unwrap(key) = import.import(password).unwrap() else { panic!("unwraps") };
        let context = RecipientContext::new(Enc::A128CbcHs256).with_salt_and_count(p2s, p2c);
        let mut out = [0; 64];
        let len = key.unwrap_key(&context, encrypted_key, &mut out).ok()?;
        Some(out[..len].to_vec())
    }

    /// RFC 7517 §C.2 to §C.6.
    #[test]
    fn the_known_answer_of_hs256() {
        let password = oct(b"Thus from my lips, by yours, my sin is purged.");
        let p2s = hex("d9609370967546f77f089b89ae2a50d7");
        #[rustfmt::skip]
        let cek = [
            111, 27, 25, 52, 66, 29, 20, 78, 92, 176, 56, 240, 65, 208, 82, 112,
            161, 131, 36, 55, 202, 236, 185, 172, 129, 23, 153, 194, 195, 48, 253, 182,
        ];
        #[rustfmt::skip]
        let encrypted_key = [
            78, 186, 151, 59, 11, 141, 81, 240, 213, 245, 83, 211, 53, 188, 134, 188,
            66, 125, 36, 200, 222, 124, 5, 103, 249, 52, 117, 184, 140, 81, 246, 158,
            161, 177, 20, 33, 245, 57, 59, 4,
        ];
        let alg = Alg::Pbes2Hs256A128Kw;
        assert_eq!(wrap(alg, &password, &p2s, 4096, &cek), encrypted_key);
        assert_eq!(unwrap(alg, &password, &p2s, 4096, &encrypted_key).unwrap(), cek);
    }

    /// RFC 7520 §5.3.1 to §5.3.3.
    #[test]
    fn the_known_answer_of_hs512() {
        let password = oct("entrap_o\u{2013}peter_long\u{2013}credit_tun".as_bytes());
        let p2s = hex("f10d52ce29dab11df1721633e9965c1c");
        let cek = hex("bb0b232576812b8d3b41a7f4ff3a5ca66af50acd020b9d2121413218d12dde6d");
        let encrypted_key =
            hex("777a8d85459faa17b23e9e07f2c8ce5ac0d86a3a1e8f873925eeab954b453d6760b5446d99e0d5d6");
        let alg = Alg::Pbes2Hs512A256Kw;
        assert_eq!(wrap(alg, &password, &p2s, 8192, &cek), encrypted_key);
        assert_eq!(unwrap(alg, &password, &p2s, 8192, &encrypted_key).unwrap(), cek);
    }

    #[test]
    fn another_password_salt_count_or_algorithm_does_not_unwrap() {
        let algs = [Alg::Pbes2Hs256A128Kw, Alg::Pbes2Hs384A192Kw, Alg::Pbes2Hs512A256Kw];
        let (password, p2s, cek) = (oct(b"password"), random(16), random(32));
        for alg in algs {
            let encrypted_key = wrap(alg, &password, &p2s, 1000, &cek);
            assert_eq!(unwrap(alg, &password, &p2s, 1000, &encrypted_key), Some(cek.clone()));
            assert_eq!(unwrap(alg, &oct(b"Password"), &p2s, 1000, &encrypted_key), None);
            assert_eq!(unwrap(alg, &password, &random(16), 1000, &encrypted_key), None);
            assert_eq!(unwrap(alg, &password, &p2s, 1001, &encrypted_key), None);
            for other in algs.into_iter().filter(|other| *other != alg) {
                assert_eq!(unwrap(other, &password, &p2s, 1000, &encrypted_key), None);
            }
        }
    }
}
