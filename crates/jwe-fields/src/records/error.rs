//! What can go wrong with a stream of records, with the place and never with the value.

use core::fmt;
use std::io;

use super::csv_row::RowError;
use crate::error::{FieldError, Position, Shown};

/// Why one record was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordError {
    /// The record is longer than the limit.
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// The row is not as RFC 4180 has it, or not as long as the first one.
    Row(RowError),
    /// The document, or one of its values, or a cell, whose column the pointer then names.
    Field(FieldError),
}

impl RecordError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "record_too_long",
            Self::Row(error) => error.code(),
            Self::Field(error) => error.code(),
        }
    }

    /// The JSON Pointer (RFC 6901) of the value that the error is about, if it is about one. That of
    /// a cell is the name of its column behind a slash.
    #[must_use]
    pub fn pointer(&self) -> Option<&str> {
        match self {
            Self::Field(error) => error.pointer(),
            _ => None,
        }
    }

    /// The text of the selector that the error is about, if it is about one.
    #[must_use]
    pub fn selector(&self) -> Option<&str> {
        match self {
            Self::Field(error) => error.selector(),
            _ => None,
        }
    }
}

impl RecordError {
    /// The same error of a record that begins at this place of the input.
    pub(crate) fn moved(self, origin: Position) -> Self {
        match self {
            Self::Field(error) => Self::Field(error.moved(origin)),
            other => other,
        }
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { limit } => {
                write!(f, "the record is longer than {limit} bytes: split it or raise the limit")
            }
            Self::Row(error) => error.fmt(f),
            Self::Field(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for RecordError {}

impl From<FieldError> for RecordError {
    fn from(error: FieldError) -> Self {
        Self::Field(error)
    }
}

impl From<RowError> for RecordError {
    fn from(error: RowError) -> Self {
        Self::Row(error)
    }
}

/// It can't be told where a record ends, so nothing behind it can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FramingError {
    /// The text does not begin with `[`.
    NotArray,
    /// The text ends before the array does.
    ArrayEndsEarly,
    /// Something else stands where a value has to.
    ValueExpected,
    /// Something else stands where `,` or `]` has to.
    SeparatorExpected,
    /// Something stands behind the array.
    BehindArray,
}

impl FramingError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotArray => "stream_not_array",
            Self::ArrayEndsEarly => "stream_ends_early",
            Self::ValueExpected | Self::SeparatorExpected | Self::BehindArray => "stream_not_json",
        }
    }
}

impl fmt::Display for FramingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotArray => "the text is not a JSON array: choose the format that the input has",
            Self::ArrayEndsEarly => "the text ends before its array does: get the rest of it",
            Self::ValueExpected => "a value of the array has to stand here: correct the text",
            Self::SeparatorExpected => {
                "a comma or the end of the array has to stand here: correct the text"
            }
            Self::BehindArray => "something stands behind the array: remove it",
        })
    }
}

impl core::error::Error for FramingError {}

/// Why a stream ended before its input did. What was handed to the sink before is whole.
#[derive(Debug)]
#[non_exhaustive]
pub enum StreamError {
    /// A record was refused, and [`RecordStream::with_rejects`](super::RecordStream::with_rejects)
    /// is not set.
    Record {
        /// Which record, from 1.
        record: u64,
        /// The line in which it begins, from 1.
        line: u64,
        /// Why.
        error: RecordError,
    },
    /// It can't be told where the next record ends.
    Framing {
        /// The record behind which it is, from 1; 0 if it is the first.
        record: u64,
        /// The line, from 1.
        line: u64,
        /// Why.
        error: FramingError,
    },
    /// The first row has no column of this name.
    NoColumn {
        /// The name.
        name: String,
    },
    /// The first row has this name twice, so it is open which column is meant.
    AmbiguousColumn {
        /// The name.
        name: String,
    },
    /// The first row is not as RFC 4180 has it, or longer than the limit, so that columns have no
    /// names.
    Header(RecordError),
    /// The input can't be read.
    Read(io::Error),
    /// The sink did not take what it was given.
    Write(io::Error),
    /// The sink asked to stop.
    Stopped,
    /// The input is not the one that was begun with.
    OtherInput,
}

impl StreamError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Record { error, .. } | Self::Header(error) => error.code(),
            Self::Framing { error, .. } => error.code(),
            Self::NoColumn { .. } => "column_missing",
            Self::AmbiguousColumn { .. } => "column_ambiguous",
            Self::Read(_) => "input",
            Self::Write(_) => "output",
            Self::Stopped => "stopped",
            Self::OtherInput => "input_changed",
        }
    }
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record { record, line, error } => {
                write!(f, "line {line}, record {record}: {error}")
            }
            Self::Framing { line, error, .. } => write!(f, "line {line}: {error}"),
            Self::NoColumn { name } => write!(
                f,
                "the first row has no column {}: correct the name or the delimiter, or add a row of names",
                Shown(name)
            ),
            Self::AmbiguousColumn { name } => write!(
                f,
                "the first row has the column {} twice, so it is open which one is meant: rename one",
                Shown(name)
            ),
            Self::Header(error) => write!(f, "the first row, which names the columns: {error}"),
            Self::Read(error) => write!(f, "the input can't be read: {error}"),
            Self::Write(error) => write!(f, "the output can't be written: {error}"),
            Self::Stopped => f.write_str("stopped before the end of the input"),
            Self::OtherInput => f.write_str(
                "the input is not the one that was begun with: give that one, or begin anew",
            ),
        }
    }
}

impl core::error::Error for StreamError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Record { error, .. } | Self::Header(error) => Some(error),
            Self::Framing { error, .. } => Some(error),
            Self::Read(error) | Self::Write(error) => Some(error),
            _ => None,
        }
    }
}
