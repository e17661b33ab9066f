//! Which values of a document are meant.

use core::fmt;
use core::str::FromStr;

use crate::error::{FieldError, Shown};
use crate::index::{Index, NodeId};
use crate::json_path::{JsonPath, Stop};
use crate::limits::DocumentLimits;
use crate::options::Missing;
use crate::pointer::Pointer;

/// A JSON Pointer (RFC 6901) or a JSONPath (RFC 9535), parsed.
///
/// A text that starts with `$` is a JSONPath; one that starts with `/` is a JSON Pointer, and so
/// is the empty text, which selects the whole document.
///
/// A JSON Pointer selects one value: `/user/password`, `/accounts/0/iban`. The token `-` (the
/// element after the last) selects nothing.
///
/// A JSONPath selects any number: `$.accounts[*].iban`, `$..password`,
/// `$.fields[?@.secret == true].value`. All of RFC 9535 is understood, except that the pattern of
/// `match()` and `search()` must be a quoted string that is a regular expression and that brackets and parentheses nest 32 deep at
/// most. A path whose work grows too fast with the document is given up.
///
/// ```
/// use jwe_fields::Selector;
///
/// let pointer: Selector = "/user/password".parse()?;
/// let path: Selector = "$.accounts[*].iban".parse()?;
/// assert_eq!(path.as_str(), "$.accounts[*].iban");
/// assert_eq!("password".parse::<Selector>().unwrap_err().code(), "selector_start");
/// # Ok::<(), jwe_fields::SelectorError>(())
/// ```
#[derive(Clone)]
pub struct Selector {
    text: String,
    path: Path,
}

#[derive(Clone)]
enum Path {
    Pointer(Pointer),
    JsonPath(JsonPath),
}

impl Selector {
    /// Parses a selector.
    ///
    /// # Errors
    /// [`SelectorError`].
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        let path = if text.starts_with('$') {
            let path = JsonPath::parse(text).map_err(|error| SelectorError::JsonPath {
                selector: text.to_owned(),
                reason: error.reason,
                column: error.at + 1,
            })?;
            path.to_pointer().map_or(Path::JsonPath(path), Path::Pointer)
        } else if text.is_empty() || text.starts_with('/') {
            Pointer::parse(text)
                .map(Path::Pointer)
                .ok_or_else(|| SelectorError::Pointer { selector: text.to_owned() })?
        } else {
            return Err(SelectorError::Start { selector: text.to_owned() });
        };
        Ok(Self { text: text.to_owned(), path })
    }

    /// The text of the selector.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, SelectorError> {
        Self::parse(text)
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Selector").field(&self.text).finish()
    }
}

/// Why a text is no selector, or a list of selectors is of no use.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SelectorError {
    /// The list is empty.
    None,
    /// The text starts with neither `/` nor `$`.
    Start {
        /// The text.
        selector: String,
    },
    /// The text starts like a JSON Pointer and is none.
    Pointer {
        /// The text.
        selector: String,
    },
    /// The text starts like a JSONPath and is none that can be used.
    JsonPath {
        /// The text.
        selector: String,
        /// What is wrong, in words.
        reason: &'static str,
        /// The character at which it is wrong, counted from 1.
        column: usize,
    },
    /// The same column of CSV is named twice.
    Repeated {
        /// Its name.
        column: String,
    },
}

impl SelectorError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::None => "selector_none",
            Self::Start { .. } => "selector_start",
            Self::Pointer { .. } => "selector_json_pointer",
            Self::JsonPath { .. } => "selector_json_path",
            Self::Repeated { .. } => "selector_repeated",
        }
    }
}

impl fmt::Display for SelectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => {
                f.write_str("no field is selected: name at least one, such as /user/password")
            }
            Self::Start { selector } => write!(
                f,
                "{} is no selector: write a JSON Pointer such as /user/password or a JSONPath such as $.users[*].password",
                Shown(selector)
            ),
            Self::Pointer { selector } => write!(
                f,
                "{} is no JSON Pointer (RFC 6901): write ~0 for ~ and ~1 for / in names",
                Shown(selector)
            ),
            Self::JsonPath { selector, reason, column } => write!(
                f,
                "{} can't be used as JSONPath (RFC 9535): at character {column}, {reason}",
                Shown(selector)
            ),
            Self::Repeated { column } => {
                write!(f, "the column {} is named twice: name it once", Shown(column))
            }
        }
    }
}

impl core::error::Error for SelectorError {}

/// The selectors of an encrypter or a decrypter.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    selectors: Vec<Selector>,
}

impl Selection {
    pub(crate) fn new(
        selectors: impl IntoIterator<Item = Selector>,
    ) -> Result<Self, SelectorError> {
        let selectors: Vec<_> = selectors.into_iter().collect();
        if selectors.is_empty() { Err(SelectorError::None) } else { Ok(Self { selectors }) }
    }

    /// Writes the selected values to `nodes`: in the order of the text, each once, none inside
    /// another.
    ///
    /// # Errors
    /// [`FieldError::Missing`], [`FieldError::Ambiguous`], [`FieldError::Overlap`],
    /// [`FieldError::TooManyValues`], [`FieldError::TooMuchWork`].
    pub(crate) fn resolve(
        &self,
        text: &[u8],
        index: &Index,
        missing: Missing,
        limits: &DocumentLimits,
        nodes: &mut Vec<NodeId>,
    ) -> Result<(), FieldError> {
        nodes.clear();
        let ambiguous = |node| FieldError::Ambiguous { pointer: index.pointer(text, node) };
        for selector in &self.selectors {
            let before = nodes.len();
            match &selector.path {
                Path::Pointer(pointer) => {
                    nodes.extend(pointer.resolve(text, index).map_err(ambiguous)?);
                }
                Path::JsonPath(path) => {
                    let selected = path.select(text, index).map_err(|stop| match stop {
                        Stop::Ambiguous(node) => ambiguous(node),
                        Stop::TooMuchWork => {
                            FieldError::TooMuchWork { selector: selector.text.clone() }
                        }
                    })?;
                    if selected.len() > limits.max_values() {
                        return Err(FieldError::TooManyValues { limit: limits.max_values() });
                    }
                    if let Some(node) = index.first_ambiguous(text, &selected) {
                        return Err(ambiguous(node));
                    }
                    nodes.extend(selected);
                }
            }
            if nodes.len() == before && missing == Missing::Refuse {
                return Err(FieldError::Missing { selector: selector.text.clone() });
            }
        }
        nodes.sort_unstable();
        nodes.dedup();
        if nodes.len() > limits.max_values() {
            return Err(FieldError::TooManyValues { limit: limits.max_values() });
        }
        // In ascending order, what is inside a value follows it at once.
        for (outer, inner) in nodes.iter().zip(nodes.iter().skip(1)) {
            if index.subtree(*outer).contains(inner) {
                return Err(FieldError::Overlap {
                    pointer: index.pointer(text, *outer),
                    inner: index.pointer(text, *inner),
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(
        selectors: &[&str],
        text: &str,
        missing: Missing,
    ) -> Result<Vec<String>, FieldError> {
        let selection = Selection::new(selectors.iter().map(|text| text.parse().unwrap())).unwrap();
        let mut index = Index::default();
        index.build(text.as_bytes(), 128)?;
        let limits = DocumentLimits::default().with_max_values(3);
        let mut nodes = vec![7];
        selection.resolve(text.as_bytes(), &index, missing, &limits, &mut nodes)?;
        Ok(nodes.into_iter().map(|node| index.pointer(text.as_bytes(), node)).collect())
    }

    const TEXT: &str = r#"{"a":[{"b":1},{"b":2}],"c":{"d":3,"d":4,"e":{"f":5}},"c/~":6}"#;

    #[test]
    fn each_value_once_in_the_order_of_the_text() {
        let found = resolve(&["/c~1~0", "$.a[*].b", "/a/1/b", "$..b"], TEXT, Missing::Refuse);
        assert_eq!(found.unwrap(), ["/a/0/b", "/a/1/b", "/c~1~0"]);
        assert_eq!(resolve(&["$"], TEXT, Missing::Refuse).unwrap(), [""]);
        assert_eq!(resolve(&[""], TEXT, Missing::Refuse).unwrap(), [""]);
    }

    #[test]
    fn missing() {
        for selector in ["/x", "/a/2", "/a/-", "$.x", "$.a[?@.b > 2]", "$..x[*]"] {
            let error = resolve(&["/c~1~0", selector], TEXT, Missing::Refuse).unwrap_err();
            assert_eq!(error, FieldError::Missing { selector: selector.to_owned() });
            assert!(error.to_string().contains(selector), "{error}");
            let found = resolve(&["/c~1~0", selector], TEXT, Missing::Skip);
            assert_eq!(found.unwrap(), ["/c~1~0"]);
        }
    }

    #[test]
    fn overlap() {
        for (selectors, outer, inner) in [
            (["/a/0/b", "/a"], "/a", "/a/0/b"),
            (["", "/c~1~0"], "", "/c~1~0"),
            (["$.a[:1]", "$..b"], "/a/0", "/a/0/b"),
            (["$.a", "$.a[1]"], "/a", "/a/1"),
        ] {
            let (pointer, inner) = (outer.to_owned(), inner.to_owned());
            assert_eq!(
                resolve(&selectors, TEXT, Missing::Refuse),
                Err(FieldError::Overlap { pointer, inner })
            );
        }
        assert_eq!(resolve(&["/a/0", "/a/1"], TEXT, Missing::Refuse).unwrap().len(), 2);
    }

    #[test]
    fn ambiguous() {
        for selector in ["/c/d", "$.c.d", "$.c['d']", "$..d", "$.c[?@ == 4]"] {
            assert_eq!(
                resolve(&[selector], TEXT, Missing::Skip),
                Err(FieldError::Ambiguous { pointer: "/c/d".to_owned() }),
                "{selector}"
            );
        }
        for selector in ["/c/e/f", "$.c.e.f", "$..f", "$.c.e", "$.c[?@.f].f"] {
            assert_eq!(resolve(&[selector], TEXT, Missing::Refuse).unwrap().len(), 1, "{selector}");
        }
        // A copy that the reader may take for the right one must not stay in the clear.
        let text = r#"{"x":{"pin":1},"x":{}}"#;
        for selector in ["/x/pin", "$.x.pin", "$..pin"] {
            let error = resolve(&[selector], text, Missing::Skip).unwrap_err();
            assert_eq!(error.pointer(), Some("/x"), "{selector}");
        }
    }

    #[test]
    fn simple_paths_are_not_taken_for_pointers() {
        for (text, selector, found) in [
            (r#"{"0":1}"#, "/0", 1),
            (r#"{"0":1}"#, "$['0']", 1),
            (r#"{"0":1}"#, "$[0]", 0),
            ("[1]", "/0", 1),
            ("[1]", "$['0']", 0),
            ("[1]", "$[0]", 1),
            ("[1]", "$[1]", 0),
            ("[1]", "$[-1]", 1),
        ] {
            let nodes = resolve(&[selector], text, Missing::Skip).unwrap();
            assert_eq!(nodes.len(), found, "{selector} on {text}");
        }
    }

    #[test]
    fn too_many() {
        let text = "[1,2,3,4]";
        assert_eq!(
            resolve(&["$[*]"], text, Missing::Refuse).unwrap_err().code(),
            "too_many_values"
        );
        let four = ["/0", "/1", "/2", "/3"];
        assert_eq!(resolve(&four, text, Missing::Refuse).unwrap_err().code(), "too_many_values");
        assert_eq!(
            resolve(&["/0", "/0", "/1", "$[0,1,2]"], text, Missing::Refuse).unwrap().len(),
            3
        );
    }

    #[test]
    fn errors_say_what_to_do() {
        for (text, code, advice) in [
            ("a", "selector_start", "/user/password"),
            ("#/a", "selector_start", "/user/password"),
            ("/~", "selector_json_pointer", "~0"),
            ("$[", "selector_json_path", "RFC 9535"),
            ("$[?foo(@)]", "selector_json_path", "RFC 9535"),
        ] {
            let error = Selector::parse(text).unwrap_err();
            assert_eq!(error.code(), code);
            assert!(error.to_string().contains(advice), "{error}");
        }
        assert_eq!(Selection::new([]).unwrap_err(), SelectorError::None);
    }
}
