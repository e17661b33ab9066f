//! Private keys that are encrypted with a passphrase: EncryptedPrivateKeyInfo (RFC 5208 §6) with
//! PBES2 (RFC 8018 §6.2), as `openssl pkcs8 -topk8` and `openssl genpkey -aes256` write it.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let pem = std::fs::read_to_string("key.pem")?;
//! let key = jwe_encrypted_key::decrypt_pem(&pem, b"passphrase")?;
//! # Ok(())
//! # }
//! ```
//!
//! The crate stands beside `jwe-core`, which has no cryptography of its own and reports such a key as
//! [`ImportError::Encrypted`](jwe_core::ImportError::Encrypted). PBKDF2, scrypt, SHA-2 and AES-CBC are RustCrypto's.
//!
//! A file may ask for as much work as it likes before anybody knows whether the passphrase is
//! right, so that what it asks for is limited: see [`MAX_PBKDF2_ITERATIONS`] and
//! [`MAX_SCRYPT_COST`]. Passphrases are bytes: those typed by people on different systems are best
//! prepared with the OpaqueString profile (RFC 8265 §4.2) first.

// Arithmetic on lengths says what happens beyond the range, whatever profile it is built with.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod aes_cbc;
mod decrypt;
mod encrypt;
mod error;
mod passphrase;

pub use decrypt::{decrypt_der, decrypt_pem};
pub use encrypt::{PBKDF2_ITERATIONS, encrypt_der, encrypt_pem};
pub use error::EncryptedKeyError;
pub use passphrase::{MAX_PBKDF2_ITERATIONS, MAX_SCRYPT_COST};

/// The longest text or DER of one key that is read, in bytes.
const MAX_KEY_LEN: usize = 64 * 1024;
const LABEL: &str = "ENCRYPTED PRIVATE KEY";
