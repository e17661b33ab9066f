//! The decrypter of values, which expects them to be bound or does not know of it.

use jwe_core::{
    BindingDecrypter, BindingUnwrappingOnce, Decrypter, UnwrappedMemory, UnwrappingOnce,
};

use crate::error::FieldError;
use crate::options::{DecryptOptions, PlaintextEncoding};
use crate::settings_error::SettingsError;
use crate::value_keys::Bound;

/// What decrypts values.
#[derive(Clone, Debug)]
pub(crate) enum Opener {
    Free(Decrypter),
    Binding(BindingDecrypter),
}

impl Opener {
    /// Checks that it is texts that are padded, and that the length of a padded text stays what it is.
    ///
    /// # Errors
    /// [`SettingsError::PaddingOfJson`], [`SettingsError::PaddingCompressed`].
    pub(crate) fn check(
        &self,
        options: &DecryptOptions,
        is_json: bool,
    ) -> Result<(), SettingsError> {
        if options.padding.is_none() {
            return Ok(());
        }
        if is_json && options.encoding == PlaintextEncoding::Json {
            return Err(SettingsError::PaddingOfJson);
        }
        let allows_zip = match self {
            Self::Free(decrypter) => decrypter.allows_zip(),
            Self::Binding(decrypter) => decrypter.allows_zip(),
        };
        if allows_zip { Err(SettingsError::PaddingCompressed) } else { Ok(()) }
    }

    /// For a document of so many values.
    pub(crate) fn keys<'a>(
        &'a self,
        memory: &'a mut UnwrappedMemory,
        values: usize,
    ) -> OpenKeys<'a> {
        // Values that share a content encryption key take one key operation.
        match self {
            Self::Free(decrypter) if values > 1 => {
                OpenKeys::FreeOnce(decrypter.unwrapping_once(memory))
            }
            Self::Free(decrypter) => OpenKeys::Free(decrypter),
            Self::Binding(decrypter) if values > 1 => {
                OpenKeys::BindingOnce(decrypter.unwrapping_once(memory))
            }
            Self::Binding(decrypter) => OpenKeys::Binding(decrypter),
        }
    }
}

/// Decrypts the values of one document.
pub(crate) enum OpenKeys<'a> {
    Free(&'a Decrypter),
    FreeOnce(UnwrappingOnce<'a>),
    Binding(&'a BindingDecrypter),
    BindingOnce(BindingUnwrappingOnce<'a>),
}

impl OpenKeys<'_> {
    /// Decrypts as [`Decrypter::decrypt_into`], where what the decrypter expects is what `bound`
    /// gives.
    ///
    /// # Errors
    /// [`FieldError`] of `bound`, [`FieldError::Decrypt`]; `out` is then as it was.
    pub(crate) fn decrypt_into<'b>(
        &mut self,
        token: &str,
        bound: impl FnOnce() -> Result<Bound<'b>, FieldError>,
        pointer: impl Fn() -> String,
        out: &mut Vec<u8>,
    ) -> Result<(), FieldError> {
        match self {
            Self::Free(decrypter) => decrypter.decrypt_into(token, out),
            Self::FreeOnce(once) => once.decrypt_into(token, out),
            Self::Binding(decrypter) => {
                bound()?.with(|strings| decrypter.decrypt_into(token, strings, out))
            }
            Self::BindingOnce(once) => {
                bound()?.with(|strings| once.decrypt_into(token, strings, out))
            }
        }
        .map_err(|error| FieldError::Decrypt { pointer: pointer(), error })
    }
}
