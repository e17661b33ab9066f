//! The [`jwe_core`] backend on [aws-lc-rs](https://docs.rs/aws-lc-rs): every key management and
//! every content encryption algorithm of RFC 7518 but `RSA1_5`, and RSA-OAEP with SHA-384 and
//! SHA-512, in both directions; key agreement on P-256, P-384, P-521 and X25519.
//!
//! All the cryptography is AWS-LC's, with one exception: it has no AES key wrap for keys of 192
//! bits, so that the rounds of RFC 3394 are those of jwe-core there, over AWS-LC's block cipher.
//! `implementation` in the table says so.
//!
//! The crate is one value, [`AWS_LC_RS`]:
//!
//! ```
//! use jwe_aws_lc_rs::AWS_LC_RS;
//!
//! for line in AWS_LC_RS.capabilities() {
//!     println!("{} {} by {}", line.direction, line.algorithm, line.implementation);
//! }
//! ```
//!
//! # What is checked at import
//!
//! Every RSA key does one operation when it is imported: a public key encrypts, a private key
//! decrypts what its own public half encrypted. A private key whose numbers do not belong together
//! is refused. The operation also makes AWS-LC compute what it keeps for the key, so that the first
//! message costs no more than the others.
//!
//! A public key for key agreement must be a point of its curve, and agrees once with a fresh key
//! pair, so that one of small order is refused before anything is encrypted to it. A private key
//! must be less than the order of its curve; its public half is worked out, and the engine compares
//! it with the one that came with it. The `epk` of every message is checked in the same way.
//!
//! # Features
//!
//! `aws-lc-sys` (default) links AWS-LC as released; it builds with a C compiler alone. `fips` links
//! the FIPS module of AWS-LC; it builds with CMake and Go. The features add up: with both on, the
//! FIPS module does all the work. One of the two is needed.
//!
//! With `fips`, CEKs and initialization vectors are drawn from the module's random generator. The
//! service indicator of the module does not count as approved calls: AES-GCM with an initialization
//! vector that is given to it, as the engine does, for content and for AES-GCM key wrapping;
//! RSA-OAEP; X25519; PBKDF2 with a password of less than 14 bytes. A message makes no such call with
//! an AES-CBC with HMAC algorithm and `dir`, AES key wrap, ECDH-ES on P-256, P-384 or P-521, or
//! PBES2 with a longer password; with keys of 192 bits AES key wrap is the rounds of jwe-core over
//! approved calls of the block cipher.

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
mod pbkdf2;
mod random_source;
mod rsa_oaep;
mod sha256;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod stack_tests;
#[cfg(test)]
mod test_data;

use jwe_core::{Backend, DIRECT};

/// AWS-LC through aws-lc-rs, as a backend; its name is `aws-lc-rs`.
pub static AWS_LC_RS: Backend =
    Backend::new("aws-lc-rs", &random_source::AWS_LC_RANDOM, sha256::sha256)
        .with_encryption_keys(&[
            &rsa_oaep::RSA_OAEP,
            &rsa_oaep::RSA_OAEP_256,
            &rsa_oaep::RSA_OAEP_384,
            &rsa_oaep::RSA_OAEP_512,
            &aes_key_wrap::A128KW,
            &aes_key_wrap::A192KW,
            &aes_key_wrap::A256KW,
            &DIRECT,
            &ecdh_es::ECDH_ES.sender,
            &ecdh_es::ECDH_ES_A128KW.sender,
            &ecdh_es::ECDH_ES_A192KW.sender,
            &ecdh_es::ECDH_ES_A256KW.sender,
            &gcm_key_wrap::A128GCMKW,
            &gcm_key_wrap::A192GCMKW,
            &gcm_key_wrap::A256GCMKW,
            &pbkdf2::PBES2_HS256_A128KW,
            &pbkdf2::PBES2_HS384_A192KW,
            &pbkdf2::PBES2_HS512_A256KW,
        ])
        .with_decryption_keys(&[
            &rsa_oaep::RSA_OAEP,
            &rsa_oaep::RSA_OAEP_256,
            &rsa_oaep::RSA_OAEP_384,
            &rsa_oaep::RSA_OAEP_512,
            &aes_key_wrap::A128KW,
            &aes_key_wrap::A192KW,
            &aes_key_wrap::A256KW,
            &DIRECT,
            &ecdh_es::ECDH_ES.recipient,
            &ecdh_es::ECDH_ES_A128KW.recipient,
            &ecdh_es::ECDH_ES_A192KW.recipient,
            &ecdh_es::ECDH_ES_A256KW.recipient,
            &gcm_key_wrap::A128GCMKW,
            &gcm_key_wrap::A192GCMKW,
            &gcm_key_wrap::A256GCMKW,
            &pbkdf2::PBES2_HS256_A128KW,
            &pbkdf2::PBES2_HS384_A192KW,
            &pbkdf2::PBES2_HS512_A256KW,
        ])
        .with_content_encryption(&[
            &aes_cbc_hmac::A128CBC_HS256,
            &aes_cbc_hmac::A192CBC_HS384,
            &aes_cbc_hmac::A256CBC_HS512,
            &aes_gcm::A128GCM,
            &aes_gcm::A192GCM,
            &aes_gcm::A256GCM,
        ])
        .with_rsa_key_generation(&key_generation::AWS_LC_KEY_GENERATION)
        .with_ec_key_generation(&[&key_generation::AWS_LC_KEY_GENERATION]);
