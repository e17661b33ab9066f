//! What is wrong with a configuration.

use std::borrow::Cow;
use std::fmt;

/// What is wrong with a configuration, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    code: &'static str,
    line: Option<usize>,
    text: String,
}

impl ConfigError {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self::with_code("config", text)
    }

    pub(crate) fn with_code(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, line: None, text: text.into() }
    }

    /// What the reader of TOML says, but for a value that has the wrong type: it may be a token, or a URL with a
    /// password, that was written in the wrong place.
    pub(super) fn parse(source: &str, error: &toml::de::Error) -> Self {
        let at = error.span().map(|span| span.start);
        let text = without_value(error.message()).trim_end().replace('\n', "; ");
        Self::new(text).at(source, at)
    }

    /// The same with the line in which the byte at `offset` of `source` is.
    pub(super) fn at(mut self, source: &str, offset: Option<usize>) -> Self {
        let before = offset.and_then(|offset| source.as_bytes().get(..offset));
        self.line = before
            .filter(|_| !source.is_empty())
            .map(|before| before.iter().filter(|byte| **byte == b'\n').count() + 1);
        self
    }

    /// The stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The line, counted from 1, where one can be named.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.line
    }
}

/// The text without the value that `invalid type` repeats, in quotes, of any length.
fn without_value(message: &str) -> Cow<'_, str> {
    const KIND: &str = "invalid type: ";
    let value = message.strip_prefix(KIND).and_then(|rest| rest.rsplit_once(", expected "));
    match value {
        Some((value, expected)) => {
            let what = value.split(['"', '`']).next().unwrap_or_default().trim_end();
            Cow::Owned(format!("{KIND}{what}, expected {expected}"))
        }
        None => Cow::Borrowed(message),
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.text)
    }
}

impl std::error::Error for ConfigError {}
