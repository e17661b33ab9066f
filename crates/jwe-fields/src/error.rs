//! What can go wrong, with the place and never with the value.

use core::fmt;

use jwe_core::{DecryptError, EncryptError, shown};

/// A place in a text, both counted from 1; the column counts bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The byte in the line.
    pub column: usize,
}

impl Position {
    /// The place of the byte at `offset`.
    pub(crate) fn of(text: &[u8], offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        Self {
            line: memchr::memchr_iter(b'\n', before).count() + 1,
            column: before.len() - line_start + 1,
        }
    }
}

impl Position {
    /// The same place in a text of which the one that it was counted in begins at `origin`.
    pub(crate) fn moved(self, origin: Self) -> Self {
        let column = if self.line == 1 { origin.column + self.column - 1 } else { self.column };
        Self { line: origin.line + self.line - 1, column }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} column {}", self.line, self.column)
    }
}

/// The six kinds of JSON values (RFC 8259 §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonKind {
    /// An object.
    Object,
    /// An array.
    Array,
    /// A string.
    String,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `null`.
    Null,
}

impl JsonKind {
    fn with_article(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::Array => "an array",
            Self::String => "a string",
            Self::Number => "a number",
            Self::Boolean => "a boolean",
            Self::Null => "null",
        }
    }
}

/// Why a document was not encrypted or not decrypted. The output is as it was before.
///
/// Pointers are JSON Pointers (RFC 6901) to values of the document, so they hold names that the
/// document's author chose. `Display` cuts long ones and escapes characters that could deceive a
/// reader of logs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldError {
    /// The document is longer than the limit.
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// The document starts with a byte order mark (RFC 8259 §8.1).
    ByteOrderMark,
    /// The document is not UTF-8.
    NotUtf8 {
        /// Where the first wrong byte is.
        position: Position,
    },
    /// The document is not JSON.
    NotJson {
        /// Where the text stops being JSON.
        position: Position,
        /// Whether the text ends there.
        ends_early: bool,
    },
    /// Arrays and objects nest too deep.
    TooDeep {
        /// The limit.
        limit: usize,
        /// Where it is exceeded.
        position: Position,
    },
    /// More values are selected than the limit allows.
    TooManyValues {
        /// The limit.
        limit: usize,
    },
    /// A JSONPath takes more work on this document than its size justifies.
    TooMuchWork {
        /// The text of the selector.
        selector: String,
    },
    /// A selector selects nothing.
    Missing {
        /// The text of the selector.
        selector: String,
    },
    /// A selected path goes through a name that appears twice in its object, or a filter asks for
    /// such a name or enumerates or compares such an object.
    Ambiguous {
        /// The member.
        pointer: String,
    },
    /// A selected value is inside another selected value.
    Overlap {
        /// The outer value.
        pointer: String,
        /// The inner value.
        inner: String,
    },
    /// A value is no string and the settings ask for strings.
    NotString {
        /// The value.
        pointer: String,
        /// What it is.
        found: JsonKind,
    },
    /// A string has an escape that is half of a surrogate pair, so it is no Unicode text.
    LoneSurrogate {
        /// The value.
        pointer: String,
    },
    /// A value to be encrypted is a JWE already.
    AlreadyEncrypted {
        /// The value.
        pointer: String,
    },
    /// A value to be decrypted is no JWE in compact serialization.
    NotEncrypted {
        /// The value.
        pointer: String,
    },
    /// The decrypted bytes are not padded as the settings have it.
    NotPadded {
        /// The value.
        pointer: String,
    },
    /// A value is to be bound to its path, in which a name has half of a surrogate pair, so that
    /// there is no Unicode text of it.
    PathNotUnicode {
        /// The value.
        pointer: String,
    },
    /// A value is to be bound to its path, which no header can hold.
    PathTooLong {
        /// The value.
        pointer: String,
    },
    /// Values are bound to the id of their record, and the document has none in its place, or an
    /// empty text.
    RecordIdMissing {
        /// The place.
        place: String,
    },
    /// The id of the record is neither a string nor a number.
    RecordIdType {
        /// The id.
        pointer: String,
        /// What it is.
        found: JsonKind,
    },
    /// The id of the record is selected, or is inside a selected value.
    RecordIdSelected {
        /// The id.
        pointer: String,
    },
    /// Values are bound to the id of a record that has to be given with each document, and it was
    /// not, or an empty one.
    RecordIdNotGiven,
    /// The id of a record was given, and values are not bound to one that is.
    RecordIdNotExpected,
    /// The decrypted bytes are not UTF-8.
    PlaintextNotUtf8 {
        /// The value.
        pointer: String,
    },
    /// The decrypted bytes are not one JSON value.
    PlaintextNotJson {
        /// The value.
        pointer: String,
    },
    /// The decrypted value would nest the document too deep.
    PlaintextTooDeep {
        /// The value.
        pointer: String,
        /// The limit.
        limit: usize,
    },
    /// The document would become too long with the decrypted value: a compressed value is much
    /// longer than its token.
    GrowsTooLong {
        /// The value.
        pointer: String,
        /// The limit in bytes.
        limit: usize,
    },
    /// A value could not be encrypted.
    Encrypt {
        /// The value.
        pointer: String,
        /// Why.
        error: EncryptError,
    },
    /// A value could not be decrypted.
    Decrypt {
        /// The value.
        pointer: String,
        /// Why.
        error: DecryptError,
    },
}

impl FieldError {
    /// A stable name for programs. An error of the engine keeps its own.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "document_too_long",
            Self::ByteOrderMark => "document_byte_order_mark",
            Self::NotUtf8 { .. } => "document_not_utf8",
            Self::NotJson { .. } => "document_not_json",
            Self::TooDeep { .. } => "document_too_deep",
            Self::TooManyValues { .. } => "too_many_values",
            Self::TooMuchWork { .. } => "selector_too_much_work",
            Self::Missing { .. } => "field_missing",
            Self::Ambiguous { .. } => "field_ambiguous",
            Self::Overlap { .. } => "field_overlap",
            Self::NotString { .. } => "field_not_string",
            Self::LoneSurrogate { .. } => "field_lone_surrogate",
            Self::AlreadyEncrypted { .. } => "field_already_encrypted",
            Self::NotEncrypted { .. } => "field_not_encrypted",
            Self::NotPadded { .. } => "plaintext_not_padded",
            Self::PathNotUnicode { .. } => "field_path_not_unicode",
            Self::PathTooLong { .. } => "field_path_too_long",
            Self::RecordIdMissing { .. } => "record_id_missing",
            Self::RecordIdType { .. } => "record_id_type",
            Self::RecordIdSelected { .. } => "record_id_selected",
            Self::RecordIdNotGiven => "record_id_not_given",
            Self::RecordIdNotExpected => "record_id_not_expected",
            Self::PlaintextNotUtf8 { .. } => "plaintext_not_utf8",
            Self::PlaintextNotJson { .. } => "plaintext_not_json",
            Self::PlaintextTooDeep { .. } => "plaintext_too_deep",
            Self::GrowsTooLong { .. } => "document_grows_too_long",
            Self::Encrypt { error, .. } => error.code(),
            Self::Decrypt { error, .. } => error.code(),
        }
    }

    /// The JSON Pointer (RFC 6901) of the value, or `None` when the error is about the document
    /// as a whole or about a selector. The empty pointer is the whole document.
    #[must_use]
    pub fn pointer(&self) -> Option<&str> {
        match self {
            Self::TooLong { .. }
            | Self::ByteOrderMark
            | Self::NotUtf8 { .. }
            | Self::NotJson { .. }
            | Self::TooDeep { .. }
            | Self::TooManyValues { .. }
            | Self::TooMuchWork { .. }
            | Self::Missing { .. }
            | Self::RecordIdMissing { .. }
            | Self::RecordIdNotGiven
            | Self::RecordIdNotExpected => None,
            Self::Ambiguous { pointer }
            | Self::Overlap { pointer, .. }
            | Self::NotString { pointer, .. }
            | Self::LoneSurrogate { pointer }
            | Self::AlreadyEncrypted { pointer }
            | Self::NotEncrypted { pointer }
            | Self::NotPadded { pointer }
            | Self::PathNotUnicode { pointer }
            | Self::PathTooLong { pointer }
            | Self::RecordIdType { pointer, .. }
            | Self::RecordIdSelected { pointer }
            | Self::PlaintextNotUtf8 { pointer }
            | Self::PlaintextNotJson { pointer }
            | Self::PlaintextTooDeep { pointer, .. }
            | Self::GrowsTooLong { pointer, .. }
            | Self::Encrypt { pointer, .. }
            | Self::Decrypt { pointer, .. } => Some(pointer),
        }
    }

    /// The text of the selector that the error is about, if it is about one.
    #[must_use]
    pub fn selector(&self) -> Option<&str> {
        match self {
            Self::Missing { selector } | Self::TooMuchWork { selector } => Some(selector),
            _ => None,
        }
    }

    /// The same error of a document that begins at this place of a longer text.
    pub(crate) fn moved(mut self, origin: Position) -> Self {
        if let Self::NotUtf8 { position }
        | Self::NotJson { position, .. }
        | Self::TooDeep { position, .. } = &mut self
        {
            *position = position.moved(origin);
        }
        self
    }

    /// The place in the document, if the error has one.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::NotUtf8 { position }
            | Self::NotJson { position, .. }
            | Self::TooDeep { position, .. } => Some(*position),
            _ => None,
        }
    }
}

/// Text from outside in an error message: quoted, cut, and with every character escaped that is
/// no plain text.
pub(crate) struct Shown<'a>(pub(crate) &'a str);

const LONGEST_SHOWN: usize = 100;

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for (count, character) in self.0.chars().enumerate() {
            if count == LONGEST_SHOWN {
                return f.write_str("…\"");
            }
            if shown::deceives(character) {
                write!(f, "{}", character.escape_unicode())?;
            } else {
                fmt::Write::write_char(f, character)?;
            }
        }
        f.write_str("\"")
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(pointer) = self.pointer() {
            if pointer.is_empty() {
                f.write_str("the whole document: ")?;
            } else {
                write!(f, "{}: ", Shown(pointer))?;
            }
        }
        match self {
            Self::TooLong { limit } => {
                write!(f, "the document is longer than {limit} bytes: split it or raise the limit")
            }
            Self::ByteOrderMark => f.write_str(
                "the document starts with a byte order mark: write it as UTF-8 without one",
            ),
            Self::NotUtf8 { position } => {
                write!(f, "the document is not UTF-8 at {position}: write it as UTF-8")
            }
            Self::NotJson { position, ends_early: true } => {
                write!(f, "the document is not JSON: it ends too early, at {position}")
            }
            Self::NotJson { position, ends_early: false } => {
                write!(f, "the document is not JSON at {position}")
            }
            Self::TooDeep { limit, position } => write!(
                f,
                "the document nests deeper than {limit} at {position}: raise the limit if it is yours"
            ),
            Self::TooManyValues { limit } => write!(
                f,
                "more than {limit} values are selected: select fewer or raise the limit"
            ),
            Self::TooMuchWork { selector } => write!(
                f,
                "{} takes too much work on this document: use a more direct path",
                Shown(selector)
            ),
            Self::Missing { selector } => write!(
                f,
                "{} selects nothing in the document: correct it, or have missing fields skipped",
                Shown(selector)
            ),
            Self::Ambiguous { .. } => f.write_str(
                "the name appears twice in its object, so it is open which one is meant: remove one",
            ),
            Self::Overlap { inner, .. } => write!(
                f,
                "overlaps with {}, which is inside it: select one of them",
                Shown(inner)
            ),
            Self::NotString { found, .. } => write!(
                f,
                "{} can't be taken as text: use the JSON encoding or select a string",
                found.with_article()
            ),
            Self::LoneSurrogate { .. } => f.write_str(
                "the string has half of a surrogate pair, so it is no Unicode text: correct it or use the JSON encoding",
            ),
            Self::AlreadyEncrypted { .. } => f.write_str(
                "the value is a JWE already: leave it out, or allow it to be left or encrypted again",
            ),
            Self::NotEncrypted { .. } => f.write_str(
                "the value is not encrypted (no JWE in compact serialization): have it encrypted, or allow clear values",
            ),
            Self::NotPadded { .. } => f.write_str(
                "the decrypted text is not padded to the length that is expected: use the padding of the sender",
            ),
            Self::PathNotUnicode { .. } => f.write_str(
                "a name on the way has half of a surrogate pair, so the value can't be bound to its path: correct the name",
            ),
            Self::PathTooLong { .. } => f.write_str(
                "the path of the value does not fit into a header, so the value can't be bound to it: use shorter names",
            ),
            Self::RecordIdMissing { place } => write!(
                f,
                "the record has no id at {}: add it, or correct the place",
                Shown(place)
            ),
            Self::RecordIdType { found, .. } => write!(
                f,
                "{} can't be the id of a record: use a string or a number",
                found.with_article()
            ),
            Self::RecordIdSelected { .. } => f.write_str(
                "the id of the record is selected, and is compared before anything is decrypted: do not select it",
            ),
            Self::RecordIdNotGiven => f.write_str(
                "values are bound to the id of a record, which was not given or is empty: give it with the document",
            ),
            Self::RecordIdNotExpected => f.write_str(
                "the id of a record was given, and values are not bound to one that is: leave it out, or bind to it",
            ),
            Self::PlaintextNotUtf8 { .. } => f.write_str(
                "the decrypted bytes are not UTF-8, so they can't stand in a document: use the padding of the sender, or decrypt the token by itself",
            ),
            Self::PlaintextNotJson { .. } => f.write_str(
                "the decrypted bytes are not one JSON value: use the text encoding if the sender did",
            ),
            Self::PlaintextTooDeep { limit, .. } => write!(
                f,
                "the decrypted value would nest the document deeper than {limit}: raise the limit if you trust the sender"
            ),
            Self::GrowsTooLong { limit, .. } => write!(
                f,
                "the document would be longer than {limit} bytes with the decrypted value: raise the limit if you trust the sender"
            ),
            Self::Encrypt { error, .. } => error.fmt(f),
            Self::Decrypt { error, .. } => error.fmt(f),
        }
    }
}

impl core::error::Error for FieldError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_from_one() {
        assert_eq!(Position::of(b"ab", 0), Position { line: 1, column: 1 });
        assert_eq!(Position::of(b"a\r\nb", 3), Position { line: 2, column: 1 });
        assert_eq!(Position::of(b"a\n\nbc", 4), Position { line: 3, column: 2 });
        let origin = Position { line: 7, column: 5 };
        assert_eq!(Position::of(b"abc", 2).moved(origin), Position { line: 7, column: 7 });
        assert_eq!(Position::of(b"a\nbc", 3).moved(origin), Position { line: 8, column: 2 });
    }

    #[test]
    fn names_of_others_are_shown_safely() {
        let error = FieldError::NotEncrypted { pointer: "/a\n\u{1b}[31m\u{202e}é".to_owned() };
        let shown = error.to_string();
        assert!(shown.starts_with("\"/a\\u{a}\\u{1b}[31m\\u{202e}é\": "), "{shown}");
        let error = FieldError::NotEncrypted { pointer: format!("/{}", "x".repeat(100_000)) };
        assert!(error.to_string().len() < 300);
        assert_eq!(error.pointer().unwrap().len(), 100_001);
    }

    #[test]
    fn the_engine_s_errors_keep_their_codes() {
        let error = FieldError::Decrypt {
            pointer: "/pin".to_owned(),
            error: DecryptError::DecryptionFailed,
        };
        assert_eq!(error.code(), "decryption_failed");
        assert_eq!(error.to_string(), "\"/pin\": the message could not be decrypted");
    }
}
