//! The content of a message before there is a CEK: how it is encrypted, and the parts that open it
//! (RFC 7516 §5.2, steps 14 to 17).

use zeroize::Zeroizing;

use crate::base64url;
use crate::content_encryption::ContentEncryption;
use crate::deflate;
use crate::enc::Enc;
use crate::error::{BackendError, DecryptError, Malformed, Segment};
use crate::message::Message;
use crate::wiped;

/// What a header says about the content, once it was accepted.
#[derive(Clone, Copy)]
pub(crate) struct ContentSuite {
    pub(crate) enc: Enc,
    pub(crate) content: &'static dyn ContentEncryption,
    /// The most bytes that a compressed plaintext may have.
    pub(crate) inflate: Option<usize>,
}

/// A content whose parts have the lengths that its `enc` gives them.
pub(crate) struct SealedContent<'a> {
    pub(crate) message: Message<'a>,
    pub(crate) suite: ContentSuite,
    iv: [u8; Enc::MAX_IV_LEN],
    tag: [u8; Enc::MAX_TAG_LEN],
}

impl<'a> SealedContent<'a> {
    /// Checks the lengths of what is opened.
    pub(crate) fn check(message: Message<'a>, suite: ContentSuite) -> Result<Self, DecryptError> {
        let enc = suite.enc;
        let mut iv = [0; Enc::MAX_IV_LEN];
        decode_exactly(message.iv(), iv.get_mut(..enc.iv_len()), Segment::Iv)?;
        let mut tag = [0; Enc::MAX_TAG_LEN];
        decode_exactly(message.tag(), tag.get_mut(..enc.tag_len()), Segment::Tag)?;
        if !enc.is_ciphertext_len(base64url::decoded_len(message.ciphertext().len())) {
            return Err(Malformed::Length(Segment::Ciphertext).into());
        }
        Ok(Self { message, suite, iv, tag })
    }

    /// Decrypts and appends the plaintext to `out`, which is as it was after an error.
    pub(crate) fn open(&self, cek: &[u8], out: &mut Vec<u8>) -> Result<(), DecryptError> {
        let Some(limit) = self.suite.inflate else {
            return self.open_ciphertext(cek, out);
        };
        let mut compressed = Zeroizing::new(Vec::new());
        self.open_ciphertext(cek, &mut compressed)?;
        deflate::inflate(&compressed, limit, out)
            .map_err(|BackendError| DecryptError::DecryptionFailed)
    }

    fn open_ciphertext(&self, cek: &[u8], out: &mut Vec<u8>) -> Result<(), DecryptError> {
        let start = out.len();
        wiped::reserve(out, base64url::decoded_len(self.message.ciphertext().len()));
        base64url::decode_append(self.message.ciphertext(), out)
            .map_err(|_| Malformed::Base64(Segment::Ciphertext))?;
        let iv = self.iv.get(..self.suite.enc.iv_len()).unwrap_or_default();
        let tag = self.tag.get(..self.suite.enc.tag_len()).unwrap_or_default();
        let buffer = out.get_mut(start..).unwrap_or_default();
        let protected = self.message.protected();
        // RFC 7516 §5.2, step 15: the texts as received, never encoded again.
        let with_aad = self.message.aad().map(|aad| format!("{protected}.{aad}"));
        let authenticated = with_aad.as_deref().unwrap_or(protected).as_bytes();
        let outcome = self.suite.content.open(cek, iv, authenticated, buffer, tag);
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

/// Decodes a part that has just one length, that of `out`.
fn decode_exactly(
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
