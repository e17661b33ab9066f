//! The settings of a key source.

use core::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use jwe_core::{Alg, Backend, Enc};
use rustls::crypto::CryptoProvider;

use super::key_source_error::KeySourceError;

/// Where keys are imported, which are taken, and for how long.
#[derive(Clone)]
pub struct KeySourceOptions {
    pub(super) backend: Backend,
    pub(super) algs: Vec<Alg>,
    pub(super) enc: Enc,
    pub(super) tls: Arc<CryptoProvider>,
    pub(super) authorities: Option<Vec<u8>>,
    pub(super) kid: Option<String>,
    pub(super) connect_timeout: Duration,
    pub(super) timeout: Duration,
    pub(super) lifetime: RangeInclusive<Duration>,
    pub(super) default_lifetime: Duration,
    pub(super) max_staleness: Duration,
    pub(super) unknown_kid_interval: Duration,
}

impl KeySourceOptions {
    /// Keys are imported into `backend`, each bound to one of `algs`: the one that it names, or,
    /// where it names none, the only one of `algs` that goes with its type. Contents are encrypted
    /// with `enc`. `tls` is the crypto of TLS, which is asked for with plain http too.
    ///
    /// The other settings begin with: the authorities of the web; any `kid`; 5 s to connect and 10 s
    /// for everything together; a lifetime of 1 minute to 24 hours, and 5 minutes where the answer
    /// names none; 24 hours of use beyond that while the endpoint is down; 10 s between two fetches
    /// because of an unknown `kid`.
    #[must_use]
    pub fn new(backend: Backend, algs: &[Alg], enc: Enc, tls: Arc<CryptoProvider>) -> Self {
        Self {
            backend,
            algs: algs.to_vec(),
            enc,
            tls,
            authorities: None,
            kid: None,
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(10),
            lifetime: Duration::from_secs(60)..=Duration::from_secs(24 * 3600),
            default_lifetime: Duration::from_secs(5 * 60),
            max_staleness: Duration::from_secs(24 * 3600),
            unknown_kid_interval: Duration::from_secs(10),
        }
    }

    /// Certificates in PEM (RFC 7468) of the authorities that are trusted instead of those of the web.
    #[must_use]
    pub fn with_authorities(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.authorities = Some(pem.into());
        self
    }

    /// Takes the key of this `kid` only, of a set too. Without it a set's first key that is usable
    /// for encryption is taken.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    /// How long connecting may take, and how long a fetch may take with everything in it: names,
    /// connections, redirects, the last byte.
    #[must_use]
    pub fn with_timeouts(mut self, connect: Duration, whole: Duration) -> Self {
        self.connect_timeout = connect;
        self.timeout = whole;
        self
    }

    /// Between what bounds the lifetime by the answer's headers is taken as it is, and what it is where
    /// there are no such headers. An answer that forbids caching has the shortest lifetime.
    #[must_use]
    pub fn with_lifetime(mut self, bounds: RangeInclusive<Duration>, default: Duration) -> Self {
        self.lifetime = bounds;
        self.default_lifetime = default;
        self
    }

    /// For how long beyond its lifetime a key is used while none newer can be fetched.
    #[must_use]
    pub fn with_max_staleness(mut self, max_staleness: Duration) -> Self {
        self.max_staleness = max_staleness;
        self
    }

    /// The least time between two fetches because of an unknown `kid`.
    #[must_use]
    pub fn with_unknown_kid_interval(mut self, interval: Duration) -> Self {
        self.unknown_kid_interval = interval;
        self
    }

    pub(super) fn check(&self) -> Result<(), KeySourceError> {
        let refused = |reason| Err(KeySourceError::Options(reason));
        if self.algs.is_empty() {
            return refused("no alg is accepted: name at least one, for example RSA-OAEP-256");
        }
        if self.lifetime.is_empty() || self.lifetime.start().is_zero() {
            return refused("the bounds of the lifetime are the wrong way round, or begin with 0");
        }
        if self.timeout.is_zero() || self.connect_timeout.is_zero() {
            return refused("a time limit of 0 leaves no time for a fetch");
        }
        // More than that could leave the range of the clock.
        const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 3600);
        let longest = self.max_staleness.max(self.unknown_kid_interval).max(*self.lifetime.end());
        if longest.max(self.timeout) > LONGEST {
            return refused("a time is longer than ten years: name a shorter one");
        }
        Ok(())
    }
}

impl fmt::Debug for KeySourceOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySourceOptions")
            .field("backend", &self.backend.name())
            .field("algs", &self.algs)
            .field("enc", &self.enc)
            .field("own_authorities", &self.authorities.is_some())
            .field("kid", &self.kid)
            .field("connect_timeout", &self.connect_timeout)
            .field("timeout", &self.timeout)
            .field("lifetime", &self.lifetime)
            .field("default_lifetime", &self.default_lifetime)
            .field("max_staleness", &self.max_staleness)
            .field("unknown_kid_interval", &self.unknown_kid_interval)
            .finish_non_exhaustive()
    }
}
