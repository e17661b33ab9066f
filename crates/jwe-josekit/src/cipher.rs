//! What the modes of AES have in common: OpenSSL's cipher objects and its limit of lengths.

use std::sync::LazyLock;

use jwe_core::BackendError;
use openssl::cipher::{Cipher, CipherRef};

/// The longest input of one call: OpenSSL counts bytes in a C `int`, and CBC adds a block.
const MAX_LEN: usize = i32::MAX as usize - 16;

/// A cipher that is looked up in OpenSSL's providers at its first use and then kept, because the
/// look-up costs half as much as encrypting a short value.
pub(crate) struct FetchedCipher(LazyLock<Option<Cipher>>);

impl FetchedCipher {
    /// `fetch` is a function so that this can be the value of a `static`.
    pub(crate) const fn new(fetch: fn() -> Option<Cipher>) -> Self {
        Self(LazyLock::new(fetch))
    }

    /// The cipher, or an error where the system's OpenSSL policy does not have it.
    pub(crate) fn get(&self) -> Result<&CipherRef, BackendError> {
        self.0.as_deref().ok_or(BackendError)
    }
}

/// Refuses what OpenSSL cannot take in one call: 2 GiB and more.
pub(crate) fn check_len(data: &[u8]) -> Result<(), BackendError> {
    if data.len() > MAX_LEN { Err(BackendError) } else { Ok(()) }
}
