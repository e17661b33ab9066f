//! What a key is imported for: an `alg`, and for the ECDH-ES family the curve that it is on.

use core::fmt;

use jwe_core::{Alg, Backend, Curve, DecryptionKeyImport, EncryptionKeyImport};

use super::attempt::Site;
use crate::expected::line;

/// An `alg`, on a curve where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Way {
    pub(crate) alg: Alg,
    pub(crate) curve: Option<Curve>,
}

impl Way {
    /// Every `alg`, those of the ECDH-ES family on every curve.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        Alg::ALL.iter().copied().flat_map(|alg| {
            let curves: Vec<Option<Curve>> = if alg.is_ecdh() {
                Curve::ALL.iter().copied().map(Some).collect()
            } else {
                vec![None]
            };
            curves.into_iter().map(move |curve| Self { alg, curve })
        })
    }

    /// The import object for senders, where the backend lists one.
    pub(crate) fn sender(self, backend: &Backend) -> Option<&'static dyn EncryptionKeyImport> {
        backend.encryption_key_import(self.alg, self.curve).ok().map(|(_, import)| import)
    }

    /// The import object for recipients, where the backend lists one.
    pub(crate) fn recipient(self, backend: &Backend) -> Option<&'static dyn DecryptionKeyImport> {
        backend.decryption_key_import(self.alg, self.curve).ok().map(|(_, import)| import)
    }

    /// Whether keys wrap a CEK, rather than determine it.
    pub(crate) fn wraps(self) -> bool {
        !matches!(self.alg, Alg::Dir | Alg::EcdhEs)
    }

    /// Whether it is `A128KW`, `A192KW` or `A256KW`.
    pub(crate) fn is_aes_kw(self) -> bool {
        matches!(self.alg, Alg::A128Kw | Alg::A192Kw | Alg::A256Kw)
    }

    /// Where a check of it stands.
    pub(crate) fn site(self, backend: &Backend) -> Site {
        Site::new(backend, self)
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&line(self.alg, self.curve))
    }
}
