//! The [`jwe_core`] backend on OpenSSL 3 and [josekit](https://docs.rs/josekit): RSA-OAEP in four
//! hashes, `dir`, and the six content encryption algorithms of RFC 7518 §5.1.
//!
//! The crate is one value, [`JOSEKIT`]:
//!
//! ```
//! use jwe_josekit::JOSEKIT;
//!
//! for line in JOSEKIT.capabilities() {
//!     println!("{} {} by {}", line.direction, line.algorithm, line.implementation);
//! }
//! ```
//!
//! # Who does what
//!
//! josekit generates the RSA keys. Messages are encrypted and decrypted by the same OpenSSL through
//! the [openssl](https://docs.rs/openssl) crate on which josekit is built: in the caller's buffer,
//! with every length checked first, with the HMAC verified before AES-CBC is decrypted, and with
//! OpenSSL contexts that are prepared once per key. The engine of [`jwe_core`] does the JOSE part,
//! as for every backend.
//!
//! # What is checked at import
//!
//! The numbers of a private key must belong together: n = p·q, d·e = 1 modulo p − 1 and q − 1, and
//! the three CRT parameters follow from them. Then every key does one operation: a public key
//! encrypts, a private key decrypts what its own public half encrypted.
//!
//! # Features
//!
//! `vendored` builds OpenSSL from source, with a C compiler, make and perl, and links it
//! statically. Without it, OpenSSL 3 and its headers must be installed.

mod aes_cbc_hmac;
mod aes_gcm;
mod cipher;
mod context_pool;
mod key_generation;
mod random_source;
mod rsa_consistency;
mod rsa_oaep;
mod sha256;

use jwe_core::{Backend, DIRECT};

/// OpenSSL 3 and josekit, as a backend; its name is `josekit`.
pub static JOSEKIT: Backend =
    Backend::new("josekit", &random_source::OPENSSL_RANDOM, sha256::sha256)
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
        .with_rsa_key_generation(&key_generation::JOSEKIT_KEY_GENERATION);
