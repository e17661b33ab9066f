//! JSON Pointers (RFC 6901), and the JSONPaths that are as simple.

use crate::error::JsonKind;
use crate::index::{Index, NodeId, ROOT};

/// A way from the root to one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pointer {
    tokens: Vec<Token>,
}

/// A step down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A member of an object, or, if the text is a number, an element of an array: what a
    /// reference token of a JSON Pointer means, with its escapes undone.
    Reference(String),
    /// A member of an object.
    Name(String),
    /// An element of an array.
    Index(usize),
}

impl Token {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Reference(name) | Self::Name(name) => Some(name),
            Self::Index(_) => None,
        }
    }

    fn index(&self) -> Option<usize> {
        match self {
            Self::Reference(text) => array_index(text),
            Self::Name(_) => None,
            Self::Index(index) => Some(*index),
        }
    }
}

impl Pointer {
    pub(crate) fn new(tokens: Vec<Token>) -> Self {
        Self { tokens }
    }

    /// Parses the string representation (RFC 6901 §5); `None` if a non-empty text does not start
    /// with `/` or has a `~` that is neither `~0` nor `~1`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self { tokens: Vec::new() });
        }
        let token = |token| unescape(token).map(Token::Reference);
        text.strip_prefix('/')?.split('/').map(token).collect::<Option<_>>().map(Self::new)
    }

    /// The value that the pointer names (RFC 6901 §4), if it is there.
    ///
    /// # Errors
    /// The member whose name appears twice in an object that the pointer leads through.
    pub(crate) fn resolve(&self, text: &[u8], index: &Index) -> Result<Option<NodeId>, NodeId> {
        let mut node = ROOT;
        for token in &self.tokens {
            let child = match index.kind(node) {
                JsonKind::Object => {
                    let Some(name) = token.name() else { return Ok(None) };
                    let mut members = index.members(text, node, name.as_bytes());
                    let first = members.next();
                    if let Some(second) = members.next() {
                        return Err(second);
                    }
                    first
                }
                JsonKind::Array => {
                    token.index().and_then(|position| index.children(node).nth(position))
                }
                _ => None,
            };
            match child {
                Some(child) => node = child,
                None => return Ok(None),
            }
        }
        Ok(Some(node))
    }
}

/// A name as a reference token (RFC 6901 §3).
pub(crate) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn unescape(token: &str) -> Option<String> {
    let mut parts = token.split('~');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (character, rest) = match part.strip_prefix('0') {
            Some(rest) => ('~', rest),
            None => ('/', part.strip_prefix('1')?),
        };
        out.push(character);
        out.push_str(rest);
    }
    Some(out)
}

/// Digits without a leading zero. The token `-`, the element after the last, names nothing that
/// is there.
fn array_index(token: &str) -> Option<usize> {
    let digits = token.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || (token.starts_with('0') && token != "0") {
        return None;
    }
    token.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The document of RFC 6901 §5.
    const RFC: &[u8] = br##"{
        "foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5,
        "k\"l": 6, " ": 7, "m~n": 8
    }"##;

    fn resolve(text: &[u8], pointer: &str) -> Option<String> {
        let mut index = Index::default();
        index.build(text, 128).unwrap();
        let node = Pointer::parse(pointer).unwrap().resolve(text, &index).unwrap()?;
        assert_eq!(index.pointer(text, node), pointer);
        Some(String::from_utf8(index.raw(text, node).to_vec()).unwrap())
    }

    #[test]
    fn the_examples_of_the_rfc() {
        for (pointer, value) in [
            ("/foo", r#"["bar", "baz"]"#),
            ("/foo/0", "\"bar\""),
            ("/", "0"),
            ("/a~1b", "1"),
            ("/c%d", "2"),
            ("/e^f", "3"),
            ("/g|h", "4"),
            ("/i\\j", "5"),
            ("/k\"l", "6"),
            ("/ ", "7"),
            ("/m~0n", "8"),
        ] {
            assert_eq!(resolve(RFC, pointer).as_deref(), Some(value), "{pointer}");
        }
        assert_eq!(resolve(RFC, "").unwrap().as_bytes(), RFC);
    }

    #[test]
    fn what_is_not_there() {
        for pointer in [
            "/foo/2",
            "/foo/-",
            "/foo/00",
            "/foo/01",
            "/foo/+1",
            "/foo/-1",
            "/foo/ 0",
            "/foo/\u{661}",
            "/foo/0/0",
            "/foo/",
            "/fo",
            "/fooo",
            "/FOO",
            "/foo/99999999999999999999999",
            "//x",
        ] {
            assert_eq!(resolve(RFC, pointer), None, "{pointer}");
        }
    }

    #[test]
    fn names_are_compared_unescaped() {
        let text = br#"{"\u0061\/b":{"\ud83e\udd80":1,"~01":2,"0":3},"\ud800":4}"#;
        assert_eq!(resolve(text, "/a~1b/\u{1f980}").as_deref(), Some("1"));
        assert_eq!(resolve(text, "/a~1b/~001").as_deref(), Some("2"));
        assert_eq!(resolve(text, "/a~1b/0").as_deref(), Some("3"));
        assert_eq!(resolve(text, "/\u{fffd}"), None);
    }

    #[test]
    fn the_syntax_is_strict() {
        for text in ["a", "a/b", " /a", "/~", "/~2", "/a~", "/~/0", "#/a", "$"] {
            assert_eq!(Pointer::parse(text), None, "{text}");
        }
    }

    #[test]
    fn repeated_names_matter_on_the_way_only() {
        let text = br#"{"a":{"x":1},"b":1,"b":2,"c":[{"y":1,"\u0079":2}]}"#;
        let mut index = Index::default();
        index.build(text, 128).unwrap();
        let resolve = |pointer: &str| {
            let resolved = Pointer::parse(pointer).unwrap().resolve(text, &index);
            resolved.map_err(|node| index.pointer(text, node))
        };
        assert!(resolve("/a/x").is_ok_and(|node| node.is_some()));
        assert!(resolve("/c/0").is_ok_and(|node| node.is_some()));
        assert_eq!(resolve("/b"), Err("/b".to_owned()));
        assert_eq!(resolve("/b/nothing"), Err("/b".to_owned()));
        assert_eq!(resolve("/c/0/y"), Err("/c/0/y".to_owned()));
    }
}
