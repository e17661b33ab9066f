//! The recipient: keys, a policy, and the order of checks (RFC 7516 §5.2).

use core::fmt;
use std::collections::HashSet;

use serde_json::Value;
use zeroize::Zeroizing;

use crate::backend::{Backend, Direction};
use crate::base64url;
use crate::bound_member::BoundMember;
use crate::compact;
use crate::content_encryption::ContentEncryption;
use crate::deflate;
use crate::enc::Enc;
use crate::error::{DecryptError, Malformed, Rejected, Segment, SetupError};
use crate::header_members::NOT_CRITICAL;
use crate::jose_header::JoseHeader;
use crate::key::{DecryptionKey, Held};
use crate::key_import::{RecipientKey, UNWRAP_BUFFER_LEN};
use crate::key_parameters::KeyParameters;
use crate::key_step::check_cek_len;
use crate::limits::Limits;
use crate::message::{Message, Recipient};
use crate::pending::Pending;
use crate::random_source::RandomSource;
use crate::received_header::{HeaderBuffer, check_header_len, decode_header, recipient_header};
use crate::sealed_content::{ContentSuite, SealedContent};

/// Decrypts messages with one key or several.
///
/// Everything that public bytes and policy decide is checked before a private key is touched.
/// A message is for the key whose `kid` it names; other keys are not tried. A message that names
/// none is accepted if there is just one key, unless [`require_kid`](Self::require_kid) is called.
///
/// A string is read in the compact serialization only. For the JSON serializations, parse it with
/// [`Message::parse`] or one of the [`Serialization`](crate::Serialization)s and hand over the
/// [`Message`]. A message for several recipients is opened as the first one that a key here is
/// named by.
///
/// Compressed messages and messages for a password are refused until they are allowed.
///
/// The tokens of one document may have encrypted keys that are equal: see
/// [`unwrapping_once`](Self::unwrapping_once).
///
/// A decrypter can be shared between threads. Cloning it copies no key.
#[derive(Clone)]
pub struct Decrypter {
    keys: Vec<DecryptionKey>,
    accepted: Vec<(Enc, &'static dyn ContentEncryption)>,
    random: &'static dyn RandomSource,
    pub(crate) limits: Limits,
    kid: KidPolicy,
    pub(crate) try_keys: bool,
    max_iterations: Option<u32>,
    max_inflated: Option<usize>,
    understood: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum KidPolicy {
    Match,
    Require,
    Ignore,
}

impl Decrypter {
    /// The most bytes that a compressed plaintext may have, as other implementations have it.
    pub const DEFAULT_MAX_INFLATED: usize = 250_000;

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
        if keys.len() > 1 {
            let mut kids = HashSet::with_capacity(keys.len());
            if !keys.iter().all(|key| key.kid().is_some_and(|kid| kids.insert(kid))) {
                return Err(SetupError::AmbiguousKid);
            }
        }
        Self::with_any_keys(backend, keys, accepted_enc)
    }

    /// A decrypter as of [`new`](Self::new), for keys that need no `kid` and may share one. A
    /// message is tried with each key that has its `kid`, or with each one if it names none, and
    /// of these with those of its `alg` only, in the order given.
    ///
    /// It costs one key operation for each recipient and key tried, and the time taken tells how
    /// many were: for a password that is all its iterations, as often as the message lists a
    /// recipient for it.
    ///
    /// # Errors
    /// As [`new`](Self::new), but for keys that can't be told apart.
    pub fn trying_keys(
        backend: &Backend,
        keys: impl IntoIterator<Item = DecryptionKey>,
        accepted_enc: &[Enc],
    ) -> Result<Self, SetupError> {
        let mut decrypter = Self::with_any_keys(backend, keys.into_iter().collect(), accepted_enc)?;
        decrypter.try_keys = true;
        Ok(decrypter)
    }

    fn with_any_keys(
        backend: &Backend,
        keys: Vec<DecryptionKey>,
        accepted_enc: &[Enc],
    ) -> Result<Self, SetupError> {
        if keys.is_empty() {
            return Err(SetupError::NoKey);
        }
        if accepted_enc.is_empty() {
            return Err(SetupError::NoAcceptedEnc);
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
            try_keys: false,
            max_iterations: None,
            max_inflated: None,
            understood: Vec::new(),
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
    /// given without the name that its senders know it by. With several keys it changes nothing, but
    /// a decrypter that [tries keys](Self::trying_keys) counts those as one that have the same `kid`,
    /// or none, and each another `alg`. Undoes [`require_kid`](Self::require_kid).
    #[must_use]
    pub fn ignore_kid(mut self) -> Self {
        self.kid = KidPolicy::Ignore;
        self
    }

    /// The same, opening messages for a password (PBES2, RFC 7518 §4.8) whose iteration count
    /// `p2c` is between 1000 and `max_p2c`. Whoever sends a message chooses how much it costs you: a
    /// million take about half a second, for each message anew, and so for each value of a document that
    /// does not share its key with another.
    #[must_use]
    pub fn allow_pbes2(mut self, max_p2c: u32) -> Self {
        self.max_iterations = Some(max_p2c);
        self
    }

    /// The same, opening messages that are compressed (`zip` is `DEF`, RFC 7516 §4.1.3) to a
    /// plaintext of at most `max_len` bytes, such as
    /// [`DEFAULT_MAX_INFLATED`](Self::DEFAULT_MAX_INFLATED). A longer one, and one that is not DEFLATE,
    /// is [`DecryptError::DecryptionFailed`].
    #[must_use]
    pub fn allow_zip(mut self, max_len: usize) -> Self {
        self.max_inflated = Some(max_len);
        self
    }

    /// The same, accepting messages whose `crit` names only these extensions (RFC 7516 §4.1.13).
    /// The caller sees to what they mean: their values are in the header, by
    /// [`begin`](Self::begin) and [`Pending::header`], and are authentic where
    /// [`JoseHeader::is_protected`] says so: the list is protected, and a member that it names may
    /// stand elsewhere.
    #[must_use]
    pub fn understand(mut self, extensions: &[&str]) -> Self {
        self.understood = extensions.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    /// Whether compressed messages are opened: see [`allow_zip`](Self::allow_zip).
    #[must_use]
    pub fn allows_zip(&self) -> bool {
        self.max_inflated.is_some()
    }

    /// Whether messages with this extension are accepted.
    #[must_use]
    pub fn is_understood(&self, extension: &str) -> bool {
        self.understood.iter().any(|understood| understood == extension)
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

    /// Decrypts and appends the plaintext to `out` (RFC 7516 §5.2). Nothing is allocated if `out`
    /// has room for the ciphertext and the header has at most 512 bytes and, beside `alg`, `enc` and
    /// `kid`, at most `epk`, `iv` and `tag`.
    ///
    /// # Errors
    /// [`DecryptError`]; `out` is then as it was.
    pub fn decrypt_into(&self, token: &str, out: &mut Vec<u8>) -> Result<(), DecryptError> {
        self.decrypt_message_into(compact::parse(token, &self.limits)?, out)
    }

    /// Decrypts a message of any serialization to a new buffer, which is wiped on drop.
    ///
    /// # Errors
    /// [`DecryptError`].
    pub fn decrypt_message(
        &self,
        message: Message<'_>,
    ) -> Result<Zeroizing<Vec<u8>>, DecryptError> {
        let mut plaintext = Zeroizing::new(Vec::new());
        self.decrypt_message_into(message, &mut plaintext)?;
        Ok(plaintext)
    }

    /// Decrypts a message of any serialization and appends the plaintext to `out`.
    ///
    /// # Errors
    /// [`DecryptError`]; `out` is then as it was.
    pub fn decrypt_message_into(
        &self,
        message: Message<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), DecryptError> {
        if self.try_keys {
            self.try_each(message, None, |_, pending| pending.open(out))
        } else {
            self.begin_message(message)?.open(out)
        }
    }

    /// As [`decrypt_into`](Self::decrypt_into), for a message that has to be bound to this.
    pub(crate) fn decrypt_bound_into(
        &self,
        token: &str,
        bound: BoundMember<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), DecryptError> {
        let message = compact::parse(token, &self.limits)?;
        if self.try_keys {
            self.try_each(message, Some(bound), |_, pending| pending.open(out))
        } else {
            self.begin_bound(message, Some(bound))?.open(out)
        }
    }

    /// Checks everything about a message that needs no private key and stops before the first
    /// step that does: for keys that are held elsewhere, and for looking at a checked header.
    ///
    /// # Errors
    /// [`DecryptError::Malformed`] or [`DecryptError::Rejected`].
    pub fn begin<'a>(&'a self, token: &'a str) -> Result<Pending<'a>, DecryptError> {
        self.begin_message(compact::parse(token, &self.limits)?)
    }

    /// As [`begin`](Self::begin), for a message of any serialization. A decrypter that
    /// [tries keys](Self::trying_keys) begins with the first that the message may be for.
    ///
    /// # Errors
    /// [`DecryptError::Malformed`] or [`DecryptError::Rejected`].
    pub fn begin_message<'a>(&'a self, message: Message<'a>) -> Result<Pending<'a>, DecryptError> {
        self.begin_bound(message, None)
    }

    /// As [`begin_message`](Self::begin_message), for a message that has to be bound to something,
    /// if that is given.
    pub(crate) fn begin_bound<'a>(
        &'a self,
        message: Message<'a>,
        bound: Option<BoundMember<'_>>,
    ) -> Result<Pending<'a>, DecryptError> {
        check_parts(&message, &self.limits)?;
        let mut buffer = HeaderBuffer::new();
        let protected = decode_header(message.protected(), &self.limits, &mut buffer)?;
        if let [recipient] = message.recipients() {
            let recipient = *recipient;
            let header = recipient_header(&message, &recipient, protected)?;
            self.check_header(&header, bound.as_ref())?;
            let key = self.choose_key(&header)?;
            return self.check(message, recipient, &header, key);
        }
        let mut chosen = None;
        let mut reason = Rejected::MissingKid;
        self.read_headers(&message, protected, bound, |at, header| {
            if chosen.is_none() {
                match self.choose_key_among_recipients(&header) {
                    Ok(key) => chosen = Some((at, header, key)),
                    Err(Rejected::MissingKid) => {}
                    Err(rejected) => reason = rejected,
                }
            }
        })?;
        let (at, header, key) = chosen.ok_or(reason)?;
        let recipient = *message.recipients().get(at).ok_or(reason)?;
        self.check(message.for_recipient(recipient), recipient, &header, key)
    }

    /// Hands the header of each recipient to `take`, with the recipient's place in the list. All are
    /// looked at before a key is touched, so that what is accepted does not depend on whom it is
    /// for.
    fn read_headers<'h>(
        &self,
        message: &Message<'h>,
        protected: &'h str,
        bound: Option<BoundMember<'_>>,
        mut take: impl FnMut(usize, JoseHeader<'h>),
    ) -> Result<(), DecryptError> {
        let mut first_enc = None;
        for (at, recipient) in message.recipients().iter().enumerate() {
            let header = recipient_header(message, recipient, protected)?;
            self.check_header(&header, bound.as_ref())?;
            let enc = Enc::from_name(header.enc());
            if *first_enc.get_or_insert(enc) != enc {
                return Err(Malformed::RecipientsDiffer.into());
            }
            take(at, header);
        }
        Ok(())
    }

    /// Tries the keys that a message may be for: hands the message as it is for each of them to
    /// `open`, with the key's place in the list, until one opens it.
    pub(crate) fn try_each(
        &self,
        message: Message<'_>,
        bound: Option<BoundMember<'_>>,
        mut open: impl FnMut(usize, Pending<'_>) -> Result<(), DecryptError>,
    ) -> Result<(), DecryptError> {
        check_parts(&message, &self.limits)?;
        let mut buffer = HeaderBuffer::new();
        let protected = decode_header(message.protected(), &self.limits, &mut buffer)?;
        let mut candidates = Vec::new();
        let mut reason = Rejected::MissingKid;
        self.read_headers(&message, protected, bound, |at, header| {
            if self.keys.iter().any(|key| self.may_be_for(key, &header)) {
                candidates.push((at, header));
            } else {
                // Of several recipients, the one that comes closest says what is wrong.
                match self.nothing_to_try(&header) {
                    Rejected::MissingKid => {}
                    rejected if reason != Rejected::Alg => reason = rejected,
                    _ => {}
                }
            }
        })?;
        let mut outcome = reason.into();
        for (at, header) in &candidates {
            let recipient = *message.recipients().get(*at).ok_or(reason)?;
            let keys = self.keys.iter().enumerate();
            for (key_at, key) in keys.filter(|(_, key)| self.may_be_for(key, header)) {
                // A key that can't be meant, by the length of the encrypted key, is passed over.
                match self
                    .check(message.for_recipient(recipient), recipient, header, key)
                    .and_then(|pending| open(key_at, pending))
                {
                    Ok(()) => return Ok(()),
                    // What was tried once has failed, whatever is wrong for other keys.
                    Err(error) if outcome != DecryptError::DecryptionFailed => outcome = error,
                    Err(_) => {}
                }
            }
        }
        Err(outcome)
    }

    /// Whether a message may be meant for a key, where keys are tried.
    fn may_be_for(&self, key: &DecryptionKey, header: &JoseHeader<'_>) -> bool {
        self.is_named(key, header) && key.alg.name() == header.alg()
    }

    /// Whether a `kid`, or that there is none, leaves a key open.
    fn is_named(&self, key: &DecryptionKey, header: &JoseHeader<'_>) -> bool {
        match (header.kid(), self.kid) {
            (_, KidPolicy::Ignore) if self.is_one_key() => true,
            (None, KidPolicy::Match | KidPolicy::Ignore) => true,
            (None, KidPolicy::Require) => false,
            (named, _) => named == key.kid(),
        }
    }

    /// Whether the keys can be one that was imported for several algorithms, of which a message then
    /// picks one.
    fn is_one_key(&self) -> bool {
        self.keys.iter().enumerate().all(|(at, key)| {
            self.keys
                .iter()
                .take(at)
                .all(|earlier| earlier.kid() == key.kid() && earlier.alg != key.alg)
        })
    }

    /// Why no key is tried.
    fn nothing_to_try(&self, header: &JoseHeader<'_>) -> Rejected {
        if self.keys.iter().any(|key| self.is_named(key, header)) {
            Rejected::Alg
        } else if header.kid().is_none() {
            Rejected::MissingKid
        } else {
            Rejected::UnknownKid
        }
    }

    /// What a header says that is the same for all keys.
    fn check_header(
        &self,
        header: &JoseHeader<'_>,
        bound: Option<&BoundMember<'_>>,
    ) -> Result<(), Rejected> {
        if let Some(crit) = header.crit()
            && !self.understands(crit, header, bound)
        {
            return Err(Rejected::Crit);
        }
        if let Some(bound) = bound {
            bound.check(header)?;
        }
        match (header.zip(), self.max_inflated) {
            (None, _) | (Some(deflate::DEF), Some(_)) => Ok(()),
            _ => Err(Rejected::Zip),
        }
    }

    /// RFC 7516 §4.1.13: a list that is not empty, of names that are all there and understood, none
    /// twice and none of them one that the RFCs define.
    fn understands(
        &self,
        crit: &Value,
        header: &JoseHeader<'_>,
        bound: Option<&BoundMember<'_>>,
    ) -> bool {
        let Some(list) = crit.as_array().filter(|list| !list.is_empty()) else {
            return false;
        };
        list.iter().enumerate().all(|(at, name)| {
            name.as_str().is_some_and(|name| {
                !NOT_CRITICAL.contains(&name)
                    && (self.is_understood(name) || bound.is_some_and(|bound| bound.name == name))
                    && header.has(name)
            }) && !list.iter().take(at).any(|earlier| earlier == name)
        })
    }

    /// The place of a key in the list.
    pub(crate) fn place_of(&self, key: &DecryptionKey) -> Option<usize> {
        self.keys.iter().position(|own| core::ptr::eq(own, key))
    }

    fn check<'a>(
        &'a self,
        message: Message<'a>,
        recipient: Recipient<'a>,
        header: &JoseHeader<'_>,
        key: &'a DecryptionKey,
    ) -> Result<Pending<'a>, DecryptError> {
        let (enc, content) = self
            .accepted
            .iter()
            .find(|(enc, _)| enc.name() == header.enc())
            .copied()
            .ok_or(Rejected::Enc)?;
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
        let parameters = KeyParameters::of(header, key, self.max_iterations)?;
        let mut encrypted_key = [0; UNWRAP_BUFFER_LEN];
        let text = recipient.encrypted_key();
        let len = base64url::decoded_len(text.len());
        if len > encrypted_key.len() || !key.takes_encrypted_key_len(len, enc) {
            return Err(Malformed::Length(Segment::EncryptedKey).into());
        }
        let encrypted_key_len = base64url::decode_to_slice(text, &mut encrypted_key)
            .map_err(|_| Malformed::Base64(Segment::EncryptedKey))?;
        let inflate = header.zip().and(self.max_inflated);
        Ok(Pending {
            content: SealedContent::check(message, ContentSuite { enc, content, inflate })?,
            recipient,
            key,
            parameters,
            random: self.random,
            encrypted_key,
            encrypted_key_len,
        })
    }

    /// The key of a message for one recipient, which its `kid` names. An unknown `kid` is an error,
    /// not a search.
    fn choose_key(&self, header: &JoseHeader<'_>) -> Result<&DecryptionKey, Rejected> {
        match (self.keys.as_slice(), header.kid(), self.kid) {
            ([only], _, KidPolicy::Ignore) | ([only], None, KidPolicy::Match) => Ok(only),
            (keys, kid, policy)
                if self.try_keys && (kid.is_some() || policy != KidPolicy::Require) =>
            {
                let may_be_for = |key: &&DecryptionKey| self.may_be_for(key, header);
                keys.iter().find(may_be_for).ok_or_else(|| self.nothing_to_try(header))
            }
            (_, None, _) => Err(Rejected::MissingKid),
            (keys, Some(kid), _) => {
                keys.iter().find(|key| key.kid() == Some(kid)).ok_or(Rejected::UnknownKid)
            }
        }
    }

    /// The same for one of several recipients. The only key here is for a recipient without a name
    /// if the algorithm is its own.
    fn choose_key_among_recipients(
        &self,
        header: &JoseHeader<'_>,
    ) -> Result<&DecryptionKey, Rejected> {
        let key = self.choose_key(header)?;
        let named = header.kid().is_some() && key.kid() == header.kid();
        if named || key.alg.name() == header.alg() { Ok(key) } else { Err(Rejected::UnknownKid) }
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

/// Checks the lengths of the headers and that every part is base64url.
fn check_parts(message: &Message<'_>, limits: &Limits) -> Result<(), Malformed> {
    check_header_len(message.protected(), limits)?;
    let check =
        |text: &str, segment| base64url::check(text).map_err(|_| Malformed::Base64(segment));
    check(message.protected(), Segment::Header)?;
    let longest = limits.max_header_len.min(Limits::MAX_HEADER_LEN);
    let too_long = |header: Option<&str>| header.is_some_and(|header| header.len() > longest);
    if message.recipients().len() > limits.max_recipients {
        return Err(Malformed::TooManyRecipients);
    }
    // Only a message that was put together can have none.
    if message.recipients().is_empty() {
        return Err(Malformed::MessageMember("recipients"));
    }
    for recipient in message.recipients() {
        check(recipient.encrypted_key(), Segment::EncryptedKey)?;
        if too_long(recipient.header()) {
            return Err(Malformed::HeaderTooLong);
        }
    }
    if too_long(message.unprotected()) {
        return Err(Malformed::HeaderTooLong);
    }
    check_content_parts(message)
}

/// Checks that the parts that differ from message to message are base64url, those that
/// [`check_parts`] looks at last.
pub(crate) fn check_content_parts(message: &Message<'_>) -> Result<(), Malformed> {
    let check =
        |text: &str, segment| base64url::check(text).map_err(|_| Malformed::Base64(segment));
    check(message.iv(), Segment::Iv)?;
    check(message.ciphertext(), Segment::Ciphertext)?;
    check(message.tag(), Segment::Tag)?;
    check(message.aad().unwrap_or_default(), Segment::Aad)
}

#[cfg(test)]
mod tests {
    use super::Decrypter;
    use crate::alg::Alg;
    use crate::base64url;
    use crate::enc::Enc;
    use crate::error::{DecryptError, Malformed, Rejected, Segment};
    use crate::general::GeneralJson;
    use crate::key::{DecryptionKey, EncryptionKey};
    use crate::limits::Limits;
    use crate::message::{Message, Recipient};
    use crate::message_encrypter::{MessageEncrypter, MessageEncrypterBuilder};
    use crate::toy::{self, TOY};

    fn kw(byte: u8, kid: &str) -> (EncryptionKey, DecryptionKey) {
        toy::keys(Alg::A256Kw, 32, byte, kid)
    }

    /// A message of the general serialization for these keys, with a tag of its own.
    fn general(keys: &[&EncryptionKey]) -> String {
        let builder = MessageEncrypter::builder(&TOY, Enc::A256Gcm);
        let builder = keys.iter().fold(builder, |builder, key| builder.with_recipient(key));
        builder.build().unwrap().encrypt(&GeneralJson, b"text", b"").unwrap()
    }

    fn with_keys(keys: &[&DecryptionKey]) -> Decrypter {
        Decrypter::new(&TOY, keys.iter().copied().cloned(), &[Enc::A256Gcm, Enc::A128Gcm]).unwrap()
    }

    fn trying(keys: &[&DecryptionKey]) -> Decrypter {
        let keys = keys.iter().copied().cloned();
        Decrypter::trying_keys(&TOY, keys, &[Enc::A256Gcm, Enc::A128Gcm]).unwrap()
    }

    /// The outcome, and how many keys and contents were opened for it. The buffer of a message that
    /// is refused stays as it was.
    fn outcome(decrypter: &Decrypter, text: &str) -> (Result<(), DecryptError>, usize) {
        let message = Message::parse(text, &Limits::default()).unwrap();
        let (mut out, mut outcome) = (b"before".to_vec(), Ok(()));
        let opened = toy::opened(|| outcome = decrypter.decrypt_message_into(message, &mut out));
        assert_eq!(out, if outcome.is_ok() { b"beforetext".to_vec() } else { b"before".to_vec() });
        (outcome, opened)
    }

    fn refused(rejected: Rejected) -> (Result<(), DecryptError>, usize) {
        (Err(rejected.into()), 0)
    }

    const FAILED: Result<(), DecryptError> = Err(DecryptError::DecryptionFailed);

    #[test]
    fn the_first_recipient_that_a_key_is_named_by_is_opened() {
        let [(a, of_a), (b, of_b), (_, of_c)] = [kw(1, "a"), kw(2, "b"), kw(3, "c")];
        let text = general(&[&a, &b]);
        for keys in
            [&[&of_a][..], &[&of_b], &[&of_c, &of_b], &[&of_b, &of_a], &[&of_a, &of_b, &of_c]]
        {
            assert_eq!(outcome(&with_keys(keys), &text), (Ok(()), 2), "{keys:?}");
        }
        assert_eq!(outcome(&with_keys(&[&of_c]), &text), refused(Rejected::UnknownKid));
        assert_eq!(outcome(&trying(&[&of_c]), &text), refused(Rejected::UnknownKid));
        // The first one: the second is not tried when its encrypted key is not the key's.
        let (_, wrong_a) = kw(9, "a");
        assert_eq!(outcome(&with_keys(&[&wrong_a, &of_b]), &text), (FAILED, 2));
        assert_eq!(outcome(&trying(&[&wrong_a, &of_b]), &text), (Ok(()), 4));
        // Named, but for another algorithm.
        let (_, other_alg) = toy::keys(Alg::A256GcmKw, 32, 1, "a");
        assert_eq!(outcome(&with_keys(&[&other_alg]), &text), refused(Rejected::Alg));
        assert_eq!(outcome(&trying(&[&other_alg]), &text), refused(Rejected::Alg));
        assert_eq!(outcome(&trying(&[&other_alg, &of_b]), &text), (Ok(()), 2));
    }

    #[test]
    fn a_recipient_without_a_name_is_for_the_only_key_of_its_algorithm() {
        let [(a, of_a), (b, _)] = [kw(1, ""), kw(2, "")];
        let (gcm, of_gcm) = toy::keys(Alg::A256GcmKw, 32, 3, "");
        let text = general(&[&gcm, &a, &b]);
        assert_eq!(outcome(&with_keys(&[&of_a]), &text), (Ok(()), 2));
        assert_eq!(outcome(&with_keys(&[&of_gcm]), &text), (Ok(()), 2));
        assert_eq!(
            outcome(&with_keys(&[&of_a]).require_kid(), &text),
            refused(Rejected::MissingKid)
        );
        assert_eq!(outcome(&trying(&[&of_a]).require_kid(), &text), refused(Rejected::MissingKid));
        let (_, other) = toy::keys(Alg::A128GcmKw, 16, 3, "");
        assert_eq!(outcome(&with_keys(&[&other]), &text), refused(Rejected::UnknownKid));
        assert_eq!(outcome(&trying(&[&other]), &text), refused(Rejected::Alg));
        // Two of the same algorithm, of which the second is the key's.
        let text = general(&[&b, &a]);
        assert_eq!(outcome(&with_keys(&[&of_a]), &text), (FAILED, 2));
        assert_eq!(outcome(&trying(&[&of_a]), &text), (Ok(()), 4));
        let [(_, named), (_, also)] = [kw(1, "x"), kw(2, "y")];
        assert_eq!(outcome(&with_keys(&[&named, &also]), &text), refused(Rejected::MissingKid));
        assert_eq!(outcome(&trying(&[&named, &also]), &text), (Ok(()), 4));
    }

    #[test]
    fn keys_are_tried_by_their_kid_and_alg_only() {
        let (a, _) = kw(1, "a");
        let text = general(&[&a]);
        let (_, right) = kw(1, "a");
        let (_, wrong) = kw(2, "a");
        let (_, unnamed) = kw(1, "");
        let (_, other) = kw(1, "b");
        let (_, gcm) = toy::keys(Alg::A256GcmKw, 32, 1, "a");
        assert_eq!(outcome(&trying(&[&wrong, &wrong, &right, &wrong]), &text), (Ok(()), 6));
        assert_eq!(outcome(&trying(&[&wrong, &gcm]), &text), (FAILED, 2));
        assert_eq!(outcome(&trying(&[&wrong, &wrong]), &text), (FAILED, 4));
        assert_eq!(outcome(&trying(&[&unnamed, &other]), &text), refused(Rejected::UnknownKid));
        assert_eq!(outcome(&trying(&[&unnamed]), &text), refused(Rejected::UnknownKid));
        assert_eq!(outcome(&trying(&[&gcm]), &text), refused(Rejected::Alg));
        // What a kid of the message says is looked at unless there is one key and no doubt.
        assert_eq!(outcome(&trying(&[&other]).ignore_kid(), &text), (Ok(()), 2));
        assert_eq!(
            outcome(&trying(&[&other, &unnamed]).ignore_kid(), &text),
            refused(Rejected::UnknownKid)
        );
        // One key for several algorithms is one key.
        let (_, gcm_of_other) = toy::keys(Alg::A256GcmKw, 32, 1, "b");
        let several = trying(&[&gcm_of_other, &other]);
        assert_eq!(outcome(&several, &text), refused(Rejected::UnknownKid));
        assert_eq!(outcome(&several.ignore_kid(), &text), (Ok(()), 2));
        let two_names = trying(&[&gcm, &other]).ignore_kid();
        assert_eq!(outcome(&two_names, &text), refused(Rejected::Alg));
        // The first step says the same.
        for decrypter in [trying(&[&unnamed, &other]), trying(&[&gcm]), trying(&[&gcm, &gcm])] {
            let message = Message::parse(&text, &Limits::default()).unwrap();
            let early = decrypter.begin_message(message).map(|_| ());
            assert_eq!((early, 0), outcome(&decrypter, &text));
        }
    }

    /// Every header is read before a key is touched, however the key is chosen.
    #[test]
    fn all_headers_count() {
        let [(a, of_a), (b, of_b)] = [kw(1, "a"), kw(2, "b")];
        let text = general(&[&a, &b]);
        let with = |from: &str, to: &str| {
            assert_eq!(text.matches(from).count(), 1, "{from}");
            text.replace(from, to)
        };
        let enc = base64url::encode(br#"{"enc":"A256GCM"}"#);
        let split = |first: &str, second: &str| {
            with(&format!(r#""protected":"{enc}","#), "")
                .replace(r#""kid":"a""#, &format!(r#""kid":"a","enc":"{first}""#))
                .replace(r#""kid":"b""#, &format!(r#""kid":"b","enc":"{second}""#))
        };
        let malformed = |malformed: Malformed| (Err(malformed.into()), 0);
        for keys in [&[&of_a][..], &[&of_b], &[&of_a, &of_b]] {
            for decrypter in [with_keys(keys), trying(keys)] {
                let check = |text: &str, expected| {
                    assert_eq!(outcome(&decrypter, text), expected, "{keys:?} {text}");
                };
                for kid in ["a", "b"] {
                    let kid = format!(r#""kid":"{kid}""#);
                    check(
                        &with(&kid, &format!(r#"{kid},"e\u006ec":"A256GCM""#)),
                        malformed(Malformed::DuplicateMember),
                    );
                    check(
                        &with(&kid, &format!(r#"{kid},"zip":"DEF""#)),
                        malformed(Malformed::Unprotected("zip")),
                    );
                    check(
                        &with(&kid, &format!(r#"{kid},"crit":["x"]"#)),
                        malformed(Malformed::Unprotected("crit")),
                    );
                    check(&with(&kid, r#""kid":7"#), malformed(Malformed::MemberType("kid")));
                }
                check(&split("A256GCM", "A128GCM"), malformed(Malformed::RecipientsDiffer));
                check(&split("A256GCM", "unknown"), malformed(Malformed::RecipientsDiffer));
                check(&split("A128GCM", "A256GCM"), malformed(Malformed::RecipientsDiffer));
                // The same name in all of them is fine, but the header was authenticated.
                check(
                    &split("A256GCM", "A256GCM"),
                    (FAILED, if keys.len() == 2 && decrypter.try_keys { 4 } else { 2 }),
                );
                check(&split("unknown", "unknown"), refused(Rejected::Enc));
                check(&text, (Ok(()), 2));
            }
        }
    }

    /// What the policy says of a header holds for every way to choose a key.
    #[test]
    fn crit_and_zip_are_looked_at_before_a_key_is() {
        let [(a, of_a), (b, of_b)] = [kw(1, "a"), kw(2, "b")];
        for several in [false, true] {
            let builder = || {
                let builder = MessageEncrypter::builder(&TOY, Enc::A256Gcm).with_recipient(&a);
                if several { builder.with_recipient(&b) } else { builder }
            };
            let text = |builder: MessageEncrypterBuilder<'_>| {
                builder.build().unwrap().encrypt(&GeneralJson, b"text", b"").unwrap()
            };
            let critical = text(builder().with_critical_member("x", 1.into()));
            let compressed = text(builder().compress());
            for keys in [&[&of_a][..], &[&of_a, &of_b]] {
                for decrypter in [with_keys(keys), trying(keys)] {
                    assert_eq!(outcome(&decrypter, &critical), refused(Rejected::Crit));
                    assert_eq!(outcome(&decrypter, &compressed), refused(Rejected::Zip));
                    let each = several && keys.len() == 2 && decrypter.try_keys;
                    let lenient = decrypter.understand(&["x"]).allow_zip(4);
                    assert_eq!(outcome(&lenient, &critical), (Ok(()), 2));
                    assert_eq!(outcome(&lenient, &compressed), (Ok(()), 2));
                    let opened = if each { 4 } else { 2 };
                    assert_eq!(outcome(&lenient.allow_zip(3), &compressed), (FAILED, opened));
                }
            }
        }
    }

    /// A failure of a key is not hidden by what is wrong for others, before it or behind it.
    #[test]
    fn what_was_tried_has_failed() {
        let [(a, _), (b, of_b)] = [kw(1, "a"), kw(2, "b")];
        let (_, wrong_a) = kw(9, "a");
        let text = general(&[&a, &b]);
        let message = Message::parse(&text, &Limits::default()).unwrap();
        let cut = |at: usize| {
            let mut recipients = message.recipients().to_vec();
            let header = recipients[at].header().unwrap();
            recipients[at] = Recipient::new("QQ").with_header(header);
            message.clone().with_recipients(recipients)
        };
        let decrypter = trying(&[&wrong_a, &of_b]);
        let error = |message: Message<'_>| decrypter.decrypt_message(message).unwrap_err();
        assert_eq!(error(cut(1)), DecryptError::DecryptionFailed);
        assert_eq!(decrypter.decrypt_message(cut(0)).as_deref(), Ok(&b"text".to_vec()));
        let only_b = trying(&[&of_b]);
        let length = Malformed::Length(Segment::EncryptedKey);
        assert_eq!(only_b.decrypt_message(cut(1)).unwrap_err(), length.into());
        // The first step takes the first key of the algorithm.
        let (_, gcm) = toy::keys(Alg::A256GcmKw, 32, 1, "b");
        let decrypter = trying(&[&gcm, &of_b]);
        let pending = decrypter.begin_message(message.clone()).unwrap();
        assert_eq!((pending.alg(), pending.key().kid()), (Alg::A256Kw, Some("b")));
    }

    #[test]
    fn a_message_that_was_put_together_is_checked_like_one_that_was_read() {
        let (_, key) = kw(1, "");
        let decrypter = with_keys(&[&key]);
        let header = base64url::encode(br#"{"alg":"A256KW","enc":"A256GCM"}"#);
        let (wrapped, iv, tag) = ("A".repeat(54), "A".repeat(16), "A".repeat(22));
        let good = || Message::new(&header, &wrapped, &iv, "QQ", &tag);
        let error = |message: Message<'_>| decrypter.decrypt_message(message).unwrap_err();
        assert_eq!(error(good()), DecryptError::DecryptionFailed);
        assert_eq!(error(good().with_aad("QQ")), DecryptError::DecryptionFailed);
        let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(8192));
        let recipient = Recipient::new(&wrapped);
        for (message, malformed) in [
            (good().with_recipients(vec![]), Malformed::MessageMember("recipients")),
            (good().with_recipients(vec![recipient; 33]), Malformed::TooManyRecipients),
            (good().with_unprotected(&long), Malformed::HeaderTooLong),
            (
                good().with_recipients(vec![recipient, recipient.with_header(&long)]),
                Malformed::HeaderTooLong,
            ),
            (good().with_unprotected("[]"), Malformed::HeaderNotJson),
            (good().with_unprotected(r#"{"a":1}{}"#), Malformed::HeaderNotJson),
            (good().with_unprotected(r#"{"alg":"A256KW"}"#), Malformed::DuplicateMember),
        ] {
            assert_eq!(error(message.clone()), malformed.into());
            let trying = trying(&[&key]);
            assert_eq!(trying.decrypt_message(message).unwrap_err(), malformed.into());
        }
        for at in 0..6 {
            let part = |own: usize, text: &'static str| if own == at { "Q\"Q" } else { text };
            let message =
                Message::new(part(0, "QQ"), part(1, ""), part(2, ""), part(3, ""), part(4, ""))
                    .with_aad(part(5, "QQ"));
            assert_eq!(error(message).code(), "base64url", "{at}");
        }
    }
}
