//! Why there is no report.

use core::fmt;

use jwe::{Alg, DecryptError, EncryptError, GenerateError, ImportError, SetupError};

/// Why a comparison could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BenchError {
    /// No backend was given.
    NoBackend,
    /// Two of the backends have this name.
    SameName(String),
    /// The subjects can't be compared with each other: why.
    Subjects(&'static str),
    /// No key can be made for this algorithm, because it takes a password.
    Password(Alg),
    /// The key for this algorithm could not be made by any of the backends; this is why the last one
    /// did not.
    Generate(Alg, GenerateError),
    /// The key can't be used at all, or the chosen `alg` does not go with it.
    Import(ImportError),
    /// The encrypter or the decrypter could not be set up, for a reason that is no gap of a backend.
    Setup(SetupError),
    /// This backend failed to encrypt.
    Encrypt(String, EncryptError),
    /// This backend failed to decrypt.
    Decrypt(String, DecryptError),
    /// This backend decrypted to something else than was encrypted.
    WrongPlaintext(String),
    /// A call of this backend failed while it was measured.
    Failed(String),
    /// The chart could not be drawn: the text of the library that draws.
    Chart(String),
}

impl BenchError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoBackend => "no_backend",
            Self::SameName(_) => "bench_same_name",
            Self::Subjects(_) => "bench_subjects",
            Self::Password(_) => "bench_password",
            Self::Generate(_, error) => error.code(),
            Self::Import(error) => error.code(),
            Self::Setup(error) => error.code(),
            Self::Encrypt(_, error) => error.code(),
            Self::Decrypt(_, error) => error.code(),
            Self::WrongPlaintext(_) => "bench_wrong_plaintext",
            Self::Failed(_) => "bench_failed",
            Self::Chart(_) => "bench_chart",
        }
    }
}

impl fmt::Display for BenchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBackend => f.write_str("there is no backend to measure: name at least one"),
            Self::SameName(name) => {
                write!(f, "two backends have the name {name}: give each of them once")
            }
            Self::Subjects(reason) => f.write_str(reason),
            Self::Password(alg) => write!(
                f,
                "{alg} takes a password and as much time as its iterations are meant to take, whatever \
                 the backend: choose another alg"
            ),
            Self::Generate(alg, error) => {
                write!(f, "no backend here could make a key for {alg}; the last one tried: {error}")
            }
            Self::Import(error) => error.fmt(f),
            Self::Setup(error) => error.fmt(f),
            Self::Encrypt(backend, error) => write!(f, "{backend}: {error}"),
            Self::Decrypt(backend, error) => write!(
                f,
                "{backend}, which was given a token that another backend or itself had just made: {error}"
            ),
            Self::WrongPlaintext(backend) => write!(
                f,
                "{backend} decrypted a token to something else than was encrypted, so nothing was \
                 measured: report it to its maintainers"
            ),
            Self::Failed(backend) => write!(
                f,
                "a call of {backend} failed while it was measured, so the numbers would mean nothing: try again"
            ),
            Self::Chart(text) => write!(f, "the chart can't be drawn: {text}; do without it"),
        }
    }
}

impl core::error::Error for BenchError {}

impl From<ImportError> for BenchError {
    fn from(error: ImportError) -> Self {
        Self::Import(error)
    }
}

impl From<SetupError> for BenchError {
    fn from(error: SetupError) -> Self {
        Self::Setup(error)
    }
}
