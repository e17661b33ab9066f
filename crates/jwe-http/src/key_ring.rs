//! The keys of a directory, as they were read.

use core::fmt;
use std::time::SystemTime;

use jwe_core::{Alg, Backend, DecryptionKey, ImportError, Jwk, KeyOptions};

/// What a key is used for at the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyState {
    /// It will be the current one. It is published in the set, so that clients can have it before
    /// they need it, and it decrypts.
    Next,
    /// Clients encrypt with it.
    Current,
    /// Clients that have not heard of the new one may still have encrypted with it. It decrypts until
    /// its time is over.
    Retired,
}

impl KeyState {
    /// Its name in the file of a key.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Current => "current",
            Self::Retired => "retired",
        }
    }
}

impl fmt::Display for KeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A private key of a directory. It is wiped on drop, and not in `Debug`.
#[derive(Clone, Debug)]
pub struct StoredKey {
    pub(crate) kid: String,
    pub(crate) alg: Alg,
    pub(crate) state: KeyState,
    pub(crate) created: SystemTime,
    pub(crate) current_since: Option<SystemTime>,
    pub(crate) expires: Option<SystemTime>,
    pub(crate) jwk: Jwk,
}

impl StoredKey {
    /// Its `kid`.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The algorithm that it is for.
    #[must_use]
    pub fn alg(&self) -> Alg {
        self.alg
    }

    /// What it is used for.
    #[must_use]
    pub fn state(&self) -> KeyState {
        self.state
    }

    /// When it was made, to the second.
    #[must_use]
    pub fn created(&self) -> SystemTime {
        self.created
    }

    /// Since when it is, or was, the current one.
    #[must_use]
    pub fn current_since(&self) -> Option<SystemTime> {
        self.current_since
    }

    /// Until when it decrypts, if it is retired.
    #[must_use]
    pub fn expires(&self) -> Option<SystemTime> {
        self.expires
    }

    /// Whether it decrypts at that time.
    #[must_use]
    pub fn decrypts_at(&self, time: SystemTime) -> bool {
        self.state != KeyState::Retired || self.expires.is_none_or(|end| time < end)
    }

    /// The key itself, private.
    #[must_use]
    pub fn jwk(&self) -> &Jwk {
        &self.jwk
    }
}

/// The keys of a [`KeyDirectory`](crate::KeyDirectory): always a current one, one to come at most, and
/// those that were.
#[derive(Clone, Debug)]
pub struct KeyRing {
    pub(crate) backend: &'static Backend,
    pub(crate) current: StoredKey,
    pub(crate) next: Option<StoredKey>,
    /// The latest first.
    pub(crate) retired: Vec<StoredKey>,
}

impl KeyRing {
    /// The key that clients encrypt with.
    #[must_use]
    pub fn current(&self) -> &StoredKey {
        &self.current
    }

    /// The key that will be the current one.
    #[must_use]
    pub fn next(&self) -> Option<&StoredKey> {
        self.next.as_ref()
    }

    /// The keys that were, the latest first, those whose time is over included.
    pub fn retired(&self) -> impl Iterator<Item = &StoredKey> {
        self.retired.iter()
    }

    /// All keys: the current one, the next, and those that were.
    pub fn keys(&self) -> impl Iterator<Item = &StoredKey> {
        core::iter::once(&self.current).chain(&self.next).chain(&self.retired)
    }

    /// Prepares those that decrypt at that time, each for the algorithm in its file.
    ///
    /// # Errors
    /// [`ImportError`], such as for an algorithm that the backend lacks.
    pub fn decryption_keys(
        &self,
        backend: &Backend,
        options: &KeyOptions,
        time: SystemTime,
    ) -> Result<Vec<DecryptionKey>, ImportError> {
        self.keys()
            .filter(|key| key.decrypts_at(time))
            .map(|key| DecryptionKey::import(backend, &key.jwk, &options.clone().with_alg(key.alg)))
            .collect()
    }
}
