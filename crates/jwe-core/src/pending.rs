//! A message between the checks and the key operation.

use core::fmt;

use zeroize::Zeroizing;

use crate::alg::Alg;
use crate::cek::Cek;
use crate::enc::Enc;
use crate::error::{BackendError, DecryptError, Malformed, Rejected};
use crate::jose_header::JoseHeader;
use crate::key::{DecryptionKey, Held};
use crate::key_import::{RecipientKey, UNWRAP_BUFFER_LEN};
use crate::key_parameters::KeyParameters;
use crate::limits::Limits;
use crate::message::Recipient;
use crate::random_source::RandomSource;
use crate::received_header::{HeaderBuffer, decode_header, recipient_header};
use crate::sealed_content::SealedContent;
use crate::wiped::Bytes;

/// A message that has passed every check that needs no private key.
///
/// For a key that is held elsewhere, take [`encrypted_key`](Self::encrypted_key), have it
/// unwrapped there, at leisure or asynchronously, and call [`complete`](Self::complete).
pub struct Pending<'a> {
    pub(crate) content: SealedContent<'a>,
    pub(crate) recipient: Recipient<'a>,
    pub(crate) key: &'a DecryptionKey,
    pub(crate) parameters: KeyParameters,
    pub(crate) random: &'static dyn RandomSource,
    pub(crate) encrypted_key: [u8; UNWRAP_BUFFER_LEN],
    pub(crate) encrypted_key_len: usize,
}

impl<'a> Pending<'a> {
    /// The `alg` of the message, which is that of its key.
    #[must_use]
    pub fn alg(&self) -> Alg {
        self.key.alg
    }

    /// The `enc` of the message.
    #[must_use]
    pub fn enc(&self) -> Enc {
        self.content.suite.enc
    }

    /// The key that the message is for.
    #[must_use]
    pub fn key(&self) -> &'a DecryptionKey {
        self.key
    }

    /// The JOSE header: the protected header, and in the JSON serializations the shared and the
    /// recipient's unprotected one. What of it is protected is authentic once the message was
    /// decrypted, as [`JoseHeader::is_protected`] tells; the rest never is.
    ///
    /// # Errors
    /// None in practice: it has been read before.
    pub fn header(&self) -> Result<JoseHeader<'static>, Malformed> {
        let mut buffer = HeaderBuffer::new();
        let protected =
            decode_header(self.content.message.protected(), &Limits::default(), &mut buffer)?;
        recipient_header(&self.content.message, &self.recipient, protected)
            .map(JoseHeader::into_owned)
    }

    /// The encrypted key, for RSA as long as the modulus; empty for `dir` and `ECDH-ES`.
    #[must_use]
    pub fn encrypted_key(&self) -> &[u8] {
        self.encrypted_key.get(..self.encrypted_key_len).unwrap_or_default()
    }

    /// Decrypts with a CEK that was unwrapped elsewhere and appends the plaintext to `out`.
    ///
    /// Give `None` if unwrapping failed: the message is then opened with a random CEK, and so
    /// fails as one with a wrong key does (RFC 7516 §11.5). Don't report the failure otherwise.
    ///
    /// # Errors
    /// [`DecryptError::DecryptionFailed`]; `out` is then as it was.
    pub fn complete(
        self,
        unwrapped_cek: Option<&[u8]>,
        out: &mut Vec<u8>,
    ) -> Result<(), DecryptError> {
        let mut cek = Cek::empty(self.enc());
        self.draw(&mut cek)?;
        let unwrapped = unwrapped_cek.unwrap_or_default();
        // A copy of full length, so that the same is done whether there is a CEK or not.
        let mut copy = Zeroizing::new([0; Enc::MAX_CEK_LEN]);
        copy.iter_mut().zip(unwrapped).for_each(|(to, from)| *to = *from);
        cek.replace_if(unwrapped_cek.is_some(), copy.as_slice(), unwrapped.len());
        self.content.open(cek.as_slice(), out)
    }

    /// Decrypts with the key that is held here and appends the plaintext to `out`.
    ///
    /// # Errors
    /// [`DecryptError::DecryptionFailed`], or [`Rejected::KeyHeldElsewhere`]; `out` is then as it
    /// was.
    pub fn open(self, out: &mut Vec<u8>) -> Result<(), DecryptError> {
        let mut cek = Cek::empty(self.enc());
        self.fill_cek(&mut cek)?;
        self.content.open(cek.as_slice(), out)
    }

    /// Unwraps or derives the CEK. Where that fails, it is a random one (RFC 7516 §11.5).
    pub(crate) fn fill_cek(&self, cek: &mut Cek) -> Result<(), DecryptError> {
        let Held::Here(key) = &self.key.key else {
            return Err(Rejected::KeyHeldElsewhere.into());
        };
        let context = self.parameters.context(self.enc());
        match key {
            RecipientKey::Unwrap(key) => {
                self.draw(cek)?;
                let mut unwrapped = Bytes::<UNWRAP_BUFFER_LEN>::zero();
                let outcome = key.unwrap_key(&context, self.encrypted_key(), &mut unwrapped);
                cek.replace_if(outcome.is_ok(), &unwrapped, outcome.unwrap_or_default());
            }
            RecipientKey::Derive(key) => {
                // There is nothing to unwrap: what fails here is an `epk` that is no point of the
                // curve, or is a point that makes the agreed secret zero. Whoever sent it knows.
                if key.derive_key(&context, cek.as_mut_slice()).is_err() {
                    self.draw(cek)?;
                }
            }
        }
        Ok(())
    }

    /// Draws the CEK with which a message is opened whose own can't be had.
    fn draw(&self, cek: &mut Cek) -> Result<(), DecryptError> {
        cek.fill(self.random).map_err(|BackendError| DecryptError::DecryptionFailed)
    }
}

impl fmt::Debug for Pending<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("key", self.key)
            .field("enc", &self.enc())
            .finish_non_exhaustive()
    }
}
