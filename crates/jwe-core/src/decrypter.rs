//! The recipient: keys, a policy, and the order of checks (RFC 7516 §5.2).

use core::fmt;
use std::collections::HashSet;

use zeroize::Zeroizing;

use crate::backend::{Backend, Direction};
use crate::base64url;
use crate::compact;
use crate::content_encryption::ContentEncryption;
use crate::enc::Enc;
use crate::encrypter::check_cek_len;
use crate::error::{DecryptError, Malformed, Rejected, Segment, SetupError};
use crate::jose_header::JoseHeader;
use crate::key::{DecryptionKey, Held};
use crate::key_import::{RecipientKey, UNWRAP_BUFFER_LEN};
use crate::limits::Limits;
use crate::message::Message;
use crate::pending::{Pending, decode_exactly};
use crate::random_source::RandomSource;

/// Decrypts messages in the compact serialization with one key or several.
///
/// Everything that public bytes and policy decide is checked before a private key is touched.
/// A message is for the key whose `kid` it names; other keys are not tried. A message that names
/// none is accepted if there is just one key, unless [`require_kid`](Self::require_kid) is called.
///
/// A decrypter can be shared between threads. Cloning it copies no key.
#[derive(Clone)]
pub struct Decrypter {
    keys: Vec<DecryptionKey>,
    accepted: Vec<(Enc, &'static dyn ContentEncryption)>,
    random: &'static dyn RandomSource,
    limits: Limits,
    kid: KidPolicy,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum KidPolicy {
    Match,
    Require,
    Ignore,
}

impl Decrypter {
    /// A decrypter for these keys that accepts these content encryption algorithms and no others.
    ///
    /// `backend` decrypts the content and draws the random bytes. It need not be the one into which
    /// the keys were imported.
    ///
    /// # Errors
    /// [`SetupError`]: no key, no `enc`, keys that can't be told apart by their `kid`, a gap of
    /// the backend, or a key for direct encryption that fits none of the `enc`.
    pub fn new(
        backend: &Backend,
        keys: impl IntoIterator<Item = DecryptionKey>,
        accepted_enc: &[Enc],
    ) -> Result<Self, SetupError> {
        let keys: Vec<DecryptionKey> = keys.into_iter().collect();
        if keys.is_empty() {
            return Err(SetupError::NoKey);
        }
        if accepted_enc.is_empty() {
            return Err(SetupError::NoAcceptedEnc);
        }
        if keys.len() > 1 {
            let mut kids = HashSet::with_capacity(keys.len());
            if !keys.iter().all(|key| key.kid().is_some_and(|kid| kids.insert(kid))) {
                return Err(SetupError::AmbiguousKid);
            }
        }
        let accepted = accepted_enc
            .iter()
            .map(|enc| Ok((*enc, backend.content_encryption(*enc, Direction::Decrypt)?)))
            .collect::<Result<Vec<_>, SetupError>>()?;
        for key in &keys {
            if let Held::Here(RecipientKey::Derive(derive)) = &key.key {
                let mut misfit = None;
                let fits = accepted_enc.iter().any(|enc| {
                    check_cek_len(*enc, key.enc, derive.cek_len())
                        .map_err(|error| misfit = Some(error))
                        .is_ok()
                });
                if let (false, Some(error)) = (fits, misfit) {
                    return Err(error);
                }
            }
        }
        Ok(Self {
            keys,
            accepted,
            random: backend.random(),
            limits: Limits::default(),
            kid: KidPolicy::Match,
        })
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The same, refusing messages without a `kid` even if there is just one key. Undoes
    /// [`ignore_kid`](Self::ignore_kid). A single key that has no `kid` itself then opens nothing.
    #[must_use]
    pub fn require_kid(mut self) -> Self {
        self.kid = KidPolicy::Require;
        self
    }

    /// The same, not looking at the `kid` of messages if there is just one key: for a key that was
    /// given without the name that its senders know it by. With several keys it changes nothing.
    /// Undoes [`require_kid`](Self::require_kid).
    #[must_use]
    pub fn ignore_kid(mut self) -> Self {
        self.kid = KidPolicy::Ignore;
        self
    }

    /// Decrypts to a new buffer, which is wiped on drop.
    ///
    /// # Errors
    /// [`DecryptError`].
    pub fn decrypt(&self, token: &str) -> Result<Zeroizing<Vec<u8>>, DecryptError> {
        let mut plaintext = Zeroizing::new(Vec::new());
        self.decrypt_into(token, &mut plaintext)?;
        Ok(plaintext)
    }

    /// Decrypts and appends the plaintext to `out` (RFC 7516 §5.2). Nothing is allocated if `out` has room for
    /// the ciphertext and the header has no members beside the usual ones.
    ///
    /// # Errors
    /// [`DecryptError`]; `out` is then as it was.
    pub fn decrypt_into(&self, token: &str, out: &mut Vec<u8>) -> Result<(), DecryptError> {
        self.begin(token)?.open(out)
    }

    /// Checks everything about a message that needs no private key and stops before the first
    /// step that does: for keys that are held elsewhere, and for looking at a checked header.
    ///
    /// # Errors
    /// [`DecryptError::Malformed`] or [`DecryptError::Rejected`].
    pub fn begin<'a>(&'a self, token: &'a str) -> Result<Pending<'a>, DecryptError> {
        let message = compact::parse(token, &self.limits)?;
        check_header_len(&message, &self.limits)?;
        check_base64(&message)?;
        let mut buffer = [0; Limits::MAX_HEADER_LEN];
        let header = decode_header(&message, &self.limits, &mut buffer)?;
        let header = JoseHeader::parse(header)?;
        self.check(message, &header)
    }

    fn check<'a>(
        &'a self,
        message: Message<'a>,
        header: &JoseHeader<'_>,
    ) -> Result<Pending<'a>, DecryptError> {
        if header.crit().is_some() {
            // No extension is understood here, and an empty or wrongly typed list is invalid.
            return Err(Rejected::Crit.into());
        }
        if header.zip().is_some() {
            return Err(Rejected::Zip.into());
        }
        let (enc, content) = self
            .accepted
            .iter()
            .find(|(enc, _)| enc.name() == header.enc())
            .copied()
            .ok_or(Rejected::Enc)?;
        let key = self.choose_key(header.kid())?;
        if key.alg.name() != header.alg() {
            return Err(Rejected::Alg.into());
        }
        if key.enc.is_some_and(|declared| declared != enc) {
            return Err(Rejected::Enc.into());
        }
        if let Held::Here(RecipientKey::Derive(derive)) = &key.key
            && derive.cek_len().is_some_and(|len| len != enc.cek_len())
        {
            return Err(Rejected::Enc.into());
        }
        let [recipient] = message.recipients() else {
            return Err(Malformed::SegmentCount.into());
        };
        let mut encrypted_key = [0; UNWRAP_BUFFER_LEN];
        let text = recipient.encrypted_key();
        let len = base64url::decoded_len(text.len());
        if len > encrypted_key.len() || !key.takes_encrypted_key_len(len, enc) {
            return Err(Malformed::Length(Segment::EncryptedKey).into());
        }
        let encrypted_key_len = base64url::decode_to_slice(text, &mut encrypted_key)
            .map_err(|_| Malformed::Base64(Segment::EncryptedKey))?;
        let mut iv = [0; Enc::MAX_IV_LEN];
        decode_exactly(message.iv(), iv.get_mut(..enc.iv_len()), Segment::Iv)?;
        let mut tag = [0; Enc::MAX_TAG_LEN];
        decode_exactly(message.tag(), tag.get_mut(..enc.tag_len()), Segment::Tag)?;
        if !enc.is_ciphertext_len(base64url::decoded_len(message.ciphertext().len())) {
            return Err(Malformed::Length(Segment::Ciphertext).into());
        }
        Ok(Pending {
            message,
            enc,
            content,
            key,
            random: self.random,
            encrypted_key,
            encrypted_key_len,
            iv,
            tag,
        })
    }

    /// The key that a `kid` names. An unknown `kid` is an error, not a search.
    fn choose_key(&self, kid: Option<&str>) -> Result<&DecryptionKey, Rejected> {
        match (self.keys.as_slice(), kid, self.kid) {
            ([only], _, KidPolicy::Ignore) | ([only], None, KidPolicy::Match) => Ok(only),
            (_, None, _) => Err(Rejected::MissingKid),
            (keys, Some(kid), _) => {
                keys.iter().find(|key| key.kid() == Some(kid)).ok_or(Rejected::UnknownKid)
            }
        }
    }
}

impl fmt::Debug for Decrypter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let accepted: Vec<Enc> = self.accepted.iter().map(|(enc, _)| *enc).collect();
        f.debug_struct("Decrypter")
            .field("keys", &self.keys)
            .field("enc", &accepted)
            .finish_non_exhaustive()
    }
}

fn check_header_len(message: &Message<'_>, limits: &Limits) -> Result<(), Malformed> {
    let limit = limits.max_header_len.min(Limits::MAX_HEADER_LEN);
    if base64url::decoded_len(message.protected().len()) > limit {
        return Err(Malformed::HeaderTooLong);
    }
    Ok(())
}

/// Checks that every part is base64url.
fn check_base64(message: &Message<'_>) -> Result<(), Malformed> {
    let check =
        |text: &str, segment| base64url::check(text).map_err(|_| Malformed::Base64(segment));
    check(message.protected(), Segment::Header)?;
    for recipient in message.recipients() {
        check(recipient.encrypted_key(), Segment::EncryptedKey)?;
    }
    check(message.iv(), Segment::Iv)?;
    check(message.ciphertext(), Segment::Ciphertext)?;
    check(message.tag(), Segment::Tag)?;
    Ok(())
}

/// Decodes the JSON text of the protected header into `buffer`.
pub(crate) fn decode_header<'b>(
    message: &Message<'_>,
    limits: &Limits,
    buffer: &'b mut [u8; Limits::MAX_HEADER_LEN],
) -> Result<&'b str, Malformed> {
    check_header_len(message, limits)?;
    let len = base64url::decode_to_slice(message.protected(), buffer)
        .map_err(|_| Malformed::Base64(Segment::Header))?;
    let json = core::str::from_utf8(buffer.get(..len).unwrap_or_default())
        .map_err(|_| Malformed::HeaderNotJson)?;
    Ok(json)
}
