//! The encrypter of values, which binds them or does not, and the content encryption keys of one
//! document's values: one for each, or one for all.

use jwe_core::{
    BindingEncrypter, BindingSharedCek, EncryptError, Encrypter, SharedCek, SharedCekMemory,
};

use crate::binding::{FIELD, RECORD};
use crate::error::FieldError;
use crate::options::{EncryptOptions, PlaintextEncoding, ShareCek};
use crate::settings_error::SettingsError;

/// What encrypts values.
#[derive(Clone, Debug)]
pub(crate) enum Sealer {
    Free(Encrypter),
    Binding(BindingEncrypter),
}

impl Sealer {
    /// Checks that the length of a padded text stays what it is.
    ///
    /// # Errors
    /// [`SettingsError::PaddingOfJson`], [`SettingsError::PaddingCompressed`].
    pub(crate) fn check(
        &self,
        options: &EncryptOptions,
        is_json: bool,
    ) -> Result<(), SettingsError> {
        if options.padding.is_none() {
            return Ok(());
        }
        if is_json && options.encoding == PlaintextEncoding::Json {
            return Err(SettingsError::PaddingOfJson);
        }
        if self.token_len(0).is_none() {
            return Err(SettingsError::PaddingCompressed);
        }
        Ok(())
    }

    /// The length of a token, as far as it can be told without what it is bound to.
    pub(crate) fn token_len(&self, plaintext_len: usize) -> Option<usize> {
        match self {
            Self::Free(encrypter) => encrypter.encrypted_len(plaintext_len),
            Self::Binding(encrypter) => encrypter.encrypted_len(&[], plaintext_len),
        }
    }
}

/// Encrypts the values of one document.
pub(crate) struct ValueKeys<'a> {
    sealer: &'a Sealer,
    shared: Shared<'a>,
}

enum Shared<'a> {
    No,
    /// Not before the first value: a document in which nothing is encrypted costs nothing.
    NotYet {
        memory: Option<&'a mut SharedCekMemory>,
        values: usize,
    },
    Free(SharedCek<'a>),
    Binding(BindingSharedCek<'a>),
}

impl<'a> ValueKeys<'a> {
    /// For a document of at most `values` values.
    pub(crate) fn new(
        sealer: &'a Sealer,
        share: ShareCek,
        memory: &'a mut SharedCekMemory,
        values: usize,
    ) -> Self {
        let shared = match share {
            ShareCek::Document if values > 1 => Shared::NotYet { memory: Some(memory), values },
            _ => Shared::No,
        };
        Self { sealer, shared }
    }

    /// Encrypts as [`Encrypter::encrypt_in_place`], bound to what `bound` gives if the encrypter
    /// binds.
    ///
    /// # Errors
    /// [`FieldError`] of `bound`, [`FieldError::Encrypt`]; `out` is then as it was, and `buffer` is to
    /// be wiped.
    pub(crate) fn encrypt_in_place<'b>(
        &mut self,
        bound: impl FnOnce() -> Result<Bound<'b>, FieldError>,
        pointer: impl Fn() -> String,
        buffer: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<(), FieldError> {
        let failed = |error| FieldError::Encrypt { pointer: pointer(), error };
        if let Shared::NotYet { memory, values } = &mut self.shared
            && let Some(memory) = memory.take()
        {
            self.shared = match self.sealer {
                Sealer::Free(encrypter) => {
                    Shared::Free(encrypter.share_cek(memory, *values).map_err(failed)?)
                }
                Sealer::Binding(encrypter) => {
                    Shared::Binding(encrypter.share_cek(memory, *values).map_err(failed)?)
                }
            };
        }
        match (&mut self.shared, self.sealer) {
            (Shared::No, Sealer::Free(encrypter)) => encrypter.encrypt_in_place(buffer, out),
            (Shared::No, Sealer::Binding(encrypter)) => {
                bound()?.with(|strings| encrypter.encrypt_in_place(strings, buffer, out))
            }
            (Shared::Free(shared), _) => shared.encrypt_in_place(buffer, out),
            (Shared::Binding(shared), _) => {
                bound()?.with(|strings| shared.encrypt_in_place(strings, buffer, out))
            }
            // It failed before, and no value of the document is encrypted any more.
            (Shared::NotYet { .. }, _) => Err(EncryptError::Backend),
        }
        .map_err(failed)
    }
}

/// What one value is bound to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bound<'a> {
    /// The JSON Pointer of the value.
    pub(crate) field: &'a str,
    pub(crate) record: Option<&'a str>,
}

impl Bound<'_> {
    /// Hands over the strings of the header member, with their names.
    pub(crate) fn with<T>(self, take: impl FnOnce(&[(&str, &str)]) -> T) -> T {
        let field = (FIELD, self.field);
        match self.record {
            Some(record) => take(&[field, (RECORD, record)]),
            None => take(&[field]),
        }
    }
}
