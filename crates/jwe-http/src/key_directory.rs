//! A folder of private keys.

mod access;
mod error;
mod key_file;
mod new_key;

use std::fs::{self, DirBuilder, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use jwe_core::Backend;

pub use error::KeyDirectoryError;
pub use new_key::NewKey;

use crate::key_ring::{KeyRing, KeyState, StoredKey};

/// A folder in which each file is one private key and says what it is used for: one is the next, one the
/// current, and others are retired.
///
/// A file is a JWK (RFC 7517) with mode 0600 whose name ends in `.jwk`. Beside the members of the key it
/// has `state`, which is `next`, `current` or `retired`, and as seconds since 1970 `iat` (when the key was
/// made), `nbf` (since when it is the current one) and `exp` (until when a retired one decrypts). Other files are
/// left alone. Files appear whole under their names, and those who change the folder wait for one
/// another; who reads it waits for them.
///
/// A rotation that was interrupted leaves two current keys, of which the later one counts and both decrypt, or
/// no next one. [`rotate`](Self::rotate) then finishes it.
///
/// Everything here blocks.
#[derive(Clone, Debug)]
pub struct KeyDirectory {
    path: PathBuf,
    backend: &'static Backend,
}

/// What makes no difference but to tests, which break off in between.
type Step<'a> = &'a mut dyn FnMut() -> Result<(), KeyDirectoryError>;

impl KeyDirectory {
    /// The folder at `path`, which need not be there before [`init`](Self::init). `backend` makes keys and their
    /// ids.
    pub fn new(path: impl Into<PathBuf>, backend: &'static Backend) -> Self {
        Self { path: path.into(), backend }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the folder, with mode 0700, a current key and a next one.
    ///
    /// # Errors
    /// [`KeyDirectoryError`], also where the folder has keys.
    pub fn init(&self, new: &NewKey) -> Result<KeyRing, KeyDirectoryError> {
        let keys = [new.make(self.backend)?, new.make(self.backend)?];
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.path).map_err(|error| self.failed(&self.path, error))?;
        let _lock = self.lock(true)?;
        if !self.files()?.is_empty() {
            return Err(KeyDirectoryError::Exists { path: self.path.clone() });
        }
        let now = SystemTime::now();
        let [current, next] = keys;
        // The next one first: without a current one the folder is not usable, and says so.
        for (jwk, state) in [(next, KeyState::Next), (current, KeyState::Current)] {
            self.create(jwk, state, now)?;
        }
        self.read()
    }

    /// Reads all keys.
    ///
    /// # Errors
    /// [`KeyDirectoryError`]: one file that can't be used is an error of the whole folder.
    pub fn load(&self) -> Result<KeyRing, KeyDirectoryError> {
        let _lock = self.lock(false)?;
        self.read()
    }

    /// Makes the next key the current one, and a new next one. The one that was current decrypts for
    /// `overlap` from now on, which has to be longer than clients keep a key.
    ///
    /// Where there is no next key, as after an interruption, it makes one and the current one stays.
    ///
    /// # Errors
    /// [`KeyDirectoryError`].
    pub fn rotate(&self, new: &NewKey, overlap: Duration) -> Result<KeyRing, KeyDirectoryError> {
        self.rotate_at(new, overlap, SystemTime::now(), &mut || Ok(()))
    }

    fn rotate_at(
        &self,
        new: &NewKey,
        overlap: Duration,
        now: SystemTime,
        step: Step<'_>,
    ) -> Result<KeyRing, KeyDirectoryError> {
        // Before others have to wait.
        let made = new.make(self.backend)?;
        let _lock = self.lock(true)?;
        let mut ring = self.read()?;
        let end = now.checked_add(overlap).unwrap_or(now);
        step()?;
        if let Some(mut next) = ring.next.take() {
            // From here on there are two, of which this has to be the later one: dates are in seconds.
            let before = ring.current.current_since.unwrap_or(now);
            let later = before.checked_add(Duration::from_secs(1)).unwrap_or(before);
            next.state = KeyState::Current;
            next.current_since = Some(now.max(later));
            self.replace(&next)?;
            ring.retired.push(StoredKey { expires: None, ..ring.current });
            step()?;
        }
        for key in ring.retired.iter_mut().filter(|key| key.expires.is_none()) {
            key.state = KeyState::Retired;
            key.expires = Some(end);
            self.replace(key)?;
            step()?;
        }
        self.create(made, KeyState::Next, now)?;
        self.read()
    }

    /// Has a key decrypt no longer, from now on: a retired one whose overlap is not over, or the next one.
    ///
    /// # Errors
    /// [`KeyDirectoryError`]: also for the current key.
    pub fn retire(&self, kid: &str) -> Result<KeyRing, KeyDirectoryError> {
        let _lock = self.lock(true)?;
        let ring = self.read()?;
        let found = ring.keys().find(|key| key.kid == kid).cloned();
        let Some(mut key) = found else {
            return Err(KeyDirectoryError::NoSuchKid { kid: kid.to_owned() });
        };
        if key.state == KeyState::Current {
            return Err(KeyDirectoryError::IsCurrent { kid: kid.to_owned() });
        }
        let now = SystemTime::now();
        if key.decrypts_at(now) {
            key.state = KeyState::Retired;
            key.expires = Some(now);
            self.replace(&key)?;
        }
        self.read()
    }

    /// Removes the files of retired keys whose time is over, and returns their ids. What was encrypted for
    /// them can't be opened any more by anybody.
    ///
    /// # Errors
    /// [`KeyDirectoryError`].
    pub fn prune(&self) -> Result<Vec<String>, KeyDirectoryError> {
        let _lock = self.lock(true)?;
        let ring = self.read()?;
        let now = SystemTime::now();
        let mut removed = Vec::new();
        for key in ring.retired().filter(|key| !key.decrypts_at(now)) {
            let path = self.file_of(key)?;
            fs::remove_file(&path).map_err(|error| self.failed(&path, error))?;
            removed.push(key.kid.clone());
        }
        key_file::sync(&self.path).map_err(|error| self.failed(&self.path, error))?;
        Ok(removed)
    }

    fn failed(&self, path: &Path, error: std::io::Error) -> KeyDirectoryError {
        KeyDirectoryError::Io { path: path.to_owned(), error }
    }

    /// Waits until nobody else changes the folder. It ends when the file is closed.
    fn lock(&self, exclusive: bool) -> Result<Option<File>, KeyDirectoryError> {
        if !cfg!(unix) {
            return Ok(None);
        }
        let folder = File::open(&self.path).map_err(|error| self.failed(&self.path, error))?;
        let found = folder.metadata().map_err(|error| self.failed(&self.path, error))?;
        access::check_folder(&self.path, &found)?;
        let locked = if exclusive { folder.lock() } else { folder.lock_shared() };
        match locked {
            Ok(()) => Ok(Some(folder)),
            // A file system without locks: who reads there may meet a rotation half-way, and reads again.
            Err(error) if !exclusive && error.kind() == std::io::ErrorKind::Unsupported => Ok(None),
            Err(error) => Err(self.failed(&self.path, error)),
        }
    }

    /// The files of keys.
    fn files(&self) -> Result<Vec<PathBuf>, KeyDirectoryError> {
        let failed = |error| self.failed(&self.path, error);
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let is_hidden =
                path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
            if !is_hidden
                && path.extension().is_some_and(|extension| extension == key_file::EXTENSION)
            {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    fn file_of(&self, key: &StoredKey) -> Result<PathBuf, KeyDirectoryError> {
        for path in self.files()? {
            if key_file::read(&path)?.kid == key.kid {
                return Ok(path);
            }
        }
        Err(KeyDirectoryError::NoSuchKid { kid: key.kid.clone() })
    }

    fn read(&self) -> Result<KeyRing, KeyDirectoryError> {
        let (mut next, mut current, mut retired) = (None, Vec::new(), Vec::new());
        let mut kids: Vec<String> = Vec::new();
        for path in self.files()? {
            let key = key_file::read(&path)?;
            if kids.contains(&key.kid) {
                return Err(KeyDirectoryError::SameKid { path, kid: key.kid });
            }
            kids.push(key.kid.clone());
            match key.state {
                KeyState::Next if next.is_some() => {
                    return Err(KeyDirectoryError::TwoNext { path });
                }
                KeyState::Next => next = Some(key),
                KeyState::Current => current.push(key),
                KeyState::Retired => retired.push(key),
            }
        }
        // The later one counts, and of two of one second that which was made later.
        current.sort_by(|a, b| {
            (a.current_since, a.created, &a.kid).cmp(&(b.current_since, b.created, &b.kid))
        });
        let Some(newest) = current.pop() else {
            return Err(KeyDirectoryError::NoCurrent { path: self.path.clone() });
        };
        let earlier = |key| StoredKey { state: KeyState::Retired, expires: None, ..key };
        retired.extend(current.into_iter().map(earlier));
        retired.sort_by(|a, b| (b.current_since, &b.kid).cmp(&(a.current_since, &a.kid)));
        Ok(KeyRing { backend: self.backend, current: newest, next, retired })
    }

    fn create(
        &self,
        jwk: jwe_core::Jwk,
        state: KeyState,
        now: SystemTime,
    ) -> Result<(), KeyDirectoryError> {
        let kid = jwk.kid().unwrap_or_default().to_owned();
        // A thumbprint, so a name that every file system takes.
        let path = self.path.join(format!("{kid}.{}", key_file::EXTENSION));
        let alg = jwk.alg().and_then(jwe_core::Alg::from_name);
        let Some(alg) = alg else {
            return Err(KeyDirectoryError::Made(jwe_core::ImportError::MissingMember("alg")));
        };
        let current_since = (state == KeyState::Current).then_some(now);
        let key = StoredKey { kid, alg, state, created: now, current_since, expires: None, jwk };
        key_file::write(&self.path, &path, &key, true).map_err(|error| self.failed(&path, error))
    }

    fn replace(&self, key: &StoredKey) -> Result<(), KeyDirectoryError> {
        let path = self.file_of(key)?;
        key_file::write(&self.path, &path, key, false).map_err(|error| self.failed(&path, error))
    }
}

#[cfg(test)]
mod tests;
