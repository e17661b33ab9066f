//! How often a key was used with AES-GCM itself: as the CEK, or to wrap one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::EncryptError;

/// How many messages one key may encrypt with random initialization vectors of 96 bits
/// (NIST SP 800-38D §8.3, RFC 7518 §8.4).
pub(crate) const MOST: u64 = 1 << 32;

/// Counts the messages of one imported key, over all its clones and encrypters.
///
/// It knows of this process and this import only: whoever imports a key often, or in many
/// processes, has to change it in time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Uses(Arc<AtomicU64>);

impl Uses {
    /// As after that many messages.
    #[cfg(test)]
    pub(crate) fn after(messages: u64) -> Self {
        Self(Arc::new(AtomicU64::new(messages)))
    }

    /// How many messages are left.
    #[cfg(test)]
    pub(crate) fn left(&self) -> u64 {
        MOST.saturating_sub(self.0.load(Ordering::Relaxed))
    }

    /// Counts that many messages as encrypted.
    #[cfg(feature = "hazmat")]
    pub(crate) fn skip(&self, messages: u64) {
        self.0.fetch_add(messages, Ordering::Relaxed);
    }

    /// Counts one message, or refuses it.
    pub(crate) fn count_one(&self) -> Result<(), EncryptError> {
        // The counter can't come round: it would take 2^64 refusals.
        if self.0.fetch_add(1, Ordering::Relaxed) < MOST {
            Ok(())
        } else {
            Err(EncryptError::KeyExhausted)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Uses};
    use crate::error::EncryptError;

    #[test]
    fn the_last_use_is_the_last_for_all_clones() {
        let uses = Uses::after(MOST - 2);
        assert_eq!(uses.count_one(), Ok(()));
        assert_eq!(uses.clone().count_one(), Ok(()));
        assert_eq!(uses.count_one(), Err(EncryptError::KeyExhausted));
        assert_eq!(uses.clone().count_one(), Err(EncryptError::KeyExhausted));
    }
}
