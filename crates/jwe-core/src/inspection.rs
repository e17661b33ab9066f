//! What a message says about itself, without a key.

use crate::base64url;
use crate::error::{Malformed, Segment};
use crate::jose_header::JoseHeader;
use crate::limits::Limits;
use crate::message::Message;
use crate::received_header::{HeaderBuffer, decode_header, recipient_header};

/// The headers and the lengths of a message's parts. Nothing of it is authentic, and nothing is
/// checked against a policy.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Inspection {
    /// What the message holds for each recipient, at least one.
    pub recipients: Vec<RecipientInspection>,
    /// The length of the additional authenticated data in bytes, where there is any.
    pub aad_len: Option<usize>,
    /// The length of the initialization vector in bytes.
    pub iv_len: usize,
    /// The length of the ciphertext in bytes.
    pub ciphertext_len: usize,
    /// The length of the authentication tag in bytes.
    pub tag_len: usize,
}

/// What a message says to one recipient.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RecipientInspection {
    /// The JOSE header: the union of the protected and the unprotected headers.
    pub header: JoseHeader<'static>,
    /// The length of the encrypted key in bytes.
    pub encrypted_key_len: usize,
}

impl Inspection {
    /// Looks at a message.
    ///
    /// # Errors
    /// [`Malformed`] when a part is not base64url or a header is not one.
    pub fn of(message: &Message<'_>, limits: &Limits) -> Result<Self, Malformed> {
        let mut buffer = HeaderBuffer::new();
        let protected = decode_header(message.protected(), limits, &mut buffer)?;
        let len = |text: &str, segment| {
            base64url::check(text).map_err(|_| Malformed::Base64(segment))?;
            Ok::<usize, Malformed>(base64url::decoded_len(text.len()))
        };
        Ok(Self {
            recipients: message
                .recipients()
                .iter()
                .map(|recipient| {
                    Ok(RecipientInspection {
                        header: recipient_header(message, recipient, protected)?.into_owned(),
                        encrypted_key_len: len(recipient.encrypted_key(), Segment::EncryptedKey)?,
                    })
                })
                .collect::<Result<_, Malformed>>()?,
            aad_len: message.aad().map(|aad| len(aad, Segment::Aad)).transpose()?,
            iv_len: len(message.iv(), Segment::Iv)?,
            ciphertext_len: len(message.ciphertext(), Segment::Ciphertext)?,
            tag_len: len(message.tag(), Segment::Tag)?,
        })
    }
}
