//! The content encryption keys of one document's values: one for each, or one for all.

use jwe_core::{EncryptError, Encrypter, SharedCek, SharedCekMemory};

use crate::options::ShareCek;

/// Encrypts the values of one document.
pub(crate) struct ValueKeys<'a> {
    encrypter: &'a Encrypter,
    shared: Shared<'a>,
}

enum Shared<'a> {
    No,
    /// Not before the first value: a document in which nothing is encrypted costs nothing.
    NotYet {
        memory: Option<&'a mut SharedCekMemory>,
        values: usize,
    },
    Yes(SharedCek<'a>),
}

impl<'a> ValueKeys<'a> {
    /// For a document of at most `values` values.
    pub(crate) fn new(
        encrypter: &'a Encrypter,
        share: ShareCek,
        memory: &'a mut SharedCekMemory,
        values: usize,
    ) -> Self {
        let shared = match share {
            ShareCek::Document if values > 1 => Shared::NotYet { memory: Some(memory), values },
            _ => Shared::No,
        };
        Self { encrypter, shared }
    }

    /// Encrypts as [`Encrypter::encrypt_in_place`].
    ///
    /// # Errors
    /// [`EncryptError`]; `out` is then as it was, and `buffer` is to be wiped.
    pub(crate) fn encrypt_in_place(
        &mut self,
        buffer: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncryptError> {
        if let Shared::NotYet { memory, values } = &mut self.shared
            && let Some(memory) = memory.take()
        {
            self.shared = Shared::Yes(self.encrypter.share_cek(memory, *values)?);
        }
        match &mut self.shared {
            Shared::Yes(shared) => shared.encrypt_in_place(buffer, out),
            Shared::No => self.encrypter.encrypt_in_place(buffer, out),
            // It failed before, and no value of the document is encrypted any more.
            Shared::NotYet { .. } => Err(EncryptError::Backend),
        }
    }
}
