//! The keys on disk, looked at again and again: what has changed is taken over as a whole, and what is
//! broken not at all.

use std::fs::{self, Metadata};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jwe_core::{Backend, DecryptionKey, KeyOptions};
use tokio::time::{MissedTickBehavior, interval};

use super::app::Published;
use super::error::ServerError;
use super::metrics::Metrics;
use crate::{KeyDirectory, KeyRing, PublishedKeys};

/// What is done with new keys for decryption.
pub(super) type TakeOver = Box<dyn Fn(&KeyRing, Vec<DecryptionKey>) -> Result<(), String> + Send>;

/// A directory of keys.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    path: PathBuf,
    directory: Arc<KeyDirectory>,
    backend: &'static Backend,
}

/// What is in it, ready to be used.
pub(super) struct Loaded {
    pub(super) ring: KeyRing,
    pub(super) published: PublishedKeys,
    pub(super) decryption: Vec<DecryptionKey>,
}

impl Keys {
    pub(super) fn new(path: PathBuf, backend: &'static Backend) -> Self {
        let directory = Arc::new(KeyDirectory::new(path.clone(), backend));
        Self { path, directory, backend }
    }

    /// Reads all keys. Takes milliseconds for each private one, and blocks.
    pub(super) fn load(&self, now: SystemTime) -> Result<Loaded, ServerError> {
        let failed =
            |code, text: String| ServerError::new(code, format!("{}: {text}", self.path.display()));
        let ring =
            self.directory.load().map_err(|error| failed(error.code(), error.to_string()))?;
        let published =
            PublishedKeys::new(&ring).map_err(|error| failed(error.code(), error.to_string()))?;
        let decryption = self.decryption_keys(&ring, now)?;
        Ok(Loaded { ring, published, decryption })
    }

    fn decryption_keys(
        &self,
        ring: &KeyRing,
        now: SystemTime,
    ) -> Result<Vec<DecryptionKey>, ServerError> {
        ring.decryption_keys(self.backend, &KeyOptions::new(), now).map_err(|error| {
            ServerError::new(error.code(), format!("{}: {error}", self.path.display()))
        })
    }

    /// What changes whenever a file does: their names, sizes, times and places on the disk.
    fn fingerprint(&self) -> io::Result<Vec<(PathBuf, FileState)>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            // One that is gone meanwhile was there when it was looked.
            let state = fs::metadata(entry.path()).map(|file| FileState::of(&file)).ok();
            files.push((entry.path(), state.unwrap_or_default()));
        }
        files.sort();
        Ok(files)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct FileState {
    len: u64,
    modified: Option<SystemTime>,
    /// Inode and time of its change: a file that is replaced has another one, and one that is written
    /// over with its times set back has a new change.
    identity: (u64, i64, i64),
}

impl FileState {
    fn of(file: &Metadata) -> Self {
        Self { len: file.len(), modified: file.modified().ok(), identity: identity(file) }
    }
}

#[cfg(unix)]
fn identity(file: &Metadata) -> (u64, i64, i64) {
    use std::os::unix::fs::MetadataExt;

    (file.ino(), file.ctime(), file.ctime_nsec())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> (u64, i64, i64) {
    (0, 0, 0)
}

/// Looks at a directory again and again.
pub(super) struct KeyWatch {
    keys: Keys,
    every: Duration,
    state: State,
}

/// What a look needs, and what it leaves for the next.
struct State {
    ring: KeyRing,
    /// The ids of the keys that decrypt now.
    in_use: Vec<Option<String>>,
    /// What the files were when they were taken over; `None` before a look.
    seen: Option<Vec<(PathBuf, FileState)>>,
    /// The complaint that is in the log already.
    complaint: Option<String>,
    published: Published,
    take_over: TakeOver,
    metrics: Arc<Metrics>,
}

impl KeyWatch {
    /// Goes on from what was loaded.
    pub(super) fn new(
        keys: Keys,
        every: Duration,
        (ring, in_use): (KeyRing, &[DecryptionKey]),
        published: Published,
        take_over: TakeOver,
        metrics: Arc<Metrics>,
    ) -> Self {
        metrics.keys_loaded.set(seconds_since_1970(SystemTime::now()));
        let in_use = ids(in_use);
        let state =
            State { ring, in_use, seen: None, complaint: None, published, take_over, metrics };
        Self { keys, every, state }
    }

    /// Looks until it is dropped. Files are read and keys prepared off the asynchronous threads.
    pub(super) async fn run(self) {
        let Self { keys, every, mut state } = self;
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let keys = keys.clone();
            let look = tokio::task::spawn_blocking(move || {
                state.look(&keys, SystemTime::now());
                state
            });
            match look.await {
                Ok(looked) => state = looked,
                Err(error) => {
                    // A panic, or the end of the runtime.
                    tracing::error!(%error, "the keys are no longer watched: restart the server");
                    return;
                }
            }
        }
    }
}

impl State {
    fn look(&mut self, keys: &Keys, now: SystemTime) {
        // Before the files are read: what changes meanwhile is seen next time.
        let files = keys.fingerprint();
        let changed = match (&files, &self.seen) {
            (Ok(files), Some(seen)) => files != seen,
            _ => true,
        };
        if !changed {
            return self.expire(keys, now);
        }
        match keys.load(now).and_then(|loaded| self.apply(loaded)) {
            Ok(()) => {
                self.complaint = None;
                self.seen = files.ok();
            }
            Err(error) => {
                self.metrics.key_reload_failures.inc();
                let text = error.to_string();
                if self.complaint.as_ref() != Some(&text) {
                    tracing::error!(code = error.code(), error = %text, "the keys in use stay");
                    self.complaint = Some(text);
                }
                // The keys in use end when they have to all the same.
                self.expire(keys, now);
            }
        }
    }

    fn apply(&mut self, loaded: Loaded) -> Result<(), ServerError> {
        let Loaded { ring, published, decryption } = loaded;
        let in_use = ids(&decryption);
        let current = ring.current().kid().to_owned();
        let same = in_use == self.in_use && current == self.ring.current().kid();
        // First what decrypts, then what clients encrypt with.
        (self.take_over)(&ring, decryption).map_err(|text| ServerError::new("serve_keys", text))?;
        *self.published.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(published);
        if !same {
            tracing::info!(%current, keys = in_use.len(), "changed keys are in use");
            self.metrics.key_reloads.inc();
        }
        self.metrics.keys_loaded.set(seconds_since_1970(SystemTime::now()));
        self.ring = ring;
        self.in_use = in_use;
        Ok(())
    }

    /// Drops retired keys whose time is over.
    fn expire(&mut self, keys: &Keys, now: SystemTime) {
        let left = self.ring.retired().filter(|key| key.decrypts_at(now)).count();
        if left == self.retired_in_use() {
            return;
        }
        let outcome = keys.decryption_keys(&self.ring, now).and_then(|decryption| {
            let in_use = ids(&decryption);
            (self.take_over)(&self.ring, decryption)
                .map_err(|text| ServerError::new("serve_keys", text))?;
            Ok(in_use)
        });
        match outcome {
            Ok(in_use) => {
                tracing::info!(keys = in_use.len(), "the time of a retired key is over");
                self.in_use = in_use;
            }
            Err(error) => {
                self.metrics.key_reload_failures.inc();
                tracing::error!(code = error.code(), %error, "a retired key can't be dropped");
            }
        }
    }

    fn retired_in_use(&self) -> usize {
        let in_use = |kid: &str| self.in_use.iter().any(|id| id.as_deref() == Some(kid));
        self.ring.retired().filter(|key| in_use(key.kid())).count()
    }
}

fn ids(keys: &[DecryptionKey]) -> Vec<Option<String>> {
    keys.iter().map(|key| key.kid().map(str::to_owned)).collect()
}

fn seconds_since_1970(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
