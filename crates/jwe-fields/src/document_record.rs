//! The id of the record that a document is.

use crate::error::{FieldError, JsonKind};
use crate::index::{Index, NodeId};
use crate::json_string::unescape_into;
use crate::pointer::Pointer;

/// Where the id of a document is from.
#[derive(Clone, Debug)]
pub(crate) enum DocumentRecord {
    /// Values are not bound to a record.
    None,
    /// Each call gives it.
    Given,
    /// It stands in the document.
    At {
        /// The text of the pointer.
        place: String,
        pointer: Pointer,
    },
}

impl DocumentRecord {
    /// Checks that the id was given with the document just where it has to be.
    ///
    /// # Errors
    /// [`FieldError::RecordIdNotGiven`], [`FieldError::RecordIdNotExpected`].
    pub(crate) fn check(&self, given: Option<&str>) -> Result<(), FieldError> {
        match (self, given) {
            (Self::Given, None | Some("")) => Err(FieldError::RecordIdNotGiven),
            (Self::None | Self::At { .. }, Some(_)) => Err(FieldError::RecordIdNotExpected),
            _ => Ok(()),
        }
    }

    /// The id, of which `buffer` may hold the text. `None` if values are not bound to one.
    ///
    /// # Errors
    /// [`FieldError`].
    pub(crate) fn id<'a>(
        &self,
        given: Option<&'a str>,
        document: &[u8],
        index: &Index,
        selected: &[NodeId],
        buffer: &'a mut Vec<u8>,
    ) -> Result<Option<&'a str>, FieldError> {
        let Self::At { place, pointer } = self else { return Ok(given) };
        let missing = || FieldError::RecordIdMissing { place: place.clone() };
        let node = pointer
            .resolve(document, index)
            .map_err(|node| FieldError::Ambiguous { pointer: index.pointer(document, node) })?
            .ok_or_else(missing)?;
        let at = || index.pointer(document, node);
        if selected.iter().any(|selected| index.subtree(*selected).contains(&node)) {
            return Err(FieldError::RecordIdSelected { pointer: at() });
        }
        buffer.clear();
        match index.kind(node) {
            JsonKind::String => {
                let content = index.string_content(document, node);
                unescape_into(content, buffer)
                    .map_err(|_| FieldError::LoneSurrogate { pointer: at() })?;
            }
            JsonKind::Number => buffer.extend_from_slice(index.raw(document, node)),
            found => return Err(FieldError::RecordIdType { pointer: at(), found }),
        }
        match core::str::from_utf8(buffer) {
            Ok("") => Err(missing()),
            Ok(id) => Ok(Some(id)),
            Err(_) => Err(FieldError::LoneSurrogate { pointer: at() }),
        }
    }
}
