//! What stands between the cells of a row of CSV.

use core::fmt;

/// The byte between the cells of a row of CSV.
///
/// It is ASCII, and nothing that stands in a JWE or that means something else in CSV: no letter, no
/// digit, none of `-`, `_` and `.`, no quote and no line end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delimiter(u8);

impl Delimiter {
    /// `,`, as RFC 4180 has it: the default.
    pub const COMMA: Self = Self(b',');
    /// `;`, where the comma is the decimal point.
    pub const SEMICOLON: Self = Self(b';');
    /// The tabulator, of `text/tab-separated-values`. Quotes mean there what they do in CSV.
    pub const TAB: Self = Self(b'\t');

    /// This byte as a delimiter.
    ///
    /// # Errors
    /// [`DelimiterError`] if it can't be one.
    pub fn new(byte: u8) -> Result<Self, DelimiterError> {
        let is_taken = byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_' | b'.' | b'"' | b'\r' | b'\n');
        if byte.is_ascii() && !is_taken { Ok(Self(byte)) } else { Err(DelimiterError { byte }) }
    }

    /// The byte.
    #[must_use]
    pub fn get(self) -> u8 {
        self.0
    }
}

impl Default for Delimiter {
    fn default() -> Self {
        Self::COMMA
    }
}

/// A byte that can't be a delimiter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DelimiterError {
    /// The byte.
    pub byte: u8,
}

impl DelimiterError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        "delimiter"
    }
}

impl fmt::Display for DelimiterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "'{}' can't stand between cells: use an ASCII character such as ',', ';' or the tabulator",
            self.byte.escape_ascii()
        )
    }
}

impl core::error::Error for DelimiterError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_else_is_refused() {
        for byte in *b",;\t|: \x1f\0" {
            assert_eq!(Delimiter::new(byte).map(Delimiter::get), Ok(byte));
        }
        for byte in *b"aZ09-_.\"\r\n\x80\xff" {
            assert_eq!(Delimiter::new(byte), Err(DelimiterError { byte }));
        }
        assert_eq!(Delimiter::default().get(), b',');
        let error = Delimiter::new(b'\n').unwrap_err();
        assert!(error.to_string().starts_with("'\\n' can't stand between cells: use "));
        assert_eq!(error.code(), "delimiter");
    }
}
