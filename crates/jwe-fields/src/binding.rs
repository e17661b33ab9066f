//! What values are bound to: where they stand, and in which record.

use jwe_core::{BindingDecrypter, BindingEncrypter, Decrypter, EncrypterBuilder};

use crate::document_record::DocumentRecord;
use crate::pointer::Pointer;
use crate::settings_error::SettingsError;

/// The header member that says what a value is bound to. No registry has it (RFC 7516 §4.3).
pub(crate) const MEMBER: &str = "bound";
/// The string in it that is the JSON Pointer of the value.
pub(crate) const FIELD: &str = "field";
/// The string in it that is the id of the record.
pub(crate) const RECORD: &str = "record";

/// To what each value is bound, so that a JWE that is found in another field or another record than
/// the one for which it was made is refused.
///
/// The protected header of each JWE gets a member `bound`, such as
/// `{"field": "/accounts/0/iban", "record": "42"}`, which `crit` lists: a recipient who does not
/// expect it refuses the JWE (RFC 7516 §4.1.13), and one who does refuses those that lack it. On
/// decryption both have to be the same, before a key is touched.
///
/// The field is the JSON Pointer (RFC 6901) of the value in its document, which for a record of a
/// stream is the record; that of a cell of CSV is the name of its column behind a slash. An element
/// of an array is bound to its position. So whoever renames a member or moves an element has to
/// encrypt anew.
///
/// Path and id can be read by everybody. What is not bound to is not protected: without the id of a
/// record, the same field of two records can be exchanged; and values can always be put back that
/// stood in the same place before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Binding {
    record: RecordId,
}

/// Where the id of a record is from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum RecordId {
    #[default]
    None,
    Given,
    At(String),
}

impl Binding {
    /// To the field alone.
    #[must_use]
    pub fn to_field() -> Self {
        Self::default()
    }

    /// To the record as well, whose id is given with each document:
    /// [`FieldEncrypter::encrypt_record`](crate::FieldEncrypter::encrypt_record),
    /// [`FieldDecrypter::decrypt_record`](crate::FieldDecrypter::decrypt_record). For records whose
    /// id does not stand in them, or that whoever changes them could give another one.
    #[must_use]
    pub fn with_record(mut self) -> Self {
        self.record = RecordId::Given;
        self
    }

    /// To the record as well, whose id stands in it: in a document at this JSON Pointer (RFC 6901), a
    /// string or a number; in CSV in the column of this name. It has to be in clear and not empty.
    ///
    /// The id is the text of the string, or the number as it is written, so that `42` and `"42"` are
    /// one id, and `42` and `42.0` are two.
    ///
    /// This shows that values belong to the id beside which they stand, and not that the record with
    /// this id is the one that was asked for.
    #[must_use]
    pub fn with_record_at(mut self, place: impl Into<String>) -> Self {
        self.record = RecordId::At(place.into());
        self
    }

    /// The record of a document.
    pub(crate) fn document(self) -> Result<DocumentRecord, SettingsError> {
        Ok(match self.record {
            RecordId::None => DocumentRecord::None,
            RecordId::Given => DocumentRecord::Given,
            RecordId::At(place) => match Pointer::parse(&place) {
                Some(pointer) => DocumentRecord::At { place, pointer },
                None => return Err(SettingsError::RecordIdPlace { place }),
            },
        })
    }

    /// The column of the record's id, which is none of these.
    pub(crate) fn column(self, selected: &[String]) -> Result<Option<String>, SettingsError> {
        match self.record {
            RecordId::None => Ok(None),
            RecordId::Given => Err(SettingsError::RecordOfRow),
            RecordId::At(name) if selected.contains(&name) => {
                Err(SettingsError::RecordIdSelected { column: name })
            }
            RecordId::At(name) => Ok(Some(name)),
        }
    }
}

/// An encrypter that binds.
pub(crate) fn encrypter(builder: EncrypterBuilder<'_>) -> Result<BindingEncrypter, SettingsError> {
    Ok(builder.build_binding(MEMBER)?)
}

/// A decrypter that expects values to be bound.
pub(crate) fn decrypter(decrypter: Decrypter) -> Result<BindingDecrypter, SettingsError> {
    Ok(BindingDecrypter::new(decrypter, MEMBER)?)
}

/// Checks that a decrypter opens nothing that is bound, as nobody would look at what it is bound to.
pub(crate) fn check_unaware(decrypter: &Decrypter) -> Result<(), SettingsError> {
    if decrypter.is_understood(MEMBER) {
        return Err(SettingsError::BoundUnchecked);
    }
    Ok(())
}
