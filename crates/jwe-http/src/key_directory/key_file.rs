//! The file of one key: a JWK with three members more.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jwe_core::{Alg, ImportError, Jwk};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::access;
use super::error::KeyDirectoryError;
use crate::key_ring::{KeyState, StoredKey};

/// The longest file in bytes: no key is longer.
const MAX_FILE_LEN: u64 = 64 * 1024;
/// What a file of a key is called in the end.
pub(super) const EXTENSION: &str = "jwk";

/// The members that say what state a key is in. Its dates are those that are registered for keys
/// (IANA, JSON Web Key Parameters), in seconds since 1970.
#[derive(Deserialize)]
struct Members {
    state: String,
    /// When it was made.
    iat: u64,
    /// Since when it is, or was, the current one.
    nbf: Option<u64>,
    /// Until when it opens messages as a retired one.
    exp: Option<u64>,
}

fn time(seconds: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).unwrap_or(UNIX_EPOCH)
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Reads the file of a key.
pub(super) fn read(path: &Path) -> Result<StoredKey, KeyDirectoryError> {
    let failed = |error| KeyDirectoryError::Io { path: path.to_owned(), error };
    let bad_key = |error| KeyDirectoryError::Key { path: path.to_owned(), error };
    let bad_state = |reason| KeyDirectoryError::State { path: path.to_owned(), reason };
    // Not what a link points to.
    access::check_file(path, &fs::symlink_metadata(path).map_err(failed)?)?;
    let file = File::open(path).map_err(failed)?;
    // What was opened may be another one.
    access::check_file(path, &file.metadata().map_err(failed)?)?;
    // Room for all of it, so that no part stays where it has moved away from.
    let mut text = Zeroizing::new(Vec::with_capacity(MAX_FILE_LEN as usize + 2));
    file.take(MAX_FILE_LEN + 1).read_to_end(&mut text).map_err(failed)?;
    if text.len() as u64 > MAX_FILE_LEN {
        return Err(bad_key(ImportError::TooLarge { limit: MAX_FILE_LEN as usize }));
    }
    let jwk = Jwk::from_json(&text).map_err(bad_key)?;
    let members: Members = serde_json::from_slice(&text).map_err(|_| {
        bad_state("its members \"state\" and \"iat\" are missing or not as `jwe keys` writes them")
    })?;
    let state = match members.state.as_str() {
        "next" => KeyState::Next,
        "current" => KeyState::Current,
        "retired" => KeyState::Retired,
        _ => return Err(bad_state("its \"state\" is not next, current or retired: correct it")),
    };
    if state == KeyState::Current && members.nbf.is_none() {
        return Err(bad_state("it is current, and its \"nbf\" does not say since when: add it"));
    }
    if state == KeyState::Retired && members.exp.is_none() {
        return Err(bad_state(
            "it is retired, and its \"exp\" does not say until when it opens messages: add it",
        ));
    }
    if !jwk.is_private() || jwk.kty() == "oct" {
        return Err(bad_state(
            "it is no private key of a key pair: keys here are published and decrypt",
        ));
    }
    let Some(kid) = jwk.kid().map(str::to_owned) else {
        return Err(bad_key(ImportError::MissingMember("kid")));
    };
    let Some(alg) = jwk.alg().and_then(Alg::from_name) else {
        return Err(bad_state("its \"alg\" is missing, or none that decrypts: add it"));
    };
    Ok(StoredKey {
        kid,
        alg,
        state,
        created: time(members.iat),
        current_since: members.nbf.map(time),
        expires: members.exp.map(time),
        jwk,
    })
}

/// Writes the file of a key, which appears whole or not at all.
pub(super) fn write(folder: &Path, path: &Path, key: &StoredKey, is_new: bool) -> io::Result<()> {
    let json = key.jwk.to_json();
    let mut text = Zeroizing::new(Vec::with_capacity(json.len() + 128));
    write!(text, "{{\"state\":\"{}\",\"iat\":{}", key.state.name(), seconds(key.created))?;
    for (name, date) in [("nbf", key.current_since), ("exp", key.expires)] {
        if let Some(date) = date {
            write!(text, ",\"{name}\":{}", seconds(date))?;
        }
    }
    text.push(b',');
    text.extend_from_slice(json.as_bytes().strip_prefix(b"{").unwrap_or_default());
    text.push(b'\n');

    // Created with mode 0600, under a name that is not that of a key.
    let mut file = tempfile::Builder::new().prefix(".key-").suffix(".tmp").tempfile_in(folder)?;
    file.write_all(&text)?;
    file.as_file().sync_all()?;
    if is_new {
        file.persist_noclobber(path)?;
    } else {
        file.persist(path)?;
    }
    sync(folder)
}

/// Has the names in a folder reach the disk.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    // A folder can be opened as a file where that is needed.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
