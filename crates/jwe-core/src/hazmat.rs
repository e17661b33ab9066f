//! Encryption with given instead of random inputs, to reproduce published test vectors byte for
//! byte, and counters of messages that a test can set forward. Outside of semantic versioning, behind
//! the feature `hazmat`, and never for use: who gives the same inputs twice gives both messages away.

use core::fmt;
use std::sync::Mutex;

use crate::ec_key::EcPrivateKey;
use crate::encrypter::Encrypter;
use crate::error::{BackendError, EncryptError};
use crate::key::EncryptionKey;
use crate::key_step::Inputs;
use crate::message_encrypter::MessageEncrypter;
use crate::random_source::RandomSource;
use crate::serialization::Serialization;
use crate::shared_cek::SharedCek;

/// The inputs that are random otherwise.
#[derive(Clone, Copy, Default)]
pub struct FixedInputs<'a> {
    /// The CEK; empty where the key determines it.
    pub cek: &'a [u8],
    /// The initialization vector of the content.
    pub iv: &'a [u8],
    /// What each recipient's key step draws, in the order of the recipients: the `iv` of AES-GCM
    /// key wrapping, the `p2s` of PBES2.
    pub key_inputs: &'a [&'a [u8]],
    /// The ephemeral key pair of ECDH-ES.
    pub ephemeral: Option<&'a EcPrivateKey>,
}

impl fmt::Debug for FixedInputs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FixedInputs").finish_non_exhaustive()
    }
}

/// Encrypts in the compact serialization.
///
/// # Errors
/// [`EncryptError`]; [`EncryptError::Backend`] when the inputs are not exactly as long as what is
/// drawn.
pub fn encrypt(
    encrypter: &Encrypter,
    plaintext: &[u8],
    fixed: &FixedInputs<'_>,
) -> Result<String, EncryptError> {
    let replay = Replay::new(fixed);
    let inputs = Inputs { random: &replay, ephemeral: fixed.ephemeral };
    let mut token = Vec::new();
    encrypter.encrypt_with(inputs, plaintext, &mut token)?;
    replay.finish()?;
    String::from_utf8(token).map_err(|_| EncryptError::Backend)
}

/// Encrypts in any serialization.
///
/// # Errors
/// As [`encrypt`].
pub fn encrypt_message(
    encrypter: &MessageEncrypter,
    serialization: &dyn Serialization,
    plaintext: &[u8],
    aad: &[u8],
    fixed: &FixedInputs<'_>,
) -> Result<String, EncryptError> {
    let replay = Replay::new(fixed);
    let inputs = Inputs { random: &replay, ephemeral: fixed.ephemeral };
    let text = encrypter.encrypt_with(inputs, serialization, plaintext, aad)?;
    replay.finish()?;
    Ok(text)
}

/// Counts that many messages as encrypted with a key and all its clones, so that a test comes to the
/// limit of AES-GCM (NIST SP 800-38D §8.3).
pub fn count_messages(key: &EncryptionKey, messages: u64) {
    key.uses.skip(messages);
}

/// Counts that many messages as encrypted with a shared CEK, in the same way.
pub fn count_shared_messages(shared: &mut SharedCek<'_>, messages: u64) {
    shared.skip(messages);
}

/// A source that gives out what it was given, in order: the engine draws the CEK and the
/// initialization vector first.
struct Replay(Mutex<std::vec::IntoIter<u8>>);

impl Replay {
    fn new(fixed: &FixedInputs<'_>) -> Self {
        let all = [&[fixed.cek, fixed.iv], fixed.key_inputs].concat().concat();
        Self(Mutex::new(all.into_iter()))
    }

    /// Everything must have been drawn.
    fn finish(self) -> Result<(), EncryptError> {
        match self.0.into_inner() {
            Ok(rest) if rest.len() == 0 => Ok(()),
            _ => Err(EncryptError::Backend),
        }
    }
}

impl RandomSource for Replay {
    fn fill(&self, dest: &mut [u8]) -> Result<(), BackendError> {
        let mut rest = self.0.lock().map_err(|_| BackendError)?;
        for byte in dest {
            *byte = rest.next().ok_or(BackendError)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::FixedInputs;

    #[test]
    fn the_cek_is_not_shown() {
        let fixed = FixedInputs { cek: &[0xab; 32], ..FixedInputs::default() };
        assert_eq!(format!("{fixed:?}"), "FixedInputs { .. }");
    }
}
