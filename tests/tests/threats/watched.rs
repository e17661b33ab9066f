//! A backend that does what another one does and writes down when its keys and its content
//! encryption are used: what public bytes decide must be decided without them, and what a key
//! decides must take them all, whatever it is that is wrong.

use std::cell::RefCell;
use std::sync::{Arc, Mutex};

use jwe::{Alg, Backend, BackendError, Curve, Direction, Enc, KeyMaterial, KeyRejected};
use jwe_core::{
    ContentEncryption, DecryptionKeyImport, RecipientContext, RecipientDeriveKey, RecipientKey,
    StaticAgreement, UnwrapKey,
};

/// What a thread had its backends do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Work {
    /// How often a private or shared key was used.
    pub(crate) keys: u32,
    /// How often a content was opened.
    pub(crate) opened: u32,
    /// The CEK that the last content was opened with, and zeros.
    pub(crate) cek: CekBytes,
}

/// A CEK of up to 64 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CekBytes([u8; Enc::MAX_CEK_LEN]);

impl Default for CekBytes {
    fn default() -> Self {
        Self([0; Enc::MAX_CEK_LEN])
    }
}

impl CekBytes {
    /// Whether every byte is zero.
    pub(crate) fn is_zero(&self) -> bool {
        *self == Self::default()
    }

    /// The first `len` bytes.
    pub(crate) fn first(&self, len: usize) -> &[u8] {
        &self.0[..len]
    }
}

std::thread_local! {
    static WORK: RefCell<Work> = const {
        RefCell::new(Work { keys: 0, opened: 0, cek: CekBytes([0; Enc::MAX_CEK_LEN]) })
    };
}

/// What `task` has this thread's backends do. It allocates nothing itself.
pub(crate) fn work_of<T>(task: impl FnOnce() -> T) -> (T, Work) {
    WORK.take();
    let result = task();
    (result, WORK.take())
}

/// The watched form of a backend.
pub(crate) fn watched(backend: &'static Backend) -> &'static Backend {
    static MADE: Mutex<Vec<(String, &'static Backend)>> = Mutex::new(Vec::new());
    let mut made = MADE.lock().unwrap();
    let name = backend.name();
    if let Some((_, watched)) = made.iter().find(|(other, _)| *other == name) {
        return watched;
    }
    let watched = make(backend);
    made.push((name, watched));
    watched
}

/// Tests make one of each backend, so that what is leaked is little.
fn make(backend: &'static Backend) -> &'static Backend {
    let mut imports: Vec<&'static dyn DecryptionKeyImport> = Vec::new();
    for alg in Alg::ALL.iter().copied() {
        if let Ok((_, good)) = backend.decryption_key_import(alg, None) {
            imports.push(Box::leak(Box::new(Import(good))));
        }
    }
    let mut contents: Vec<&'static dyn ContentEncryption> = Vec::new();
    for enc in Enc::ALL.iter().copied() {
        if let Ok(good) = backend.content_encryption(enc, Direction::Decrypt) {
            contents.push(Box::leak(Box::new(Content(good))));
        }
    }
    let made = Backend::new(backend.name().leak(), backend.random(), |_| [0; 32])
        .with_decryption_keys(imports.leak())
        .with_content_encryption(contents.leak());
    Box::leak(Box::new(made))
}

struct Import(&'static dyn DecryptionKeyImport);

impl DecryptionKeyImport for Import {
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
            RecipientKey::Unwrap(good) => RecipientKey::Unwrap(Arc::new(Unwrap(good))),
            RecipientKey::Derive(good) => RecipientKey::Derive(Arc::new(Derive(good))),
            _ => panic!("a sort of key that is not known here"),
        })
    }
}

struct Unwrap(Arc<dyn UnwrapKey>);

impl UnwrapKey for Unwrap {
    fn encrypted_key_len(&self, cek_len: usize) -> usize {
        self.0.encrypted_key_len(cek_len)
    }

    fn unwrap_key(
        &self,
        context: &RecipientContext<'_>,
        encrypted_key: &[u8],
        out: &mut [u8],
    ) -> Result<usize, BackendError> {
        WORK.with_borrow_mut(|work| work.keys += 1);
        self.0.unwrap_key(context, encrypted_key, out)
    }
}

struct Derive(Arc<dyn RecipientDeriveKey>);

impl RecipientDeriveKey for Derive {
    fn cek_len(&self) -> Option<usize> {
        self.0.cek_len()
    }

    fn derive_key(
        &self,
        context: &RecipientContext<'_>,
        cek: &mut [u8],
    ) -> Result<(), BackendError> {
        WORK.with_borrow_mut(|work| work.keys += 1);
        self.0.derive_key(context, cek)
    }
}

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
        WORK.with_borrow_mut(|work| {
            work.opened += 1;
            work.cek = CekBytes::default();
            work.cek.0[..cek.len()].copy_from_slice(cek);
        });
        self.0.open(cek, iv, aad, buf, tag)
    }
}
