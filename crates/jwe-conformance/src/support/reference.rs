//! A second implementation, written from the RFCs for comparison. It is slow, not constant-time,
//! and says precisely what is wrong: all that production code must not be.

pub(crate) mod aes_kw;
pub(crate) mod agreement;
pub(crate) mod cbc_hmac;
pub(crate) mod concat_kdf;
pub(crate) mod gcm;
pub(crate) mod key_management;
pub(crate) mod oaep;
pub(crate) mod pbkdf2;
pub(crate) mod rsa;
pub(crate) mod weierstrass;
pub(crate) mod x25519;
