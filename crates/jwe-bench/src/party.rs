//! A backend with a key prepared in it, or the reason why it has none.

use jwe::{
    Backend, Decrypter, DecryptionKey, Enc, Encrypter, EncryptionKey, ImportError, Limits,
    SetupError,
};

use crate::error::BenchError;
use crate::subject::Subject;

/// What a backend does, or the text of the error by which it does not.
pub(crate) type Ability<T> = Result<T, String>;

/// A backend beside a subject.
pub(crate) struct Party {
    pub(crate) backend: &'static Backend,
    pub(crate) name: String,
    /// Whether it imports the key to encrypt with it.
    pub(crate) encryption_import: Ability<()>,
    /// Whether it imports the key to decrypt with it.
    pub(crate) decryption_import: Ability<()>,
    pub(crate) encrypter: Ability<Encrypter>,
    pub(crate) decrypter: Ability<Decrypter>,
}

impl Party {
    /// Prepares the key.
    ///
    /// # Errors
    /// [`BenchError::Import`] and [`BenchError::Setup`] for what no choice of backend would change.
    pub(crate) fn new(
        backend: &'static Backend,
        subject: &Subject,
        enc: Enc,
    ) -> Result<Self, BenchError> {
        let (jwk, options) = (subject.jwk(), subject.options());
        let sender = able(EncryptionKey::import(backend, jwk, &options))?;
        let recipient = able(DecryptionKey::import(backend, jwk, &options))?;
        let nothing = |ability: Option<&String>| ability.map_or(Ok(()), |text| Err(text.clone()));
        let encryption_import = nothing(sender.as_ref().err());
        let decryption_import = nothing(recipient.as_ref().err());
        let encrypter = match sender {
            Ok(key) => set_up(Encrypter::new(backend, &key, enc))?,
            Err(text) => Err(text),
        };
        let decrypter = match recipient {
            Ok(key) => set_up(Decrypter::new(backend, [key], &[enc]))?,
            Err(text) => Err(text),
        };
        // The tokens are made here, so that there is nothing to fear of their length.
        let limits = Limits::default().with_max_token_len(usize::MAX);
        Ok(Self {
            backend,
            name: backend.name(),
            encryption_import,
            decryption_import,
            encrypter,
            decrypter: decrypter.map(|decrypter| decrypter.with_limits(limits)),
        })
    }

    /// Whether the backend does nothing at all with the key.
    pub(crate) fn does_nothing(&self) -> bool {
        self.encryption_import.is_err() && self.decryption_import.is_err()
    }
}

/// Tells what another backend might do from what none would.
fn able<T>(imported: Result<T, ImportError>) -> Result<Ability<T>, BenchError> {
    match imported {
        Ok(key) => Ok(Ok(key)),
        Err(
            error @ (ImportError::Gap(_)
            | ImportError::Rejected { .. }
            | ImportError::MissingPublicHalf),
        ) => Ok(Err(error.to_string())),
        Err(error) => Err(error.into()),
    }
}

fn set_up<T>(built: Result<T, SetupError>) -> Result<Ability<T>, BenchError> {
    match built {
        Ok(built) => Ok(Ok(built)),
        Err(SetupError::Gap(gap)) => Ok(Err(gap.to_string())),
        Err(error) => Err(error.into()),
    }
}
