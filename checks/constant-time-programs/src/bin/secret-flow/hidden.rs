//! A backend that does everything by another one and makes secret what comes out of it.

use std::sync::Arc;

use jwe::{Backend, BackendError, Direction, Enc};
use jwe_core::{
    Alg, ContentEncryption, Curve, DecryptionKeyImport, KeyMaterial, KeyRejected, RandomSource,
    RecipientContext, RecipientDeriveKey, RecipientKey, StaticAgreement, UnwrapKey,
};

use crate::marks::{hide, hide_value, reveal};

/// Random bytes that are secret: among them the CEK with which decryption goes on.
struct Random(&'static dyn RandomSource);

impl RandomSource for Random {
    fn fill(&self, dest: &mut [u8]) -> Result<(), BackendError> {
        self.0.fill(dest)?;
        hide(dest);
        Ok(())
    }
}

struct Keys(&'static dyn DecryptionKeyImport);

impl DecryptionKeyImport for Keys {
    fn alg(&self) -> Alg {
        self.0.alg()
    }

    fn implementation(&self) -> &'static str {
        self.0.implementation()
    }

    fn curves(&self) -> &'static [Curve] {
        self.0.curves()
    }

    fn static_agreement(&self) -> Option<&'static dyn StaticAgreement> {
        self.0.static_agreement()
    }

    fn import(&self, key: &KeyMaterial) -> Result<RecipientKey, KeyRejected> {
        Ok(match self.0.import(key)? {
            RecipientKey::Unwrap(key) => RecipientKey::Unwrap(Arc::new(Unwrapping(key))),
            RecipientKey::Derive(key) => RecipientKey::Derive(Arc::new(Deriving(key))),
            _ => return Err(KeyRejected::new("this check knows no such key: add it")),
        })
    }
}

/// Whether there is a CEK, how long it is, and the CEK: nothing of it may be seen.
struct Unwrapping(Arc<dyn UnwrapKey>);

impl UnwrapKey for Unwrapping {
    fn encrypted_key_len(&self, cek_len: usize) -> usize {
        self.0.encrypted_key_len(cek_len)
    }

    fn unwrap_key(
        &self,
        context: &RecipientContext<'_>,
        encrypted_key: &[u8],
        out: &mut [u8],
    ) -> Result<usize, BackendError> {
        let mut outcome = self.0.unwrap_key(context, encrypted_key, out);
        hide(out);
        hide_value(&mut outcome);
        outcome
    }
}

/// The CEK is secret. That there is none is not: whoever sent an `epk` knows it.
struct Deriving(Arc<dyn RecipientDeriveKey>);

impl RecipientDeriveKey for Deriving {
    fn cek_len(&self) -> Option<usize> {
        self.0.cek_len()
    }

    fn derive_key(
        &self,
        context: &RecipientContext<'_>,
        cek: &mut [u8],
    ) -> Result<(), BackendError> {
        let outcome = self.0.derive_key(context, cek);
        hide(cek);
        outcome
    }
}

/// The last step, whose outcome is what the sender of a message gets to see.
struct Content(&'static dyn ContentEncryption);

impl ContentEncryption for Content {
    fn enc(&self) -> Enc {
        self.0.enc()
    }

    fn implementation(&self) -> &'static str {
        self.0.implementation()
    }

    fn seal(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        plaintext_len: usize,
        tag: &mut [u8],
    ) -> Result<(), BackendError> {
        self.0.seal(cek, iv, aad, buf, plaintext_len, tag)
    }

    fn open(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        tag: &[u8],
    ) -> Result<usize, BackendError> {
        let mut outcome = self.0.open(cek, iv, aad, buf, tag);
        reveal(&mut outcome);
        outcome
    }
}

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// The backend with everything that it decrypts with hidden.
pub(crate) fn hidden_in(backend: &'static Backend) -> &'static Backend {
    let mut keys: Vec<&'static dyn DecryptionKeyImport> = Vec::new();
    for alg in Alg::ALL.iter().copied() {
        let curves: Vec<Option<Curve>> =
            if alg.is_ecdh() { Curve::ALL.iter().copied().map(Some).collect() } else { vec![None] };
        for curve in curves {
            let Ok((_, import)) = backend.decryption_key_import(alg, curve) else { continue };
            keys.push(leak(Keys(import)));
        }
    }
    let contents: Vec<&'static dyn ContentEncryption> = Enc::ALL
        .iter()
        .filter_map(|enc| backend.content_encryption(*enc, Direction::Decrypt).ok())
        .map(|content| -> &'static dyn ContentEncryption { leak(Content(content)) })
        .collect();
    leak(
        Backend::new("hidden", leak(Random(backend.random())), |_| [0; 32])
            .with_decryption_keys(keys.leak())
            .with_content_encryption(contents.leak()),
    )
}
