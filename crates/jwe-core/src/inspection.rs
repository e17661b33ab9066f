//! What a message says about itself, without a key.

use crate::base64url;
use crate::decrypter::decode_header;
use crate::error::{Malformed, Segment};
use crate::jose_header::JoseHeader;
use crate::limits::Limits;
use crate::message::Message;

/// The header and the lengths of a message's parts. Nothing of it is authentic, and nothing is
/// checked against a policy.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Inspection {
    /// The protected header.
    pub header: JoseHeader<'static>,
    /// The length of each recipient's encrypted key in bytes.
    pub encrypted_key_lens: Vec<usize>,
    /// The length of the initialization vector in bytes.
    pub iv_len: usize,
    /// The length of the ciphertext in bytes.
    pub ciphertext_len: usize,
    /// The length of the authentication tag in bytes.
    pub tag_len: usize,
}

impl Inspection {
    /// Looks at a message.
    ///
    /// # Errors
    /// [`Malformed`] when a part is not base64url or the header is not one.
    pub fn of(message: &Message<'_>, limits: &Limits) -> Result<Self, Malformed> {
        let mut buffer = [0; Limits::MAX_HEADER_LEN];
        let header = JoseHeader::parse(decode_header(message, limits, &mut buffer)?)?.into_owned();
        let len = |text: &str, segment| {
            base64url::check(text).map_err(|_| Malformed::Base64(segment))?;
            Ok::<usize, Malformed>(base64url::decoded_len(text.len()))
        };
        Ok(Self {
            header,
            encrypted_key_lens: message
                .recipients()
                .iter()
                .map(|recipient| len(recipient.encrypted_key(), Segment::EncryptedKey))
                .collect::<Result<_, _>>()?,
            iv_len: len(message.iv(), Segment::Iv)?,
            ciphertext_len: len(message.ciphertext(), Segment::Ciphertext)?,
            tag_len: len(message.tag(), Segment::Tag)?,
        })
    }
}
