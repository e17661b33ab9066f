//! The JSON Web Encryption backend on [ring](https://docs.rs/ring).
//!
//! [`RING`] is the backend value. What comes from ring: AES-GCM, HMAC, the hash functions and the
//! random source. What ring does not have is built here on small parts: RSAES-OAEP *encryption*
//! (EME-OAEP of RFC 8017 §7.1.1 over ring's hashes, the public operation over `crypto-bigint`)
//! and AES-CBC with HMAC (`aes` and `cbc` of RustCrypto under ring's HMAC). What is left out is
//! not listed and so refused: RSA decryption when a key is imported, `A192GCM` when an encrypter or
//! a decrypter is built, and RSA key generation.
//!
//! [`Backend::or`] fills those gaps from another backend, as in `RING.or(&AWS_LC_RS)`.

mod aes_cbc_hmac;
mod aes_gcm;
mod oaep;
mod random;
mod rsa_oaep;
mod rsa_public;
mod sha256;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod stack_tests;
#[cfg(test)]
mod test_data;

use jwe_core::{Backend, DIRECT};

/// The backend on ring.
///
/// Sends with `RSA-OAEP`, `RSA-OAEP-256`, `RSA-OAEP-384`, `RSA-OAEP-512` and `dir`, receives with
/// `dir`; content encryption is `A128GCM`, `A256GCM`, `A128CBC-HS256`, `A192CBC-HS384` and
/// `A256CBC-HS512`.
///
/// ```
/// use jwe_core::{Alg, Direction, Enc};
/// use jwe_ring::RING;
///
/// assert!(RING.encryption_key_import(Alg::RsaOaep256).is_ok());
/// assert!(RING.content_encryption(Enc::A256Gcm, Direction::Encrypt).is_ok());
/// // ring has no RSA decryption; the error says who has.
/// let gap = RING.decryption_key_import(Alg::RsaOaep256).err().unwrap();
/// assert!(gap.to_string().contains("aws-lc-rs"));
/// ```
pub static RING: Backend = Backend::new("ring", &random::RANDOM, sha256::sha256)
    .with_encryption_keys(&[
        &rsa_oaep::RSA_OAEP,
        &rsa_oaep::RSA_OAEP_256,
        &rsa_oaep::RSA_OAEP_384,
        &rsa_oaep::RSA_OAEP_512,
        &DIRECT,
    ])
    .with_decryption_keys(&[&DIRECT])
    .with_content_encryption(&[
        &aes_cbc_hmac::A128CBC_HS256,
        &aes_cbc_hmac::A192CBC_HS384,
        &aes_cbc_hmac::A256CBC_HS512,
        &aes_gcm::A128GCM,
        &aes_gcm::A256GCM,
    ])
    .with_gap_advice(
        "ring has no RSA decryption and no A192GCM; the backends aws-lc-rs and josekit have both",
    );

#[cfg(test)]
mod tests {
    use jwe_core::{Alg, Algorithm, Direction, Enc};

    use super::*;

    #[test]
    fn exactly_this_is_listed() {
        let listed: Vec<_> = RING
            .capabilities()
            .iter()
            .map(|line| (line.algorithm, line.direction, line.implementation))
            .collect();
        let sha1 = "EME-OAEP over ring SHA-1, crypto-bigint";
        let sha2 = "EME-OAEP over ring SHA-2, crypto-bigint";
        let mut expected = vec![
            (Algorithm::Alg(Alg::RsaOaep), Direction::Encrypt, sha1),
            (Algorithm::Alg(Alg::RsaOaep256), Direction::Encrypt, sha2),
            (Algorithm::Alg(Alg::RsaOaep384), Direction::Encrypt, sha2),
            (Algorithm::Alg(Alg::RsaOaep512), Direction::Encrypt, sha2),
            (Algorithm::Alg(Alg::Dir), Direction::Encrypt, "jwe-core"),
            (Algorithm::Alg(Alg::Dir), Direction::Decrypt, "jwe-core"),
        ];
        for (enc, implementation) in [
            (Enc::A128CbcHs256, "RustCrypto AES-CBC, ring HMAC"),
            (Enc::A192CbcHs384, "RustCrypto AES-CBC, ring HMAC"),
            (Enc::A256CbcHs512, "RustCrypto AES-CBC, ring HMAC"),
            (Enc::A128Gcm, "ring AES-GCM"),
            (Enc::A256Gcm, "ring AES-GCM"),
        ] {
            for direction in [Direction::Encrypt, Direction::Decrypt] {
                expected.push((Algorithm::Enc(enc), direction, implementation));
            }
        }
        assert_eq!(listed, expected);
        assert!(RING.rsa_key_generation().is_none());
    }

    #[test]
    fn gaps_say_where_to_go() {
        let rsa = Alg::ALL.iter().filter(|alg| alg.is_rsa());
        let mut gaps: Vec<_> =
            rsa.map(|alg| RING.decryption_key_import(*alg).err().unwrap()).collect();
        gaps.push(RING.content_encryption(Enc::A192Gcm, Direction::Encrypt).err().unwrap());
        for gap in gaps {
            assert_eq!(gap.backend(), "ring");
            let text = gap.to_string();
            for way_out in ["aws-lc-rs", "josekit"] {
                assert!(text.contains(way_out), "{text}");
            }
        }
    }
}
