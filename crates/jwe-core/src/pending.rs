//! A message between the checks and the key operation.

use core::fmt;

use zeroize::Zeroizing;

use crate::alg::Alg;
use crate::base64url;
use crate::cek::Cek;
use crate::content_encryption::ContentEncryption;
use crate::decrypter::decode_header;
use crate::enc::Enc;
use crate::error::{BackendError, DecryptError, Malformed, Rejected, Segment};
use crate::jose_header::JoseHeader;
use crate::key::{DecryptionKey, Held};
use crate::key_import::{RecipientContext, RecipientKey, UNWRAP_BUFFER_LEN};
use crate::limits::Limits;
use crate::message::Message;
use crate::random_source::RandomSource;
use crate::wiped;

/// A message that has passed every check that needs no private key.
///
/// For a key that is held elsewhere, take [`encrypted_key`](Self::encrypted_key), have it
/// unwrapped there, at leisure or asynchronously, and call [`complete`](Self::complete).
pub struct Pending<'a> {
    pub(crate) message: Message<'a>,
    pub(crate) enc: Enc,
    pub(crate) content: &'static dyn ContentEncryption,
    pub(crate) key: &'a DecryptionKey,
    pub(crate) random: &'static dyn RandomSource,
    pub(crate) encrypted_key: [u8; UNWRAP_BUFFER_LEN],
    pub(crate) encrypted_key_len: usize,
    pub(crate) iv: [u8; Enc::MAX_IV_LEN],
    pub(crate) tag: [u8; Enc::MAX_TAG_LEN],
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
        self.enc
    }

    /// The key that the message is for.
    #[must_use]
    pub fn key(&self) -> &'a DecryptionKey {
        self.key
    }

    /// The protected header. It is authentic only once the message was decrypted.
    ///
    /// # Errors
    /// None in practice: it has been read before.
    pub fn header(&self) -> Result<JoseHeader<'static>, Malformed> {
        let mut buffer = [0; Limits::MAX_HEADER_LEN];
        let json = decode_header(&self.message, &Limits::default(), &mut buffer)?;
        JoseHeader::parse(json).map(JoseHeader::into_owned)
    }

    /// The encrypted key, for RSA as long as the modulus; empty for `dir`.
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
        let mut cek = Cek::empty(self.enc);
        self.draw(&mut cek)?;
        let unwrapped = unwrapped_cek.unwrap_or_default();
        // A copy of full length, so that the same is done whether there is a CEK or not.
        let mut copy = Zeroizing::new([0; Enc::MAX_CEK_LEN]);
        copy.iter_mut().zip(unwrapped).for_each(|(to, from)| *to = *from);
        cek.replace_if(unwrapped_cek.is_some(), copy.as_slice(), unwrapped.len());
        self.open_content(&cek, out)
    }

    /// Decrypts with the key that is held here.
    pub(crate) fn open(self, out: &mut Vec<u8>) -> Result<(), DecryptError> {
        let Held::Here(key) = &self.key.key else {
            return Err(Rejected::KeyHeldElsewhere.into());
        };
        let context = RecipientContext::new(self.enc);
        let mut cek = Cek::empty(self.enc);
        match key {
            RecipientKey::Unwrap(key) => {
                self.draw(&mut cek)?;
                let mut unwrapped = Zeroizing::new([0; UNWRAP_BUFFER_LEN]);
                let outcome =
                    key.unwrap_key(&context, self.encrypted_key(), unwrapped.as_mut_slice());
                cek.replace_if(outcome.is_ok(), unwrapped.as_slice(), outcome.unwrap_or_default());
            }
            RecipientKey::Derive(key) => {
                // There is nothing to unwrap, so that only public bytes can make this fail.
                if key.derive_key(&context, cek.as_mut_slice()).is_err() {
                    self.draw(&mut cek)?;
                }
            }
        }
        self.open_content(&cek, out)
    }

    /// Draws the CEK with which a message is opened whose own can't be had.
    fn draw(&self, cek: &mut Cek) -> Result<(), DecryptError> {
        cek.fill(self.random).map_err(|BackendError| DecryptError::DecryptionFailed)
    }

    fn open_content(&self, cek: &Cek, out: &mut Vec<u8>) -> Result<(), DecryptError> {
        let start = out.len();
        wiped::reserve(out, base64url::decoded_len(self.message.ciphertext().len()));
        base64url::decode_append(self.message.ciphertext(), out)
            .map_err(|_| Malformed::Base64(Segment::Ciphertext))?;
        let iv = self.iv.get(..self.enc.iv_len()).unwrap_or_default();
        let tag = self.tag.get(..self.enc.tag_len()).unwrap_or_default();
        let buffer = out.get_mut(start..).unwrap_or_default();
        let outcome =
            self.content.open(cek.as_slice(), iv, self.message.protected().as_bytes(), buffer, tag);
        match outcome {
            Ok(plaintext_len) => {
                wiped::truncate(out, start.saturating_add(plaintext_len));
                Ok(())
            }
            Err(BackendError) => {
                wiped::truncate(out, start);
                Err(DecryptError::DecryptionFailed)
            }
        }
    }
}

impl fmt::Debug for Pending<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("key", self.key)
            .field("enc", &self.enc)
            .finish_non_exhaustive()
    }
}

/// Decodes a part that has just one length, that of `out`.
pub(crate) fn decode_exactly(
    text: &str,
    out: Option<&mut [u8]>,
    segment: Segment,
) -> Result<(), DecryptError> {
    let out = out.ok_or(Malformed::Length(segment))?;
    if base64url::decoded_len(text.len()) != out.len() {
        return Err(Malformed::Length(segment).into());
    }
    base64url::decode_to_slice(text, out).map_err(|_| Malformed::Base64(segment))?;
    Ok(())
}
