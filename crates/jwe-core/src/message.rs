//! One JWE as the serializations see it (RFC 7516 §7).

use core::fmt;

use crate::error::Malformed;
use crate::json_serialization;
use crate::limits::Limits;
use crate::{compact, flattened, general};

/// The parts of a JWE: each part that is transmitted as base64url as that text, each unprotected
/// header as its JSON text.
///
/// Every [`Serialization`](crate::Serialization) reads and writes this type, so that one can be
/// turned into another without a key. The protected header stays the text as received, because
/// that text is authenticated (RFC 7516 §5.2, step 15).
///
/// `Debug` shows the lengths of the parts alone: a message may be long, and its text is its sender's.
#[derive(Clone, PartialEq, Eq)]
pub struct Message<'a> {
    protected: &'a str,
    unprotected: Option<&'a str>,
    recipients: Recipients<'a>,
    aad: Option<&'a str>,
    iv: &'a str,
    ciphertext: &'a str,
    tag: &'a str,
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("protected_len", &self.protected.len())
            .field("unprotected_len", &self.unprotected.map(str::len))
            .field("recipients", &self.recipients().len())
            .field("aad_len", &self.aad.map(str::len))
            .field("iv_len", &self.iv.len())
            .field("ciphertext_len", &self.ciphertext.len())
            .field("tag_len", &self.tag.len())
            .finish()
    }
}

/// One recipient takes no allocation.
#[derive(Clone)]
enum Recipients<'a> {
    One([Recipient<'a>; 1]),
    Several(Vec<Recipient<'a>>),
}

impl Recipients<'_> {
    fn as_slice(&self) -> &[Recipient<'_>] {
        match self {
            Self::One(one) => one,
            Self::Several(several) => several,
        }
    }
}

impl PartialEq for Recipients<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for Recipients<'_> {}

/// What a JWE holds for one of its recipients. `Debug` shows lengths alone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Recipient<'a> {
    header: Option<&'a str>,
    encrypted_key: &'a str,
}

impl fmt::Debug for Recipient<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recipient")
            .field("header_len", &self.header.map(str::len))
            .field("encrypted_key_len", &self.encrypted_key.len())
            .finish()
    }
}

impl<'a> Recipient<'a> {
    /// A recipient without a header of its own.
    #[must_use]
    pub fn new(encrypted_key: &'a str) -> Self {
        Self { header: None, encrypted_key }
    }

    /// The same with a per-recipient unprotected header, the text of a JSON object.
    #[must_use]
    pub fn with_header(mut self, json: &'a str) -> Self {
        self.header = Some(json);
        self
    }

    /// The JSON text of the per-recipient unprotected header, if there is one.
    #[must_use]
    pub fn header(&self) -> Option<&'a str> {
        self.header
    }

    /// The JWE encrypted key, empty where the algorithm has none.
    #[must_use]
    pub fn encrypted_key(&self) -> &'a str {
        self.encrypted_key
    }
}

impl<'a> Message<'a> {
    /// A message for one recipient whose header is all in the protected header.
    #[must_use]
    pub fn new(
        protected: &'a str,
        encrypted_key: &'a str,
        iv: &'a str,
        ciphertext: &'a str,
        tag: &'a str,
    ) -> Self {
        let recipients = Recipients::One([Recipient::new(encrypted_key)]);
        Self { protected, unprotected: None, recipients, aad: None, iv, ciphertext, tag }
    }

    /// The same with a shared unprotected header, the text of a JSON object.
    #[must_use]
    pub fn with_unprotected(mut self, json: &'a str) -> Self {
        self.unprotected = Some(json);
        self
    }

    /// The same with additional authenticated data, as base64url. An empty text is none at all, as
    /// no serialization can tell the two apart (RFC 7516 §7.2.1).
    #[must_use]
    pub fn with_aad(mut self, aad: &'a str) -> Self {
        self.aad = Some(aad).filter(|aad| !aad.is_empty());
        self
    }

    /// The same for these recipients instead.
    #[must_use]
    pub fn with_recipients(mut self, recipients: Vec<Recipient<'a>>) -> Self {
        self.recipients = match recipients.as_slice() {
            [one] => Recipients::One([*one]),
            _ => Recipients::Several(recipients),
        };
        self
    }

    /// Reads a message in whichever of the three serializations it is.
    ///
    /// # Errors
    /// [`Malformed`], as each of them has it.
    pub fn parse(text: &'a str, limits: &Limits) -> Result<Self, Malformed> {
        if !json_serialization::looks_like_json(text) {
            return compact::parse(text, limits);
        }
        let members = json_serialization::Members::parse(text, limits)?;
        if members.recipients.is_some() {
            general::of_members(members, limits)
        } else {
            flattened::of_members(members)
        }
    }

    /// The message as one of its recipients sees it, without the list of all of them.
    pub(crate) fn for_recipient(&self, recipient: Recipient<'a>) -> Self {
        let Self { protected, unprotected, recipients: _, aad, iv, ciphertext, tag } = *self;
        let recipients = Recipients::One([recipient]);
        Self { protected, unprotected, recipients, aad, iv, ciphertext, tag }
    }

    /// The protected header, empty if there is none.
    #[must_use]
    pub fn protected(&self) -> &'a str {
        self.protected
    }

    /// The JSON text of the shared unprotected header, if there is one.
    #[must_use]
    pub fn unprotected(&self) -> Option<&'a str> {
        self.unprotected
    }

    /// The recipients, at least one in a message that was parsed.
    #[must_use]
    pub fn recipients(&self) -> &[Recipient<'a>] {
        match &self.recipients {
            Recipients::One(one) => one,
            Recipients::Several(several) => several,
        }
    }

    /// The additional authenticated data, if there is any.
    #[must_use]
    pub fn aad(&self) -> Option<&'a str> {
        self.aad
    }

    /// The initialization vector.
    #[must_use]
    pub fn iv(&self) -> &'a str {
        self.iv
    }

    /// The ciphertext.
    #[must_use]
    pub fn ciphertext(&self) -> &'a str {
        self.ciphertext
    }

    /// The authentication tag.
    #[must_use]
    pub fn tag(&self) -> &'a str {
        self.tag
    }
}
