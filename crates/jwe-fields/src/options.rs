//! What encryption and decryption do with values that are not as expected.

use crate::limits::DocumentLimits;
use crate::padding::Padding;

/// What a selector that selects nothing means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Missing {
    /// An error, so that a misspelt path does not leave a secret in the clear.
    #[default]
    Refuse,
    /// Nothing is done for it.
    Skip,
}

/// What bytes of a value are the plaintext of its JWE.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlaintextEncoding {
    /// The UTF-8 bytes of the string's value, without quotes and escapes. Decryption writes a JSON
    /// string. Values that are no strings are up to [`NonString`].
    #[default]
    Text,
    /// The value's JSON text, byte for byte as it stands in the document, whatever it is: the way
    /// for numbers, for null and for whole subtrees. Decryption writes the plaintext back as it
    /// is, if it is one JSON value.
    Json,
}

/// What encryption does with a selected value that is no string, under
/// [`PlaintextEncoding::Text`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum NonString {
    /// An error.
    #[default]
    Refuse,
    /// The plaintext of a number or a boolean is its JSON text (`5`, `1.0`, `true`). Decryption
    /// can't tell it from a string and writes a string (`"5"`). Null, arrays and objects are
    /// still refused.
    JsonText,
}

/// What encryption does with a selected value that is a JWE in compact serialization already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AlreadyEncrypted {
    /// An error, so that a step that runs twice is noticed.
    #[default]
    Refuse,
    /// The value stays as it is. Whoever sends the document then decides what is encrypted:
    /// anything with the looks of a JWE goes through.
    Leave,
    /// The value is encrypted like any other string.
    EncryptAgain,
}

/// What decryption does with a selected value that is no JWE in compact serialization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClearValue {
    /// An error, so that nobody can pass off a value of their own as one that was encrypted.
    #[default]
    Refuse,
    /// The value stays as it is, a damaged token too. The reader can then no longer tell which values
    /// were encrypted.
    Leave,
}

/// Which values are encrypted with the same content encryption key (CEK).
///
/// RFC 7516 §5.1 has a sender generate a CEK for each message, and that is the default. Values that
/// share one are JWEs like any other, each with an initialization vector of its own, that any
/// recipient reads; what they save is the key operation, which for RSA is nearly all of the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShareCek {
    /// Each value has a CEK of its own.
    #[default]
    No,
    /// The values of one document, or of one row of CSV, share a CEK; those of two documents never
    /// do. Their encrypted keys are then equal, so that everybody can see which values were
    /// encrypted together, even after they were taken apart, and whoever is given the CEK of one
    /// value can decrypt the others of its document.
    Document,
}

/// The settings of a [`FieldEncrypter`](crate::FieldEncrypter).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EncryptOptions {
    pub(crate) missing: Missing,
    pub(crate) encoding: PlaintextEncoding,
    pub(crate) non_string: NonString,
    pub(crate) already_encrypted: AlreadyEncrypted,
    pub(crate) share_cek: ShareCek,
    pub(crate) padding: Padding,
    pub(crate) limits: DocumentLimits,
}

impl EncryptOptions {
    /// The defaults: everything unexpected is refused, the plaintext is the string's text, as it is.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What a selector that selects nothing means.
    #[must_use]
    pub fn with_missing(mut self, missing: Missing) -> Self {
        self.missing = missing;
        self
    }

    /// What bytes of a value are the plaintext.
    #[must_use]
    pub fn with_encoding(mut self, encoding: PlaintextEncoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// What happens to a value that is no string.
    #[must_use]
    pub fn with_non_string(mut self, non_string: NonString) -> Self {
        self.non_string = non_string;
        self
    }

    /// What happens to a value that is a JWE already.
    #[must_use]
    pub fn with_already_encrypted(mut self, already_encrypted: AlreadyEncrypted) -> Self {
        self.already_encrypted = already_encrypted;
        self
    }

    /// Which values are encrypted with the same CEK.
    #[must_use]
    pub fn with_share_cek(mut self, share_cek: ShareCek) -> Self {
        self.share_cek = share_cek;
        self
    }

    /// To which length texts are padded. The recipient has to be told.
    #[must_use]
    pub fn with_padding(mut self, padding: Padding) -> Self {
        self.padding = padding;
        self
    }

    /// How large a document may be.
    #[must_use]
    pub fn with_limits(mut self, limits: DocumentLimits) -> Self {
        self.limits = limits;
        self
    }
}

/// The settings of a [`FieldDecrypter`](crate::FieldDecrypter).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecryptOptions {
    pub(crate) missing: Missing,
    pub(crate) encoding: PlaintextEncoding,
    pub(crate) clear_value: ClearValue,
    pub(crate) padding: Padding,
    pub(crate) limits: DocumentLimits,
}

impl DecryptOptions {
    /// The defaults: everything unexpected is refused, the plaintext is the string's text, as it is.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What a selector that selects nothing means.
    #[must_use]
    pub fn with_missing(mut self, missing: Missing) -> Self {
        self.missing = missing;
        self
    }

    /// What the sender took as the plaintext.
    #[must_use]
    pub fn with_encoding(mut self, encoding: PlaintextEncoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// What happens to a value that is no JWE.
    #[must_use]
    pub fn with_clear_value(mut self, clear_value: ClearValue) -> Self {
        self.clear_value = clear_value;
        self
    }

    /// To which length the sender pads texts. A plaintext that is not padded in just this way is
    /// refused.
    #[must_use]
    pub fn with_padding(mut self, padding: Padding) -> Self {
        self.padding = padding;
        self
    }

    /// How large a document may be.
    #[must_use]
    pub fn with_limits(mut self, limits: DocumentLimits) -> Self {
        self.limits = limits;
        self
    }
}
