//! What was found, and how far was looked.

use core::fmt;

use crate::cause::Cause;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The cause.
    pub cause: Cause,
    /// What was seen, in a sentence. Text of the token in it is shortened and escaped.
    pub what: String,
    /// What to change, in a sentence.
    pub change: String,
}

impl Finding {
    pub(crate) fn new(cause: Cause, what: impl Into<String>, change: impl Into<String>) -> Self {
        Self { cause, what: what.into(), change: change.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}. {}.", self.cause.code(), self.what, self.change)
    }
}

/// How far a token could be examined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Examined {
    /// Its text and parts: it is not a token, or its header can't be read.
    Text,
    /// What everybody can see: the header, and the lengths of the parts.
    Header,
    /// The encrypted key was opened, but not the content.
    EncryptedKey,
    /// Everything, the plaintext included.
    Content,
}

impl Examined {
    /// A stable name for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Header => "header",
            Self::EncryptedKey => "encrypted_key",
            Self::Content => "content",
        }
    }
}

/// All that was found about a token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnosis {
    /// What is wrong, from the outside of the token inwards. The first is the main cause: what comes
    /// after it was seen by looking past it.
    pub findings: Vec<Finding>,
    /// How far was looked. Without a private key that is [`Examined::Header`] at most, and a token
    /// without a finding may still be wrong further in.
    pub examined: Examined,
}

impl Diagnosis {
    /// Whether nothing is wrong, as far as was looked.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.findings.is_empty()
    }

    /// The main cause.
    #[must_use]
    pub fn main(&self) -> Option<&Finding> {
        self.findings.first()
    }
}
