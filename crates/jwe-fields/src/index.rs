//! Where each value of a document stands: spans of the text, and no copies.

use core::ops::Range;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::error::{FieldError, JsonKind, Position};
use crate::json_string::{end_of_string, unescaped};
use crate::pointer;

/// A value, as its place in [`Index`].
pub(crate) type NodeId = u32;

/// The whole document.
pub(crate) const ROOT: NodeId = 0;

#[derive(Clone, Copy, Debug)]
struct Node {
    /// The first byte of the value and the byte after its last.
    start: u32,
    end: u32,
    /// The member's name between its quotes; empty if the value is no member.
    name_start: u32,
    name_end: u32,
    parent: NodeId,
    /// The node after the last one inside this value.
    subtree_end: NodeId,
    kind: JsonKind,
    name_escaped: bool,
}

impl Node {
    fn name_len(&self) -> usize {
        (self.name_end as usize).saturating_sub(self.name_start as usize)
    }
}

/// Whether a string of `raw` bytes with its escapes can denote `len` bytes: an escape is at most
/// six bytes for each byte that it denotes, and never shorter.
pub(crate) fn can_denote(raw: usize, len: usize) -> bool {
    raw >= len && raw <= len.saturating_mul(6)
}

/// All values of a document in the order of the text, so that the inside of a value is a range.
///
/// The memory is kept when the index is built again.
#[derive(Debug, Default)]
pub(crate) struct Index {
    nodes: Vec<Node>,
}

impl Index {
    /// Indexes a text that is known to be JSON and shorter than 4 GiB. No recursion; the time is
    /// linear.
    ///
    /// # Errors
    /// [`FieldError::TooDeep`].
    pub(crate) fn build(&mut self, text: &[u8], max_depth: usize) -> Result<(), FieldError> {
        self.nodes.clear();
        let mut at = 0;
        let mut depth = 0;
        // The innermost open container, which is the root's own parent to begin with.
        let mut container = ROOT;
        let mut in_object = false;
        let mut name: Option<(usize, usize, bool)> = None;
        while let Some(byte) = text.get(at) {
            let start = at;
            at += 1;
            let kind = match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b',' | b':' => continue,
                b'}' | b']' => {
                    let subtree_end = id(self.nodes.len());
                    let Some(node) = self.nodes.get_mut(container as usize) else { continue };
                    node.end = id(at);
                    node.subtree_end = subtree_end;
                    container = node.parent;
                    in_object = self.kind(container) == JsonKind::Object;
                    depth = usize::saturating_sub(depth, 1);
                    continue;
                }
                b'"' => {
                    let (end, escaped) = end_of_string(text, at);
                    at = end;
                    if in_object && name.is_none() {
                        name = Some((start + 1, end - 1, escaped));
                        continue;
                    }
                    JsonKind::String
                }
                b'{' => JsonKind::Object,
                b'[' => JsonKind::Array,
                letter => {
                    let ends = |byte: &u8| {
                        matches!(byte, b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t')
                    };
                    let rest = text.get(at..).unwrap_or_default();
                    at += rest.iter().position(ends).unwrap_or(rest.len());
                    match letter {
                        b't' | b'f' => JsonKind::Boolean,
                        b'n' => JsonKind::Null,
                        _ => JsonKind::Number,
                    }
                }
            };
            let node = id(self.nodes.len());
            let (name_start, name_end, name_escaped) = name.take().unwrap_or_default();
            self.nodes.push(Node {
                start: id(start),
                end: id(at),
                name_start: id(name_start),
                name_end: id(name_end),
                parent: container,
                subtree_end: node + 1,
                kind,
                name_escaped,
            });
            if matches!(kind, JsonKind::Object | JsonKind::Array) {
                depth += 1;
                if depth > max_depth {
                    let position = Position::of(text, start);
                    return Err(FieldError::TooDeep { limit: max_depth, position });
                }
                container = node;
                in_object = kind == JsonKind::Object;
            }
        }
        Ok(())
    }

    /// How many bytes it holds.
    pub(crate) fn memory(&self) -> usize {
        self.nodes.capacity() * size_of::<Node>()
    }

    /// The number of values.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    fn node(&self, node: NodeId) -> Option<&Node> {
        self.nodes.get(node as usize)
    }

    pub(crate) fn kind(&self, node: NodeId) -> JsonKind {
        self.node(node).map_or(JsonKind::Null, |node| node.kind)
    }

    /// Where the value stands in the text, quotes or brackets included.
    pub(crate) fn span(&self, node: NodeId) -> Range<usize> {
        self.node(node).map_or(0..0, |node| node.start as usize..node.end as usize)
    }

    /// The value's JSON text.
    pub(crate) fn raw<'t>(&self, text: &'t [u8], node: NodeId) -> &'t [u8] {
        text.get(self.span(node)).unwrap_or_default()
    }

    /// The content of a string, without its quotes and with its escapes.
    pub(crate) fn string_content<'t>(&self, text: &'t [u8], node: NodeId) -> &'t [u8] {
        let raw = self.raw(text, node);
        raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default()
    }

    /// The member's name with its escapes.
    pub(crate) fn raw_name<'t>(&self, text: &'t [u8], node: NodeId) -> &'t [u8] {
        let Some(node) = self.node(node) else { return &[] };
        text.get(node.name_start as usize..node.name_end as usize).unwrap_or_default()
    }

    /// What the member's name denotes.
    pub(crate) fn name<'t>(&self, text: &'t [u8], node: NodeId) -> Cow<'t, [u8]> {
        let raw = self.raw_name(text, node);
        let is_escaped = self.node(node).is_some_and(|node| node.name_escaped);
        if is_escaped { unescaped(raw) } else { Cow::Borrowed(raw) }
    }

    fn has_name(&self, text: &[u8], node: NodeId, name: &[u8]) -> bool {
        match self.node(node) {
            Some(node) if !node.name_escaped => {
                text.get(node.name_start as usize..node.name_end as usize) == Some(name)
            }
            Some(node) if !can_denote(node.name_len(), name.len()) => false,
            _ => *self.name(text, node) == *name,
        }
    }

    /// The bytes of the member's name in the text, and whether there are escapes among them.
    pub(crate) fn name_len(&self, node: NodeId) -> (usize, bool) {
        self.node(node).map_or((0, false), |node| (node.name_len(), node.name_escaped))
    }

    /// The first member of the object whose name an earlier member has too.
    pub(crate) fn first_repeated(&self, text: &[u8], object: NodeId) -> Option<NodeId> {
        let mut names = HashSet::new();
        self.children(object).find(|child| !names.insert(self.name(text, *child)))
    }

    /// The container of the value, or `None` for the root.
    pub(crate) fn parent(&self, node: NodeId) -> Option<NodeId> {
        if node == ROOT { None } else { self.node(node).map(|node| node.parent) }
    }

    /// The value and all values inside it, in the order of the text.
    pub(crate) fn subtree(&self, node: NodeId) -> Range<NodeId> {
        node..self.node(node).map_or(node, |node| node.subtree_end)
    }

    /// The members' values of an object or the elements of an array; nothing for other values.
    pub(crate) fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        let Range { start, end } = self.subtree(node);
        let mut next = start.saturating_add(1);
        core::iter::from_fn(move || {
            if next >= end {
                return None;
            }
            let child = next;
            next = self.subtree(child).end.max(child + 1);
            Some(child)
        })
    }

    /// The members of an object with this name, of which there can be several.
    pub(crate) fn members<'i>(
        &'i self,
        text: &'i [u8],
        object: NodeId,
        name: &'i [u8],
    ) -> impl Iterator<Item = NodeId> + 'i {
        let object = if self.kind(object) == JsonKind::Object { Some(object) } else { None };
        object
            .into_iter()
            .flat_map(|object| self.children(object))
            .filter(move |child| self.has_name(text, *child, name))
    }

    /// The JSON Pointer (RFC 6901) of a value.
    pub(crate) fn pointer(&self, text: &[u8], node: NodeId) -> String {
        let mut tokens = Vec::new();
        let mut node = node;
        while let Some(parent) = self.parent(node) {
            tokens.push(if self.kind(parent) == JsonKind::Object {
                let name = self.name(text, node);
                pointer::escape(&String::from_utf8_lossy(&name))
            } else {
                self.children(parent).take_while(|sibling| *sibling < node).count().to_string()
            });
            node = parent;
        }
        tokens.iter().rev().flat_map(|token| ["/", token]).collect()
    }

    /// How many arrays and objects the value is inside of.
    pub(crate) fn depth(&self, node: NodeId) -> usize {
        core::iter::successors(self.parent(node), |parent| self.parent(*parent)).count()
    }

    /// The first member on the way from the root to one of the nodes, which must be in ascending
    /// order, whose name appears twice in its object.
    pub(crate) fn first_ambiguous(&self, text: &[u8], nodes: &[NodeId]) -> Option<NodeId> {
        let mut unambiguous = HashSet::new();
        let mut repeated: HashMap<NodeId, HashSet<NodeId>> = HashMap::new();
        for node in nodes {
            let mut node = *node;
            while let Some(parent) = self.parent(node) {
                if !unambiguous.insert(node) {
                    break;
                }
                if self.kind(parent) == JsonKind::Object {
                    let repeated =
                        repeated.entry(parent).or_insert_with(|| self.repeated(text, parent));
                    if repeated.contains(&node) {
                        return Some(node);
                    }
                }
                node = parent;
            }
        }
        None
    }

    /// The members of the object that share their name with another.
    fn repeated(&self, text: &[u8], object: NodeId) -> HashSet<NodeId> {
        let mut first = HashMap::new();
        let mut repeated = HashSet::new();
        for child in self.children(object) {
            if let Some(earlier) = first.insert(self.name(text, child), child) {
                repeated.extend([earlier, child]);
            }
        }
        repeated
    }
}

/// Documents are shorter than 4 GiB, and so are their parts.
fn id(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn index(text: &str) -> Index {
        let mut index = Index::default();
        index.build(text.as_bytes(), 1024).unwrap();
        index
    }

    /// The value as the index sees it.
    fn value(index: &Index, text: &[u8], node: NodeId) -> Value {
        match index.kind(node) {
            JsonKind::Object => index
                .children(node)
                .map(|child| {
                    let name = String::from_utf8(index.name(text, child).into_owned()).unwrap();
                    (name, value(index, text, child))
                })
                .collect(),
            JsonKind::Array => {
                index.children(node).map(|child| value(index, text, child)).collect()
            }
            kind => {
                let value: Value = serde_json::from_slice(index.raw(text, node)).unwrap();
                assert_eq!(kind == JsonKind::String, value.is_string());
                assert_eq!(kind == JsonKind::Number, value.is_number());
                assert_eq!(kind == JsonKind::Boolean, value.is_boolean());
                assert_eq!(kind == JsonKind::Null, value.is_null());
                value
            }
        }
    }

    /// Every node's pointer leads to the node's value, and spans hold what they say.
    fn agrees_with_serde_json(text: &str) {
        let index = index(text);
        let expected: Value = serde_json::from_str(text).unwrap();
        assert_eq!(value(&index, text.as_bytes(), ROOT), expected);
        for node in index.subtree(ROOT) {
            let pointer = index.pointer(text.as_bytes(), node);
            let there: Value = serde_json::from_slice(index.raw(text.as_bytes(), node)).unwrap();
            assert_eq!(expected.pointer(&pointer), Some(&there), "{pointer}");
            assert_eq!(index.depth(node), pointer.matches('/').count());
        }
    }

    #[test]
    fn sees_what_serde_json_sees() {
        for text in [
            "null",
            " true ",
            "-1.5e+3",
            "\"\"",
            "[]",
            "{}",
            "[ [ ] , { } , [ [ 1 ] ] ]",
            "{\"\":{\"\":[]},\"a\\u0041\\n\":\"b\\\"\\\\\",\"\\\\\":\"]}\"}\r\n",
            "{\"a\":1,\"b\":[true,false,null,{\"c\":\"[\"}],\"d\":{\"e\":{}},\"f/~\":2}",
        ] {
            agrees_with_serde_json(text);
        }
    }

    #[test]
    fn an_old_index_leaves_no_trace() {
        let mut index = Index::default();
        index.build(b"{\"a\":[1,2,3],\"b\":{}}", 8).unwrap();
        index.build(b"[{}]", 8).unwrap();
        assert_eq!(value(&index, b"[{}]", ROOT), serde_json::json!([{}]));
        assert_eq!(index.len(), 2);
    }

    #[test]
    fn depth_is_limited() {
        let mut index = Index::default();
        assert_eq!(index.build(b"[[1]]", 2), Ok(()));
        assert_eq!(
            index.build(b"[\n [[1]]]", 2),
            Err(FieldError::TooDeep { limit: 2, position: Position { line: 2, column: 3 } })
        );
        assert_eq!(index.build(b"[]", 0).unwrap_err().code(), "document_too_deep");
    }

    #[test]
    fn text_that_is_not_json_does_no_harm() {
        for text in
            ["}", "]]]{", "[}", "\"", "\"\\", "{\"", "{\"a", ":", "{\"a\":", "\\", "{{{\"a\"\"b\"}"]
        {
            let _ = Index::default().build(text.as_bytes(), 4);
        }
    }

    #[test]
    fn finds_repeated_names() {
        let text = br#"{"a":{"x":1,"y":2,"\u0078":3},"b":[{"x":1}],"b":0}"#;
        let mut index = Index::default();
        index.build(text, 8).unwrap();
        let pointer = |node: Option<NodeId>| node.map(|node| index.pointer(text, node));
        let all: Vec<_> = index.children(index.children(ROOT).next().unwrap()).collect();
        let [x, y, z] = all[..] else { panic!("three members") };
        assert_eq!(pointer(index.first_ambiguous(text, &[y])), None);
        assert_eq!(pointer(index.first_ambiguous(text, &[x])).unwrap(), "/a/x");
        assert_eq!(pointer(index.first_ambiguous(text, &[y, z])).unwrap(), "/a/x");
        assert_eq!(pointer(index.first_ambiguous(text, &[6, 7])).unwrap(), "/b");
        assert_eq!(index.members(text, 1, b"x").count(), 2);
        assert_eq!(index.members(text, x, b"x").count(), 0);
    }

    fn json() -> impl Strategy<Value = String> {
        let scalar = prop_oneof![
            Just("null".to_owned()),
            Just("true".to_owned()),
            any::<i64>().prop_map(|number| number.to_string()),
            (-1e9..1e9).prop_map(|number: f64| format!("{number:e}")),
            ".*".prop_map(|text| Value::from(text).to_string()),
            "[a-c/~\\\\\"\u{e9}]{0,3}".prop_map(|text| {
                text.encode_utf16().fold("\"".to_owned(), |all, unit| format!("{all}\\u{unit:04x}"))
                    + "\""
            }),
        ];
        let space = "[ \t\r\n]{0,2}";
        scalar.prop_recursive(6, 64, 6, move |inner| {
            let name = "[a-d/~\\\\\"\u{1}\u{1f980}]{0,3}";
            prop_oneof![
                (proptest::collection::vec(inner.clone(), 0..6), space).prop_map(
                    |(items, space)| {
                        format!("[{space}{}{space}]", items.join(&format!("{space},{space}")))
                    }
                ),
                (proptest::collection::btree_map(name, inner, 0..6), space).prop_map(
                    |(items, space)| {
                        let members: Vec<_> = items
                            .into_iter()
                            .map(|(name, value)| {
                                format!("{}{space}:{space}{value}", Value::from(name))
                            })
                            .collect();
                        format!("{{{}{space}}}", members.join(&format!(",{space}")))
                    }
                ),
            ]
        })
    }

    #[test]
    fn agrees_with_serde_json_on_any_document() {
        let mut runner = crate::test_support::runner(512);
        runner
            .run(&json(), |text| {
                agrees_with_serde_json(&text);
                Ok(())
            })
            .unwrap();
    }
}
