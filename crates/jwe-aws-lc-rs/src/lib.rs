//! The [`jwe_core`] backend on [aws-lc-rs](https://docs.rs/aws-lc-rs): RSA-OAEP in four hashes,
//! `dir`, and the six content encryption algorithms of RFC 7518 §5.1, all by AWS-LC.
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
//! Every key does one operation when it is imported: a public key encrypts, a private key decrypts
//! what its own public half encrypted. A private key whose numbers do not belong together is
//! refused. The operation also makes AWS-LC compute what it keeps for the key, so that the first
//! message costs no more than the others.
//!
//! # Features
//!
//! `aws-lc-sys` (default) links AWS-LC as released; it builds with a C compiler alone. `fips` links
//! the FIPS module of AWS-LC; it builds with CMake and Go. The features add up: with both on, the
//! FIPS module does all the work. One of the two is needed.
//!
//! With `fips`, CEKs and initialization vectors are drawn from the module's random generator. The
//! service indicator of the module counts neither AES-GCM with an initialization vector that is
//! given to it, as the engine does, nor RSA-OAEP as approved calls; only `dir` with an AES-CBC with
//! HMAC algorithm makes no other.

mod aes_cbc_hmac;
mod aes_gcm;
mod key_generation;
mod random_source;
mod rsa_oaep;
mod sha256;

use jwe_core::{Backend, DIRECT};

/// AWS-LC through aws-lc-rs, as a backend; its name is `aws-lc-rs`.
pub static AWS_LC_RS: Backend =
    Backend::new("aws-lc-rs", &random_source::AWS_LC_RANDOM, sha256::sha256)
        .with_encryption_keys(&[
            &rsa_oaep::RSA_OAEP,
            &rsa_oaep::RSA_OAEP_256,
            &rsa_oaep::RSA_OAEP_384,
            &rsa_oaep::RSA_OAEP_512,
            &DIRECT,
        ])
        .with_decryption_keys(&[
            &rsa_oaep::RSA_OAEP,
            &rsa_oaep::RSA_OAEP_256,
            &rsa_oaep::RSA_OAEP_384,
            &rsa_oaep::RSA_OAEP_512,
            &DIRECT,
        ])
        .with_content_encryption(&[
            &aes_cbc_hmac::A128CBC_HS256,
            &aes_cbc_hmac::A192CBC_HS384,
            &aes_cbc_hmac::A256CBC_HS512,
            &aes_gcm::A128GCM,
            &aes_gcm::A192GCM,
            &aes_gcm::A256GCM,
        ])
        .with_rsa_key_generation(&key_generation::AWS_LC_KEY_GENERATION);
