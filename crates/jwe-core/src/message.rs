//! One JWE as the serializations see it (RFC 7516 §7).

/// The parts of a JWE, each as the base64url text that is transmitted.
///
/// Every [`Serialization`](crate::Serialization) reads and writes this type, so that one can be
/// turned into another without a key. The protected header stays the text as received, because
/// that text is authenticated (RFC 7516 §5.2, step 15).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    protected: &'a str,
    recipients: [Recipient<'a>; 1],
    iv: &'a str,
    ciphertext: &'a str,
    tag: &'a str,
}

/// What a JWE holds for one of its recipients.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recipient<'a> {
    encrypted_key: &'a str,
}

impl Recipient<'_> {
    /// The JWE encrypted key, empty where the algorithm has none.
    #[must_use]
    pub fn encrypted_key(&self) -> &str {
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
        Self { protected, recipients: [Recipient { encrypted_key }], iv, ciphertext, tag }
    }

    /// The protected header.
    #[must_use]
    pub fn protected(&self) -> &str {
        self.protected
    }

    /// The recipients, at least one.
    #[must_use]
    pub fn recipients(&self) -> &[Recipient<'a>] {
        &self.recipients
    }

    /// The initialization vector.
    #[must_use]
    pub fn iv(&self) -> &str {
        self.iv
    }

    /// The ciphertext.
    #[must_use]
    pub fn ciphertext(&self) -> &str {
        self.ciphertext
    }

    /// The authentication tag.
    #[must_use]
    pub fn tag(&self) -> &str {
        self.tag
    }
}
