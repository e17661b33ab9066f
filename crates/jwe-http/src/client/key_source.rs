//! Which key is the one of the moment.

use core::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use http::HeaderValue;
use tokio::sync::watch;
use tokio::time::Instant;

use super::back_off;
use super::key_endpoint::{Answer, KeyEndpoint};
use super::key_source_error::KeySourceError;
use super::key_source_options::KeySourceOptions;
use super::sender_key::SenderKey;

/// The published key of an API, fetched when it is first needed and kept.
///
/// - A key lives as long as its answer says (RFC 9111 §4.2), within the bounds of the
///   [options](KeySourceOptions). After 80 % of that, whoever asks for it gets it and causes one fetch in
///   the background. Nothing is fetched for nobody.
/// - There is one fetch at a time, which belongs to nobody: everybody waits for the same one, and
///   one who stops waiting stops nothing.
/// - While the endpoint is down the old key is used, without waiting, up to a stated time beyond its
///   life; fetches are tried ever more rarely, from one in a second to one in a minute.
/// - The endpoint is plain http on this machine only; redirects stay on its scheme, host and
///   port; an answer has at most 64 KiB, no content encoding, and the length that it states.
/// - The key has a `kid`, is for one of the accepted algorithms, and is public. An answer with a private or
///   symmetric key in it is refused as a whole.
///
/// It is cheap to clone; clones share the key. Where an `async` function says that it fetches, it
/// has to be called in a Tokio runtime.
#[derive(Clone)]
pub struct KeySource(Arc<Shared>);

struct Shared {
    endpoint: KeyEndpoint,
    cached: RwLock<Option<Cached>>,
    flight: Mutex<Flight>,
}

/// The last key that came.
struct Cached {
    key: Arc<SenderKey>,
    etag: Option<HeaderValue>,
    refresh_at: Instant,
    fresh_until: Instant,
    usable_until: Instant,
}

/// What a key is good for at a moment.
enum Age {
    Fresh,
    /// Fresh, but soon no longer.
    Ageing,
    /// To be used only if none newer can be had.
    Stale,
    TooOld,
}

type Outcome = Result<Arc<SenderKey>, KeySourceError>;
/// `None` until the fetch is over.
type Arrival = watch::Receiver<Option<Outcome>>;

/// Fetches: the one that is under way, and what is known of those before.
#[derive(Default)]
struct Flight {
    under_way: Option<Arrival>,
    /// How many failed since the last that did not.
    failures: u32,
    /// The last failure, and before when no other fetch is tried.
    failed: Option<(Arc<KeySourceError>, Instant)>,
    /// When the last fetch because of an unknown `kid` began.
    unknown_kid_at: Option<Instant>,
}

/// What to wait for.
enum Departure {
    /// A fetch; whether the one before it failed.
    Fetch { arrival: Arrival, after_failure: bool },
    /// The next fetch is not due.
    NotYet { cause: Arc<KeySourceError>, retry_after: Duration },
}

impl KeySource {
    /// A source of the key at `url`. Nothing is fetched yet.
    ///
    /// # Errors
    /// [`KeySourceError`]: the URL is neither https nor on this machine, or has a user name, a password or a
    /// fragment; settings that can't be used; authorities that can't be read.
    pub fn new(url: &str, options: KeySourceOptions) -> Result<Self, KeySourceError> {
        Ok(Self(Arc::new(Shared {
            endpoint: KeyEndpoint::new(url, options)?,
            cached: RwLock::default(),
            flight: Mutex::default(),
        })))
    }

    /// The key to use now. While it is fresh that is a look at the cache; no lock is held while
    /// something is waited for.
    ///
    /// # Errors
    /// [`KeySourceError`] of the fetch that was waited for, where there is no key at all;
    /// [`NotYet`](KeySourceError::NotYet) and [`TooOld`](KeySourceError::TooOld).
    pub async fn current(&self) -> Result<Arc<SenderKey>, KeySourceError> {
        let cached = self.0.cached();
        match cached {
            Some((key, Age::Fresh)) => Ok(key),
            Some((key, Age::Ageing)) => {
                // Whoever comes while it is under way, or not yet due, leaves it alone.
                self.0.depart();
                Ok(key)
            }
            Some((key, Age::Stale)) => match self.0.depart() {
                Departure::Fetch { arrival, after_failure: false } => {
                    Ok(arrived(arrival).await.unwrap_or(key))
                }
                // The endpoint is down: nobody waits for it.
                Departure::Fetch { after_failure: true, .. } | Departure::NotYet { .. } => Ok(key),
            },
            Some((_, Age::TooOld)) => match self.0.depart() {
                Departure::Fetch { arrival, .. } => match arrived(arrival).await {
                    Ok(key) => Ok(key),
                    Err(cause) => Err(self.0.too_old(cause)),
                },
                Departure::NotYet { cause, retry_after } => {
                    Err(KeySourceError::TooOld { retry_after, cause })
                }
            },
            None => match self.0.depart() {
                Departure::Fetch { arrival, .. } => arrived(arrival).await,
                Departure::NotYet { cause, retry_after } => {
                    Err(KeySourceError::NotYet { retry_after, cause })
                }
            },
        }
    }

    /// The recipient says that it does not know this `kid`. If it is that of the key in use, and the last
    /// fetch for such a reason is long enough ago, the key is fetched at once. Returns the key to use from
    /// now on, which has the same `kid` if nothing newer is published, or no fetch was permitted.
    ///
    /// # Errors
    /// [`KeySourceError`] of the fetch; the key that is there stays in use. Otherwise as
    /// [`current`](Self::current).
    pub async fn unknown_kid(&self, kid: &str) -> Result<Arc<SenderKey>, KeySourceError> {
        let Some((key, _)) = self.0.cached().filter(|(key, _)| key.kid() == kid) else {
            return self.current().await;
        };
        match self.0.depart_for_unknown_kid(&key) {
            Some(arrival) => arrived(arrival).await,
            None => self.current().await,
        }
    }
}

impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySource")
            .field("url", &self.0.endpoint.shown())
            .field("options", self.0.endpoint.options())
            .field("kid", &self.0.cached().map(|(key, _)| key.kid().to_owned()))
            .finish_non_exhaustive()
    }
}

/// Waits for a fetch. A sender that is gone without an outcome went with its runtime.
async fn arrived(mut arrival: Arrival) -> Outcome {
    match arrival.wait_for(Option::is_some).await {
        Ok(outcome) => outcome.clone().unwrap_or(Err(KeySourceError::Interrupted)),
        Err(_) => Err(KeySourceError::Interrupted),
    }
}

impl Shared {
    fn cached(&self) -> Option<(Arc<SenderKey>, Age)> {
        let cached = self.cached.read().unwrap_or_else(PoisonError::into_inner);
        let cached = cached.as_ref()?;
        let now = Instant::now();
        let age = if now < cached.refresh_at {
            Age::Fresh
        } else if now < cached.fresh_until {
            Age::Ageing
        } else if now < cached.usable_until {
            Age::Stale
        } else {
            Age::TooOld
        };
        Some((Arc::clone(&cached.key), age))
    }

    fn flight(&self) -> MutexGuard<'_, Flight> {
        self.flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn too_old(&self, cause: KeySourceError) -> KeySourceError {
        let due = self.flight().failed.as_ref().map(|(_, due)| *due);
        let retry_after = due.map(|due| due.saturating_duration_since(Instant::now()));
        KeySourceError::TooOld {
            retry_after: retry_after.unwrap_or_default(),
            cause: Arc::new(cause),
        }
    }

    /// The fetch that is under way, or a new one if it is due.
    fn depart(self: &Arc<Self>) -> Departure {
        let mut flight = self.flight();
        let after_failure = flight.failed.is_some();
        if let Some(arrival) = flight.under_way() {
            return Departure::Fetch { arrival, after_failure };
        }
        if let Some((cause, due)) = &flight.failed {
            let retry_after = due.saturating_duration_since(Instant::now());
            if !retry_after.is_zero() {
                return Departure::NotYet { cause: Arc::clone(cause), retry_after };
            }
        }
        Departure::Fetch { arrival: self.launch(&mut flight, false), after_failure }
    }

    /// The fetch that is under way, or a new one if the last for this reason is long enough ago.
    fn depart_for_unknown_kid(self: &Arc<Self>, key: &Arc<SenderKey>) -> Option<Arrival> {
        let mut flight = self.flight();
        if let Some(arrival) = flight.under_way() {
            return Some(arrival);
        }
        // Another may have come before the lock was taken.
        let replaced = self.cached().is_none_or(|(cached, _)| !Arc::ptr_eq(&cached, key));
        let now = Instant::now();
        let interval = self.endpoint.options().unknown_kid_interval;
        let recent = flight.unknown_kid_at.is_some_and(|at| now.duration_since(at) < interval);
        if replaced || recent {
            return None;
        }
        flight.unknown_kid_at = Some(now);
        Some(self.launch(&mut flight, true))
    }

    /// Starts a fetch in a task of its own, so that whoever stops waiting does not stop it.
    fn launch(self: &Arc<Self>, flight: &mut Flight, past_caches: bool) -> Arrival {
        let (sender, arrival) = watch::channel(None);
        flight.under_way = Some(arrival.clone());
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            let outcome = shared.fetch(past_caches).await;
            shared.land(&outcome);
            sender.send_replace(Some(outcome));
        });
        arrival
    }

    async fn fetch(&self, past_caches: bool) -> Outcome {
        // Counted from before the request: the answer may have been written at any time after that.
        let begun = Instant::now();
        let there = {
            let cached = self.cached.read().unwrap_or_else(PoisonError::into_inner);
            cached.as_ref().map(|cached| (Arc::clone(&cached.key), cached.etag.clone()))
        };
        let (old, sent_etag) = there.unzip();
        let sent_etag = sent_etag.flatten();
        let answer = self.endpoint.fetch(sent_etag.as_ref(), past_caches).await?;
        let (key, etag, lifetime) = match (answer, old) {
            (Answer::Key(key, etag, lifetime), old) => {
                (self.taken(Arc::new(*key), old.as_ref()), etag, lifetime)
            }
            (Answer::NotModified(lifetime), Some(old)) => (old, sent_etag, lifetime),
            // Not asked for, because only a key that is there has an ETag.
            (Answer::NotModified(_), None) => return Err(KeySourceError::Status(304)),
        };
        let fresh_until = begun + lifetime;
        let cached = Cached {
            key: Arc::clone(&key),
            etag,
            refresh_at: begun + lifetime.mul_f64(0.8),
            fresh_until,
            usable_until: fresh_until + self.endpoint.options().max_staleness,
        };
        *self.cached.write().unwrap_or_else(PoisonError::into_inner) = Some(cached);
        Ok(key)
    }

    /// The key that came, or the one that is there if it is the same, so that what was made of it
    /// stays good.
    fn taken(&self, new: Arc<SenderKey>, old: Option<&Arc<SenderKey>>) -> Arc<SenderKey> {
        match old {
            Some(old) if old.is_same(&new) => return Arc::clone(old),
            Some(old) if new.reuses_kid_of(old) => tracing::warn!(
                kid = new.kid(),
                "another key is published under the kid of the last one: a recipient can't tell them apart"
            ),
            _ => tracing::info!(kid = new.kid(), alg = %new.alg(), "a new key is in use"),
        }
        new
    }

    fn land(&self, outcome: &Outcome) {
        let mut flight = self.flight();
        flight.under_way = None;
        match outcome {
            Ok(_) => {
                flight.failures = 0;
                flight.failed = None;
            }
            Err(error) => {
                flight.failures = flight.failures.saturating_add(1);
                let random = self.endpoint.options().backend.random();
                let wait = back_off::wait(flight.failures, random);
                flight.failed = Some((Arc::new(error.clone()), Instant::now() + wait));
                tracing::warn!(
                    url = self.endpoint.shown(),
                    code = error.code(),
                    failures = flight.failures,
                    "the key can't be fetched: {error}"
                );
            }
        }
    }
}

impl Flight {
    /// The fetch that is under way, unless it went down with its runtime.
    fn under_way(&self) -> Option<Arrival> {
        self.under_way.clone().filter(|arrival| arrival.has_changed().is_ok())
    }
}
