//! A second implementation, written from the RFCs for comparison. It is slow, not constant-time,
//! and says precisely what is wrong: all that production code must not be.

pub(crate) mod cbc_hmac;
pub(crate) mod gcm;
pub(crate) mod oaep;
pub(crate) mod rsa;
