//! The JSON Web Encryption backend on [ring](https://docs.rs/ring).
//!
//! [`RING`] is the backend value. What comes from ring: AES-GCM, ephemeral ECDH, PBKDF2, HMAC, the
//! hash functions, EC key pairs and the random source. What ring does not have is built here on
//! small parts: RSAES-OAEP *encryption* (EME-OAEP of RFC 8017 §7.1.1 over ring's hashes, the public
//! operation over `crypto-bigint`), AES-CBC with HMAC (`aes` and `cbc` of RustCrypto under ring's
//! HMAC), AES key wrap (`aes` and `aes-kw` of RustCrypto) and the Concat KDF over ring's SHA-256.
//!
//! What is left out is not listed and so refused:
//! - RSA decryption, which ring does not have, and decryption with ECDH-ES, because ring agrees with
//!   no private keys but those that it draws itself for one use: when a key is imported;
//! - P-521 and `A192GCMKW`: when a key is imported;
//! - `A192GCM`: when an encrypter or a decrypter is built;
//! - generation of RSA keys, and of EC keys on other curves than P-256 and P-384.
//!
//! [`Backend::or`] fills those gaps from another backend, as in `RING.or(&AWS_LC_RS)`.

// Arithmetic on lengths says what happens beyond the range, whatever profile it is built with.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod aes_cbc_hmac;
mod aes_gcm;
mod aes_key_wrap;
mod concat_kdf;
mod ecdh_es;
mod gcm_key_wrap;
mod key_agreement;
mod key_generation;
mod oaep;
mod pbes2;
mod pbkdf2;
mod random;
mod rsa_oaep;
mod rsa_public;
mod sha256;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod stack_tests;
#[cfg(test)]
mod test_curves;
#[cfg(test)]
mod test_data;

use jwe_core::{Backend, DIRECT};

/// The backend on ring.
///
/// Sends with `RSA-OAEP`, `RSA-OAEP-256`, `RSA-OAEP-384`, `RSA-OAEP-512`, and on P-256, P-384 and
/// X25519 with `ECDH-ES`, `ECDH-ES+A128KW`, `ECDH-ES+A192KW` and `ECDH-ES+A256KW`. Sends and
/// receives with `A128KW`, `A192KW`, `A256KW`, `A128GCMKW`, `A256GCMKW`, `PBES2-HS256+A128KW`,
/// `PBES2-HS384+A192KW`, `PBES2-HS512+A256KW` and `dir`. Content encryption is `A128GCM`,
/// `A256GCM`, `A128CBC-HS256`, `A192CBC-HS384` and `A256CBC-HS512`. Key pairs are generated on
/// P-256 and P-384.
///
/// ```
/// use jwe_core::{Alg, Curve, Direction, Enc};
/// use jwe_ring::RING;
///
/// assert!(RING.encryption_key_import(Alg::RsaOaep256, None).is_ok());
/// assert!(RING.encryption_key_import(Alg::EcdhEs, Some(Curve::X25519)).is_ok());
/// assert!(RING.content_encryption(Enc::A256Gcm, Direction::Encrypt).is_ok());
/// // ring has no RSA decryption; the error says who has.
/// let gap = RING.decryption_key_import(Alg::RsaOaep256, None).err().unwrap();
/// assert!(gap.to_string().contains("aws-lc-rs"));
/// ```
pub static RING: Backend = Backend::new("ring", &random::RANDOM, sha256::sha256)
    .with_encryption_keys(&[
        &rsa_oaep::RSA_OAEP,
        &rsa_oaep::RSA_OAEP_256,
        &rsa_oaep::RSA_OAEP_384,
        &rsa_oaep::RSA_OAEP_512,
        &aes_key_wrap::A128KW,
        &aes_key_wrap::A192KW,
        &aes_key_wrap::A256KW,
        &DIRECT,
        &ecdh_es::ECDH_ES,
        &ecdh_es::ECDH_ES_A128KW,
        &ecdh_es::ECDH_ES_A192KW,
        &ecdh_es::ECDH_ES_A256KW,
        &gcm_key_wrap::A128GCMKW,
        &gcm_key_wrap::A256GCMKW,
        &pbes2::PBES2_HS256_A128KW,
        &pbes2::PBES2_HS384_A192KW,
        &pbes2::PBES2_HS512_A256KW,
    ])
    .with_decryption_keys(&[
        &aes_key_wrap::A128KW,
        &aes_key_wrap::A192KW,
        &aes_key_wrap::A256KW,
        &DIRECT,
        &gcm_key_wrap::A128GCMKW,
        &gcm_key_wrap::A256GCMKW,
        &pbes2::PBES2_HS256_A128KW,
        &pbes2::PBES2_HS384_A192KW,
        &pbes2::PBES2_HS512_A256KW,
    ])
    .with_content_encryption(&[
        &aes_cbc_hmac::A128CBC_HS256,
        &aes_cbc_hmac::A192CBC_HS384,
        &aes_cbc_hmac::A256CBC_HS512,
        &aes_gcm::A128GCM,
        &aes_gcm::A256GCM,
    ])
    .with_ec_key_generation(&[&key_generation::KEY_GENERATION])
    .with_gap_advice(
        "ring decrypts with no private key of RSA or ECDH-ES, and has neither P-521 nor A192GCM \
         nor A192GCMKW; the backends aws-lc-rs and josekit have them all",
    );

#[cfg(test)]
mod tests {
    use jwe_core::{Alg, Algorithm, Curve, Direction, Enc};

    use super::*;

    const CURVES: [Curve; 3] = [Curve::P256, Curve::P384, Curve::X25519];

    #[test]
    fn exactly_this_is_listed() {
        use Direction::{Decrypt, Encrypt};
        let listed: Vec<_> = RING
            .capabilities()
            .iter()
            .map(|line| (line.algorithm, line.curve, line.direction, line.implementation))
            .collect();
        let mut expected = Vec::new();
        let sends = |alg, implementation| (Algorithm::Alg(alg), None, Encrypt, implementation);
        let receives = |alg, implementation| (Algorithm::Alg(alg), None, Decrypt, implementation);
        for (alg, implementation) in [
            (Alg::RsaOaep, "EME-OAEP over ring SHA-1, crypto-bigint"),
            (Alg::RsaOaep256, "EME-OAEP over ring SHA-2, crypto-bigint"),
            (Alg::RsaOaep384, "EME-OAEP over ring SHA-2, crypto-bigint"),
            (Alg::RsaOaep512, "EME-OAEP over ring SHA-2, crypto-bigint"),
        ] {
            expected.push(sends(alg, implementation));
        }
        for (alg, implementation) in [
            (Alg::A128Kw, "RustCrypto AES-KW"),
            (Alg::A192Kw, "RustCrypto AES-KW"),
            (Alg::A256Kw, "RustCrypto AES-KW"),
            (Alg::Dir, "jwe-core"),
        ] {
            expected.extend([sends(alg, implementation), receives(alg, implementation)]);
        }
        let wrapping = "ring ECDH and SHA-256, RustCrypto AES-KW";
        for (alg, implementation) in [
            (Alg::EcdhEs, "ring ECDH and SHA-256"),
            (Alg::EcdhEsA128Kw, wrapping),
            (Alg::EcdhEsA192Kw, wrapping),
            (Alg::EcdhEsA256Kw, wrapping),
        ] {
            for curve in CURVES {
                expected.push((Algorithm::Alg(alg), Some(curve), Encrypt, implementation));
            }
        }
        for (alg, implementation) in [
            (Alg::A128GcmKw, "ring AES-GCM"),
            (Alg::A256GcmKw, "ring AES-GCM"),
            (Alg::Pbes2Hs256A128Kw, "ring PBKDF2, RustCrypto AES-KW"),
            (Alg::Pbes2Hs384A192Kw, "ring PBKDF2, RustCrypto AES-KW"),
            (Alg::Pbes2Hs512A256Kw, "ring PBKDF2, RustCrypto AES-KW"),
        ] {
            expected.extend([sends(alg, implementation), receives(alg, implementation)]);
        }
        for (enc, implementation) in [
            (Enc::A128CbcHs256, "RustCrypto AES-CBC, ring HMAC"),
            (Enc::A192CbcHs384, "RustCrypto AES-CBC, ring HMAC"),
            (Enc::A256CbcHs512, "RustCrypto AES-CBC, ring HMAC"),
            (Enc::A128Gcm, "ring AES-GCM"),
            (Enc::A256Gcm, "ring AES-GCM"),
        ] {
            for direction in [Encrypt, Decrypt] {
                expected.push((Algorithm::Enc(enc), None, direction, implementation));
            }
        }
        assert_eq!(listed, expected);
        assert!(RING.rsa_key_generation().is_none());
        let generates = |curve: &&Curve| RING.ec_key_generation(**curve).is_some();
        let generated: Vec<_> = Curve::ALL.iter().filter(generates).collect();
        assert_eq!(generated, [&Curve::P256, &Curve::P384]);
    }

    #[test]
    fn gaps_say_where_to_go() {
        let mut gaps = Vec::new();
        for alg in Alg::ALL.iter().copied() {
            if alg.is_rsa() {
                gaps.push(RING.decryption_key_import(alg, None).err().unwrap());
            }
            if alg.is_ecdh() {
                for curve in Curve::ALL {
                    gaps.push(RING.decryption_key_import(alg, Some(*curve)).err().unwrap());
                }
                gaps.push(RING.encryption_key_import(alg, Some(Curve::P521)).err().unwrap());
            }
        }
        gaps.push(RING.encryption_key_import(Alg::A192GcmKw, None).err().unwrap());
        gaps.push(RING.decryption_key_import(Alg::A192GcmKw, None).err().unwrap());
        gaps.push(RING.content_encryption(Enc::A192Gcm, Direction::Encrypt).err().unwrap());
        assert_eq!(gaps.len(), 4 + 4 * 5 + 3);
        for gap in gaps {
            assert_eq!(gap.backend(), "ring");
            let text = gap.to_string();
            for way_out in ["aws-lc-rs", "josekit"] {
                assert!(text.contains(way_out), "{text}");
            }
        }
    }
}
