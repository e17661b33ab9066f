//! Why a directory of keys can't be used.

use core::fmt;
use std::io;
use std::path::PathBuf;

use jwe_core::{Alg, GenerateError, ImportError};

/// Why a directory of keys can't be read or changed. Nothing of a key is in it but its `kid`.
#[derive(Debug)]
#[non_exhaustive]
pub enum KeyDirectoryError {
    /// A file or folder can't be read or written.
    Io {
        /// Which.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Others than the owner can read a key, or write where keys are.
    Access {
        /// The file or folder.
        path: PathBuf,
        /// The mode that it has to have at most.
        mode: u32,
    },
    /// What should be a file with a key is a link, a folder or something else.
    NotFile {
        /// Which.
        path: PathBuf,
    },
    /// A file holds no key that can be used here.
    Key {
        /// The file.
        path: PathBuf,
        /// Why.
        error: ImportError,
    },
    /// A file does not say what state its key is in, or says what does not fit together.
    State {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: &'static str,
    },
    /// Two files hold keys of one `kid`.
    SameKid {
        /// One of them.
        path: PathBuf,
        /// The `kid`.
        kid: String,
    },
    /// Two keys are to be the next one.
    TwoNext {
        /// The file of one of them.
        path: PathBuf,
    },
    /// There is no current key.
    NoCurrent {
        /// The folder.
        path: PathBuf,
    },
    /// The folder has keys already.
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// No key has this `kid`.
    NoSuchKid {
        /// The `kid`.
        kid: String,
    },
    /// The current key can't be retired without another in its place.
    IsCurrent {
        /// The `kid`.
        kid: String,
    },
    /// An algorithm whose keys have no public half.
    NotPublic {
        /// The algorithm.
        alg: Alg,
    },
    /// A key can't be made.
    Generate(GenerateError),
    /// A key that was made can't be used.
    Made(ImportError),
}

impl KeyDirectoryError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "keys_io",
            Self::Access { .. } => "keys_access",
            Self::NotFile { .. } => "keys_not_file",
            Self::Key { error, .. } | Self::Made(error) => error.code(),
            Self::State { .. } => "keys_state",
            Self::SameKid { .. } => "keys_same_kid",
            Self::TwoNext { .. } => "keys_two_next",
            Self::NoCurrent { .. } => "keys_no_current",
            Self::Exists { .. } => "keys_exist",
            Self::NoSuchKid { .. } => "keys_no_such_kid",
            Self::IsCurrent { .. } => "keys_is_current",
            Self::NotPublic { .. } => "keys_not_public",
            Self::Generate(error) => error.code(),
        }
    }
}

impl fmt::Display for KeyDirectoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, error } => write!(f, "{}: {error}", path.display()),
            Self::Access { path, mode } => write!(
                f,
                "{}: others can read or change it: chmod {mode:o} it, and make new keys if somebody may have read these",
                path.display()
            ),
            Self::NotFile { path } => {
                write!(f, "{}: is no file: put the key itself there, and no link", path.display())
            }
            Self::Key { path, error } => write!(f, "{}: {error}", path.display()),
            Self::State { path, reason } => write!(f, "{}: {reason}", path.display()),
            Self::SameKid { path, kid } => write!(
                f,
                "{}: another file has a key with the kid \"{}\", too: remove one",
                path.display(),
                kid.escape_debug()
            ),
            Self::TwoNext { path } => write!(
                f,
                "{}: another file has the state \"next\", too: remove or retire one",
                path.display()
            ),
            Self::NoCurrent { path } => write!(
                f,
                "{}: no key is current: make keys with `jwe keys init`, or put the files back",
                path.display()
            ),
            Self::Exists { path } => write!(
                f,
                "{}: has keys already: rotate them, or name another folder",
                path.display()
            ),
            Self::NoSuchKid { kid } => {
                write!(f, "no key has the kid \"{}\": list them", kid.escape_debug())
            }
            Self::IsCurrent { kid } => write!(
                f,
                "\"{}\" is the current key: rotate first, then retire it",
                kid.escape_debug()
            ),
            Self::NotPublic { alg } => write!(
                f,
                "keys for {alg} have no public half to publish: choose one of RSA-OAEP or ECDH-ES"
            ),
            Self::Generate(error) => error.fmt(f),
            Self::Made(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for KeyDirectoryError {}
