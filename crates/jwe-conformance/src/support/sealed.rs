//! A message encrypted through the content encryption trait, to be opened, or to be spoilt first.

use core::fmt::Display;

use jwe_core::{Backend, ContentEncryption, Enc};

use super::attempt::Site;
use super::seeded::Seeded;

/// All that `open` takes.
#[derive(Clone)]
pub(crate) struct Sealed {
    pub(crate) enc: Enc,
    pub(crate) cek: Vec<u8>,
    pub(crate) iv: Vec<u8>,
    pub(crate) aad: Vec<u8>,
    pub(crate) ciphertext: Vec<u8>,
    pub(crate) tag: Vec<u8>,
}

impl Sealed {
    /// Seals `plaintext` with a key, an IV and associated data from `random`.
    pub(crate) fn new(
        backend: &Backend,
        object: &dyn ContentEncryption,
        plaintext: &[u8],
        aad_len: usize,
        random: &mut Seeded,
    ) -> Self {
        let enc = object.enc();
        let cek = random.bytes(enc.cek_len());
        let iv = random.bytes(enc.iv_len());
        let aad = random.bytes(aad_len);
        Self::with(backend, object, cek, iv, aad, plaintext)
    }

    /// Seals `plaintext` with the given key, IV and associated data.
    pub(crate) fn with(
        backend: &Backend,
        object: &dyn ContentEncryption,
        cek: Vec<u8>,
        iv: Vec<u8>,
        aad: Vec<u8>,
        plaintext: &[u8],
    ) -> Self {
        let enc = object.enc();
        let len = enc.ciphertext_len(plaintext.len()).expect("a length of the kit");
        let mut ciphertext = plaintext.to_vec();
        // What lies behind the plaintext must not matter.
        ciphertext.resize(len, 0xa5);
        let mut tag = vec![0; enc.tag_len()];
        Site::new(backend, enc).accepts(format!("seal of {} bytes", plaintext.len()), || {
            object.seal(&cek, &iv, &aad, &mut ciphertext, plaintext.len(), &mut tag)
        });
        Self { enc, cek, iv, aad, ciphertext, tag }
    }

    /// Opens it and returns the plaintext.
    #[track_caller]
    pub(crate) fn opens(
        &self,
        backend: &Backend,
        object: &dyn ContentEncryption,
        case: impl Display,
    ) -> Vec<u8> {
        let site = Site::new(backend, self.enc);
        let mut buf = self.ciphertext.clone();
        let len = site
            .accepts(&case, || object.open(&self.cek, &self.iv, &self.aad, &mut buf, &self.tag));
        site.holds(&case, len <= buf.len(), "open returned a length beyond the buffer");
        buf.truncate(len);
        buf
    }

    /// Opens it, which must be refused, with every byte of the buffer zero.
    #[track_caller]
    pub(crate) fn is_refused(
        &self,
        backend: &Backend,
        object: &dyn ContentEncryption,
        case: impl Display,
    ) {
        let site = Site::new(backend, self.enc);
        let mut buf = self.ciphertext.clone();
        site.refuses(&case, || object.open(&self.cek, &self.iv, &self.aad, &mut buf, &self.tag));
        site.holds(
            &case,
            buf.iter().all(|byte| *byte == 0),
            "refused, but the buffer was not set to zero",
        );
    }
}
