//! Why settings do not fit together.

use core::fmt;

use jwe_core::SetupError;

use crate::error::Shown;
use crate::selector::SelectorError;

/// Why an encrypter or a decrypter of values can't be made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingsError {
    /// The list of selectors or of columns is of no use.
    Selector(SelectorError),
    /// The engine can't be set up.
    Setup(SetupError),
    /// Texts are to be padded, and the plaintext is JSON.
    PaddingOfJson,
    /// Texts are to be padded, and then compressed, so that their length tells what is in them again.
    PaddingCompressed,
    /// The decrypter understands the header member `bound`, whose value would be looked at by nobody.
    BoundUnchecked,
    /// The place of a record's id in documents is no JSON Pointer (RFC 6901).
    RecordIdPlace {
        /// Its text.
        place: String,
    },
    /// The id of a record is to be given with each row of CSV, and there is no call for one row.
    RecordOfRow,
    /// The id of a record is to be encrypted.
    RecordIdSelected {
        /// Its column of CSV.
        column: String,
    },
}

impl SettingsError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Selector(error) => error.code(),
            Self::Setup(error) => error.code(),
            Self::PaddingOfJson => "padding_of_json",
            Self::PaddingCompressed => "padding_compressed",
            Self::BoundUnchecked => "bound_unchecked",
            Self::RecordIdPlace { .. } => "record_id_place",
            Self::RecordOfRow => "record_of_row",
            Self::RecordIdSelected { .. } => "record_id_selected",
        }
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Selector(error) => error.fmt(f),
            Self::Setup(error) => error.fmt(f),
            Self::PaddingOfJson => f.write_str(
                "padding is for the text encoding, and not for JSON: choose one of the two",
            ),
            Self::PaddingCompressed => f.write_str(
                "compression undoes padding, as the length then tells what is in a value: choose one of the two",
            ),
            Self::BoundUnchecked => f.write_str(
                "the decrypter understands the header member \"bound\", which has to be compared with the place of \
                 each value: make the field decrypter with a binding, and leave the member to it",
            ),
            Self::RecordIdPlace { place } => write!(
                f,
                "{} is no JSON Pointer (RFC 6901), and a document has its record id at one: write it like /id",
                Shown(place)
            ),
            Self::RecordOfRow => f.write_str(
                "a row of CSV has its record id in a column: name that column",
            ),
            Self::RecordIdSelected { column } => write!(
                f,
                "the column {} is the record id, which is compared before anything is decrypted: do not encrypt it",
                Shown(column)
            ),
        }
    }
}

impl core::error::Error for SettingsError {}

impl From<SelectorError> for SettingsError {
    fn from(error: SelectorError) -> Self {
        Self::Selector(error)
    }
}

impl From<SetupError> for SettingsError {
    fn from(error: SetupError) -> Self {
        Self::Setup(error)
    }
}
