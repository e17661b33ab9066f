//! The JSON Pointers (RFC 6901) of one value after the other, without an allocation for each.

use std::io::Write as _;

use jwe_core::Limits;

use crate::error::{FieldError, JsonKind};
use crate::index::{Index, NodeId};
use crate::json_string::{LoneSurrogate, unescape_into};

enum NoPath {
    NotUnicode,
    TooLong,
}

/// Writes paths. Those of one document are asked for in the order of the text, so that the elements
/// of an array are counted once.
#[derive(Debug, Default)]
pub(crate) struct PathWriter {
    text: Vec<u8>,
    name: Vec<u8>,
    /// The way to the value, from its end.
    way: Vec<NodeId>,
    /// Of each depth, where the last way through as many arrays was.
    steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    array: NodeId,
    element: NodeId,
    position: usize,
}

impl PathWriter {
    /// Begins with another document.
    pub(crate) fn begin(&mut self) {
        self.steps.clear();
    }

    /// The path of a value of the document, which stands behind those that were asked for before.
    ///
    /// # Errors
    /// [`FieldError::PathNotUnicode`], and [`FieldError::PathTooLong`] for what no header can hold.
    pub(crate) fn of(
        &mut self,
        document: &[u8],
        index: &Index,
        node: NodeId,
    ) -> Result<&str, FieldError> {
        let pointer = || index.pointer(document, node);
        match self.write(document, index, node) {
            Ok(()) => core::str::from_utf8(&self.text)
                .map_err(|_| FieldError::PathNotUnicode { pointer: pointer() }),
            Err(NoPath::NotUnicode) => Err(FieldError::PathNotUnicode { pointer: pointer() }),
            Err(NoPath::TooLong) => Err(FieldError::PathTooLong { pointer: pointer() }),
        }
    }

    fn write(&mut self, document: &[u8], index: &Index, node: NodeId) -> Result<(), NoPath> {
        self.way.clear();
        self.text.clear();
        let mut at = Some(node);
        while let Some(node) = at {
            self.way.push(node);
            at = index.parent(node);
        }
        let mut container = self.way.pop().unwrap_or_default();
        // How many arrays were gone through.
        let mut depth = 0;
        while let Some(child) = self.way.pop() {
            self.text.push(b'/');
            if index.kind(container) == JsonKind::Object {
                self.push_name(index.raw_name(document, child))?;
            } else {
                let position = self.position(index, depth, container, child);
                // Into memory, which does not fail.
                let _ = write!(self.text, "{position}");
                depth += 1;
            }
            if self.text.len() > Limits::MAX_HEADER_LEN {
                return Err(NoPath::TooLong);
            }
            container = child;
        }
        Ok(())
    }

    /// Appends what a name denotes, as a reference token.
    fn push_name(&mut self, raw: &[u8]) -> Result<(), NoPath> {
        // An escape is at most six times as long as what it denotes.
        if raw.len() > 6 * Limits::MAX_HEADER_LEN {
            return Err(NoPath::TooLong);
        }
        self.name.clear();
        unescape_into(raw, &mut self.name).map_err(|LoneSurrogate| NoPath::NotUnicode)?;
        for byte in &self.name {
            match byte {
                b'~' => self.text.extend_from_slice(b"~0"),
                b'/' => self.text.extend_from_slice(b"~1"),
                other => self.text.push(*other),
            }
        }
        Ok(())
    }

    /// The position of an element, counted on from the last one of the same array.
    fn position(&mut self, index: &Index, depth: usize, array: NodeId, element: NodeId) -> usize {
        let known = self
            .steps
            .get(depth)
            .filter(|step| step.array == array && step.element <= element)
            .copied();
        let mut step =
            known.unwrap_or(Step { array, element: array.saturating_add(1), position: 0 });
        while step.element < element {
            step.element = index.subtree(step.element).end.max(step.element.saturating_add(1));
            step.position += 1;
        }
        match self.steps.get_mut(depth) {
            Some(place) => *place = step,
            None => self.steps.push(step),
        }
        step.position
    }

    /// How many bytes it holds.
    pub(crate) fn memory(&self) -> usize {
        self.text.capacity()
            + self.name.capacity()
            + self.way.capacity() * size_of::<NodeId>()
            + self.steps.capacity() * size_of::<Step>()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::index::ROOT;

    fn index(text: &str) -> Index {
        let mut index = Index::default();
        index.build(text.as_bytes(), 128).unwrap();
        index
    }

    #[test]
    fn paths_are_those_of_the_index() {
        let mut writer = PathWriter::default();
        for text in [
            "1",
            r#"[[1,[2,3],{"a":[4,5]}],[],[6,{"b":7}],[[[8]]]]"#,
            r#"{"a":[{"b":[1,2]},{"b":[3,{"c":[4]}]}],"~/":{"":{"é":[5]}},"\u0041\n":[6,7]}"#,
        ] {
            let index = index(text);
            // All values, and then some, as they are selected.
            for skipped in 1..5 {
                writer.begin();
                for node in index.subtree(ROOT).step_by(skipped) {
                    let path = writer.of(text.as_bytes(), &index, node).unwrap();
                    assert_eq!(path, index.pointer(text.as_bytes(), node));
                }
            }
        }
        assert!(writer.memory() > 0);
    }

    #[test]
    fn some_values_have_none() {
        let mut writer = PathWriter::default();
        let mut of_last = |text: &str| {
            let index = index(text);
            writer.begin();
            let last = index.subtree(ROOT).end - 1;
            writer
                .of(text.as_bytes(), &index, last)
                .map(str::to_owned)
                .map_err(|error| error.code())
        };
        assert_eq!(of_last(r#"{"a\ud800":1}"#), Err("field_path_not_unicode"));
        assert_eq!(of_last(r#"{"\ud83e\udd80":1}"#).unwrap(), "/\u{1f980}");
        for name in ["x".repeat(8192), "x".repeat(1 << 20)] {
            assert_eq!(of_last(&format!(r#"{{"{name}":1}}"#)), Err("field_path_too_long"));
        }
        assert!(of_last(&format!(r#"{{"{}":1}}"#, "x".repeat(8191))).is_ok());
    }

    /// Ten thousand values at the end of a long array: to count to each would take a hundred times
    /// as long as this may. Also where the array is in others.
    #[test]
    fn elements_are_counted_once() {
        let array = format!("[{}0]", "0,".repeat(1_000_000));
        for (before, behind, path) in
            [("", "", "/1000000"), ("[0,{\"a\":[", "]}]", "/1/a/0/1000000")]
        {
            let text = format!("{before}{array}{behind}");
            let index = index(&text);
            let mut writer = PathWriter::default();
            let start = Instant::now();
            let last = index.subtree(ROOT).end;
            for node in last - 10_000..last {
                writer.of(text.as_bytes(), &index, node).unwrap();
            }
            assert_eq!(writer.of(text.as_bytes(), &index, last - 1), Ok(path));
            assert!(start.elapsed() < Duration::from_secs(5), "{path} {:?}", start.elapsed());
        }
    }
}
