//! Which values of a document are meant.

use crate::document;
use crate::error::{FieldError, JsonKind};
use crate::index::Index;
use crate::limits::DocumentLimits;
use crate::options::Missing;
use crate::selector::{Selection, Selector};
use crate::settings_error::SettingsError;

/// A value that selectors select.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SelectedValue<'d> {
    /// What it is.
    pub kind: JsonKind,
    /// Its JSON text, as it stands in the document.
    pub json: &'d [u8],
}

impl core::fmt::Debug for SelectedValue<'_> {
    /// Without the value, which may be in clear.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SelectedValue").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// The values that a [`FieldDecrypter`](crate::FieldDecrypter) with these selectors would take, in the
/// order of the text, each with its JSON Pointer (RFC 6901): to look at a document without changing it.
///
/// # Errors
/// [`SettingsError`] for the selectors, and then [`FieldError`] for the document.
pub fn selected<'d>(
    document: &'d [u8],
    selectors: impl IntoIterator<Item = Selector>,
    missing: Missing,
    limits: &DocumentLimits,
) -> Result<Result<Vec<(String, SelectedValue<'d>)>, FieldError>, SettingsError> {
    let selection = Selection::new(selectors)?;
    Ok(select(document, &selection, missing, limits))
}

fn select<'d>(
    document: &'d [u8],
    selection: &Selection,
    missing: Missing,
    limits: &DocumentLimits,
) -> Result<Vec<(String, SelectedValue<'d>)>, FieldError> {
    document::check(document, limits)?;
    let mut index = Index::default();
    index.build(document, limits.max_depth())?;
    let mut nodes = Vec::new();
    selection.resolve(document, &index, missing, limits, &mut nodes)?;
    let value = |node| {
        let value = SelectedValue { kind: index.kind(node), json: index.raw(document, node) };
        (index.pointer(document, node), value)
    };
    Ok(nodes.into_iter().map(value).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointers(document: &str, selectors: &[&str], missing: Missing) -> Vec<(String, String)> {
        let selectors = selectors.iter().map(|text| text.parse().unwrap());
        let limits = DocumentLimits::default();
        let found = selected(document.as_bytes(), selectors, missing, &limits).unwrap();
        let text = |json: &[u8]| String::from_utf8(json.to_vec()).unwrap();
        found.unwrap().into_iter().map(|(pointer, value)| (pointer, text(value.json))).collect()
    }

    #[test]
    fn values_with_their_places() {
        let document = r#"{"a": ["x", {"b" : 1.0}], "c": null}"#;
        let found = pointers(document, &["/c", "$.a[*]"], Missing::Refuse);
        let wanted = [("/a/0", "\"x\""), ("/a/1", "{\"b\" : 1.0}"), ("/c", "null")]
            .map(|(pointer, json)| (pointer.to_owned(), json.to_owned()));
        assert_eq!(found, wanted);
        assert_eq!(pointers(document, &["/x"], Missing::Skip), []);
    }

    #[test]
    fn what_is_refused_elsewhere_is_refused_here() {
        let limits = DocumentLimits::default();
        let code = |document: &str, selector: &str| {
            selected(document.as_bytes(), [selector.parse().unwrap()], Missing::Refuse, &limits)
                .unwrap()
                .unwrap_err()
                .code()
        };
        assert_eq!(code("{", "/a"), "document_not_json");
        assert_eq!(code("{}", "/a"), "field_missing");
        assert_eq!(code(r#"{"a":1,"a":2}"#, "/a"), "field_ambiguous");
        let none = selected(b"{}", [], Missing::Refuse, &limits).unwrap_err();
        assert_eq!(none.code(), "selector_none");
        let value = SelectedValue { kind: JsonKind::String, json: b"\"s3cret\"" };
        assert!(!format!("{value:?}").contains("s3cret"));
    }
}
