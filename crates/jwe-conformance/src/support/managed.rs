//! The key management of a backend through the traits, as the engine calls it, for every `alg`.

use core::fmt::Display;

use jwe_core::{
    Backend, BackendError, Enc, KeyMaterial, KeyRejected, RecipientKey, SenderContext, SenderKey,
    UNWRAP_BUFFER_LEN,
};

use super::attempt::Site;
use super::params::Params;
use super::reference::key_management::Wrapped;
use super::secret::Secret;
use super::ways::Way;

/// A sender's key.
pub(crate) struct Sender<'a> {
    backend: &'a Backend,
    way: Way,
    pub(crate) site: Site,
    pub(crate) key: SenderKey,
}

/// A recipient's key.
pub(crate) struct Recipient {
    pub(crate) site: Site,
    pub(crate) key: RecipientKey,
}

/// Imports a key for senders; `None` where the backend does not list the way.
///
/// # Errors
/// As the backend has it.
pub(crate) fn import_sender(
    backend: &Backend,
    way: Way,
    case: impl Display,
    material: &KeyMaterial,
) -> Option<Result<SenderKey, KeyRejected>> {
    let import = way.sender(backend)?;
    Some(way.site(backend).call(case, || import.import(material)))
}

/// Imports a key for recipients; `None` where the backend does not list the way.
///
/// # Errors
/// As the backend has it.
pub(crate) fn import_recipient(
    backend: &Backend,
    way: Way,
    case: impl Display,
    material: &KeyMaterial,
) -> Option<Result<RecipientKey, KeyRejected>> {
    let import = way.recipient(backend)?;
    Some(way.site(backend).call(case, || import.import(material)))
}

impl<'a> Sender<'a> {
    /// The key for a way, where the backend lists it for senders.
    pub(crate) fn new(backend: &'a Backend, way: Way, secret: &Secret) -> Option<Self> {
        let site = way.site(backend);
        let material = secret.public_material();
        let key = import_sender(backend, way, "key import", &material)?;
        let key = site.accepts("key import of a sender", || key);
        let wraps = matches!(key, SenderKey::Wrap(_));
        site.holds("key import of a sender", wraps == way.wraps(), "the wrong sort of key");
        Some(Self { backend, way, site, key })
    }

    /// The random source that the engine would hand to the key.
    pub(crate) fn random(&self) -> &'static dyn jwe_core::RandomSource {
        self.backend.random()
    }

    /// The length that the key says that the encrypted key has.
    pub(crate) fn encrypted_key_len(&self, cek_len: usize) -> usize {
        match &self.key {
            SenderKey::Wrap(key) => key.encrypted_key_len(cek_len),
            _ => 0,
        }
    }

    /// Sends `cek`, or the CEK that the key determines.
    ///
    /// # Errors
    /// As the backend has it.
    pub(crate) fn try_send(
        &self,
        case: impl Display,
        enc: Enc,
        cek: &[u8],
        params: &Params,
    ) -> Result<Wrapped, BackendError> {
        let context = params.sender(enc, self.backend.random());
        self.try_send_in(case, context, cek, params)
    }

    /// The same in a given context, whose parameters are `params`.
    ///
    /// # Errors
    /// As the backend has it.
    pub(crate) fn try_send_in(
        &self,
        case: impl Display,
        mut context: SenderContext<'_>,
        cek: &[u8],
        params: &Params,
    ) -> Result<Wrapped, BackendError> {
        let mut cek = cek.to_vec();
        let encrypted_key = match &self.key {
            SenderKey::Wrap(key) => {
                let mut encrypted_key = vec![0; key.encrypted_key_len(cek.len())];
                self.site.call(case, || key.wrap_key(&mut context, &cek, &mut encrypted_key))?;
                encrypted_key
            }
            SenderKey::Derive(key) => {
                self.site.call(case, || key.derive_key(&mut context, &mut cek))?;
                Vec::new()
            }
            _ => {
                panic!("{}: the kit does not know this sort of key: it needs an update", self.site)
            }
        };
        let mut params = params.clone();
        if let Some(curve) = self.way.curve {
            params.epk = Some((curve, context.epk().to_vec()));
        }
        if params.iv.is_some() {
            params.tag = Some(context.tag());
        }
        Ok(Wrapped { cek, encrypted_key, params })
    }

    /// Sends, which must succeed.
    #[track_caller]
    pub(crate) fn sends(
        &self,
        case: impl Display,
        enc: Enc,
        cek: &[u8],
        params: &Params,
    ) -> Wrapped {
        let sent = self.try_send(&case, enc, cek, params);
        self.site.accepts(case, || sent)
    }
}

impl Recipient {
    /// The key for a way, where the backend lists it for recipients.
    pub(crate) fn new(backend: &Backend, way: Way, secret: &Secret) -> Option<Self> {
        let site = way.site(backend);
        let material = secret.private_material();
        let key = import_recipient(backend, way, "key import", &material)?;
        let key = site.accepts("key import of a recipient", || key);
        let unwraps = matches!(key, RecipientKey::Unwrap(_));
        site.holds("key import of a recipient", unwraps == way.wraps(), "the wrong sort of key");
        Some(Self { site, key })
    }

    /// Receives a CEK. After an error nothing may stand in the output.
    ///
    /// # Errors
    /// As the backend has it.
    #[track_caller]
    pub(crate) fn try_receive(
        &self,
        case: impl Display,
        enc: Enc,
        params: &Params,
        encrypted_key: &[u8],
    ) -> Result<Vec<u8>, BackendError> {
        let context = params.recipient(enc);
        let mut out = vec![0; UNWRAP_BUFFER_LEN];
        let len = match &self.key {
            RecipientKey::Unwrap(key) => {
                self.site.call(&case, || key.unwrap_key(&context, encrypted_key, &mut out))
            }
            RecipientKey::Derive(key) => {
                out.truncate(enc.cek_len());
                let len = out.len();
                self.site.call(&case, || key.derive_key(&context, &mut out)).map(|()| len)
            }
            _ => {
                panic!("{}: the kit does not know this sort of key: it needs an update", self.site)
            }
        };
        if len.is_err() {
            let zero = out.iter().all(|byte| *byte == 0);
            self.site.holds(&case, zero, "refused, but something was written to the output");
        }
        let len = len?;
        self.site.holds(&case, len <= out.len(), "a length beyond the buffer");
        out.truncate(len);
        Ok(out)
    }

    /// Receives, which must succeed.
    #[track_caller]
    pub(crate) fn receives(
        &self,
        case: impl Display,
        enc: Enc,
        params: &Params,
        encrypted_key: &[u8],
    ) -> Vec<u8> {
        let received = self.try_receive(&case, enc, params, encrypted_key);
        self.site.accepts(case, || received)
    }

    /// Receives, which must be refused.
    #[track_caller]
    pub(crate) fn refuses(
        &self,
        case: impl Display,
        enc: Enc,
        params: &Params,
        encrypted_key: &[u8],
    ) {
        let received = self.try_receive(&case, enc, params, encrypted_key);
        self.site.refuses(case, || received);
    }
}
