//! The [`jwe_core`] backend on OpenSSL 3 and [josekit](https://docs.rs/josekit): every key
//! management algorithm of [`jwe_core`] in both directions (RSA-OAEP in four hashes, AES key wrap,
//! AES-GCM key wrapping, ECDH-ES on P-256, P-384, P-521 and X25519, PBES2 and `dir`), and the six
//! content encryption algorithms of RFC 7518 §5.1.
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
//! josekit generates the RSA keys. All else is done by the same OpenSSL through the
//! [openssl](https://docs.rs/openssl) crate on which josekit is built: in the caller's buffer, with
//! every length checked first, with the HMAC verified before AES-CBC is decrypted, and with RSA and
//! EC keys that are prepared once. From OpenSSL come AES, AES-GCM, ECDH, PBKDF2, SHA-2 and the key pairs
//! on the four curves; the rounds of AES key wrap (RFC 3394) over its AES and of the Concat KDF over
//! its SHA-256 are [`jwe_core`]'s. The engine of [`jwe_core`] does the JOSE part, as for every backend.
//!
//! # What is checked at import
//!
//! The numbers of a private RSA key must belong together: n = p·q, d·e = 1 modulo p − 1 and q − 1,
//! and the three CRT parameters follow from them. A private key on a NIST curve must be in the
//! range from 1 to the order of its group less 1, and any private key for ECDH-ES must belong to
//! the public half that comes with it. A public key on a NIST curve must be a point of that curve
//! and not at infinity; so must the `epk` of every message.
//!
//! Then every RSA and EC key does one operation: a public key encrypts or agrees, a private key
//! decrypts what its own public half encrypted, or agrees with it on the same secret. An agreed
//! secret that is all zero, as X25519 points of small order give, is refused at import and in every
//! message.
//!
//! # Features
//!
//! `vendored` builds OpenSSL from source, with a C compiler, make and perl, and links it
//! statically. Without it, OpenSSL 3 and its headers must be installed.

// Arithmetic on lengths says what happens beyond the range, whatever profile it is built with.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod aes_cbc_hmac;
mod aes_gcm;
mod aes_key_wrap;
mod cipher;
mod concat_kdf;
mod context_pool;
mod curve_keys;
mod ec_key_generation;
mod ecdh_es;
mod gcm_key_wrap;
mod key_agreement;
mod key_generation;
mod pbkdf2;
mod random_source;
mod rsa_consistency;
mod rsa_oaep;
mod sha256;
#[cfg(test)]
mod test_data;

use jwe_core::{Backend, DIRECT};

/// OpenSSL 3 and josekit, as a backend; its name is `josekit`.
pub static JOSEKIT: Backend =
    Backend::new("josekit", &random_source::OPENSSL_RANDOM, sha256::sha256)
        .with_encryption_keys(&[
            &rsa_oaep::RSA_OAEP,
            &rsa_oaep::RSA_OAEP_256,
            &rsa_oaep::RSA_OAEP_384,
            &rsa_oaep::RSA_OAEP_512,
            &aes_key_wrap::A128KW,
            &aes_key_wrap::A192KW,
            &aes_key_wrap::A256KW,
            &DIRECT,
            &ecdh_es::ECDH_ES_SENDER,
            &ecdh_es::ECDH_ES_A128KW_SENDER,
            &ecdh_es::ECDH_ES_A192KW_SENDER,
            &ecdh_es::ECDH_ES_A256KW_SENDER,
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
            &ecdh_es::ECDH_ES_RECIPIENT,
            &ecdh_es::ECDH_ES_A128KW_RECIPIENT,
            &ecdh_es::ECDH_ES_A192KW_RECIPIENT,
            &ecdh_es::ECDH_ES_A256KW_RECIPIENT,
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
        .with_rsa_key_generation(&key_generation::JOSEKIT_KEY_GENERATION)
        .with_ec_key_generation(&[&ec_key_generation::EC_KEY_GENERATION]);
