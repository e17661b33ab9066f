//! The elements of one JSON array.

use super::error::FramingError;
use super::split::{Break, Piece, RecordSpan, Split};

/// Each element of the array is a record; what separates it from the one before leads it.
///
/// Where an element ends is told by its brackets and strings alone, without recursion and in
/// constant memory. Whether it is JSON is for those to judge that work on it.
#[derive(Debug, Default)]
pub(crate) struct Elements {
    state: State,
    /// How much of the rest was looked at.
    scanned: usize,
    /// Where in the rest the element begins, once it has.
    body: usize,
    /// How many brackets of the element are open.
    depth: usize,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// `[` is to come.
    #[default]
    Before,
    /// An element or `]` is to come.
    First,
    /// `,` or `]` is to come.
    Separator,
    /// An element is to come.
    Element,
    /// Within a number or a word.
    Scalar,
    /// Within brackets.
    Nested,
    /// Within a string.
    Text,
    /// Behind a backslash in a string.
    Escape,
    /// Nothing but white space is to come.
    Behind,
}

/// White space that may belong to `]` is handed out by itself beyond this length, so that it is
/// not taken for a record that is too long.
const WHITE_SPACE_KEPT: usize = 64;

impl Elements {
    fn between(&mut self, len: usize) -> Result<Option<Piece>, Break> {
        self.scanned = 0;
        Ok(Some(Piece::Between(len)))
    }

    /// The element ends before the byte at `end`. It has no bytes if it is a scalar that ends with
    /// what was forgotten; no other piece is empty.
    fn record(&mut self, end: usize) -> Result<Option<Piece>, Break> {
        let span = RecordSpan { lead: self.body, body: end - self.body, tail: 0 };
        self.state = State::Separator;
        self.scanned = 0;
        Ok(Some(Piece::Record(span)))
    }
}

impl Split for Elements {
    fn next(&mut self, rest: &[u8], is_last: bool) -> Result<Option<Piece>, Break> {
        let mut at = self.scanned;
        while let Some(new @ [byte, ..]) = rest.get(at..) {
            match self.state {
                // However much of it there is, it is never waited for.
                State::Before | State::Behind if is_white_space(*byte) => {
                    return self.between(at + 1);
                }
                State::Before if *byte == b'[' => {
                    self.state = State::First;
                    return self.between(at + 1);
                }
                State::Before => return broken(at, FramingError::NotArray),
                State::Behind => return broken(at, FramingError::BehindArray),
                State::First | State::Separator | State::Element if is_white_space(*byte) => {
                    at += 1;
                    if at == WHITE_SPACE_KEPT && !matches!(self.state, State::Element) {
                        return self.between(at);
                    }
                }
                State::First | State::Separator if *byte == b']' => {
                    self.state = State::Behind;
                    return self.between(at + 1);
                }
                State::Separator if *byte == b',' => {
                    self.state = State::Element;
                    at += 1;
                }
                State::Separator => return broken(at, FramingError::SeparatorExpected),
                State::First | State::Element => {
                    self.body = at;
                    self.depth = 0;
                    self.state = match byte {
                        b',' | b':' | b']' | b'}' => {
                            return broken(at, FramingError::ValueExpected);
                        }
                        b'"' => {
                            at += 1;
                            State::Text
                        }
                        b'{' | b'[' => State::Nested,
                        _ => State::Scalar,
                    };
                }
                State::Scalar => {
                    let ends = |byte: &u8| matches!(byte, b',' | b']') || is_white_space(*byte);
                    match new.iter().position(ends) {
                        Some(len) => return self.record(at + len),
                        None => at = rest.len(),
                    }
                }
                State::Nested => {
                    let matters = |byte: &u8| matches!(byte, b'"' | b'{' | b'[' | b'}' | b']');
                    let found = new.iter().enumerate().find(|(_, byte)| matters(byte));
                    let Some((len, byte)) = found else {
                        at = rest.len();
                        continue;
                    };
                    at += len + 1;
                    match byte {
                        b'"' => self.state = State::Text,
                        b'{' | b'[' => self.depth += 1,
                        _ => {
                            self.depth = self.depth.saturating_sub(1);
                            if self.depth == 0 {
                                return self.record(at);
                            }
                        }
                    }
                }
                State::Text => match memchr::memchr2(b'"', b'\\', new) {
                    Some(len) => {
                        at += len + 1;
                        if new.get(len) == Some(&b'\\') {
                            self.state = State::Escape;
                        } else if self.depth == 0 {
                            return self.record(at);
                        } else {
                            self.state = State::Nested;
                        }
                    }
                    None => at = rest.len(),
                },
                State::Escape => {
                    self.state = State::Text;
                    at += 1;
                }
            }
        }
        self.scanned = rest.len();
        if is_last && !matches!(self.state, State::Behind) {
            return broken(rest.len(), FramingError::ArrayEndsEarly);
        }
        Ok(None)
    }

    fn forget(&mut self, len: usize) {
        self.scanned = self.scanned.saturating_sub(len);
        self.body = self.body.saturating_sub(len);
    }
}

fn broken(at: usize, error: FramingError) -> Result<Option<Piece>, Break> {
    Err(Break { at, error })
}

/// RFC 8259 §2.
fn is_white_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::super::test_support::{broken_pieces, forgets_well, pieces};
    use super::*;
    use crate::test_support::runner;

    fn split(text: &[u8]) -> Result<Vec<Piece>, FramingError> {
        pieces(Elements::default, text)
    }

    fn record(lead: usize, body: usize) -> Piece {
        Piece::Record(RecordSpan { lead, body, tail: 0 })
    }

    fn bodies(text: &[u8]) -> Result<Vec<&[u8]>, FramingError> {
        let mut at = 0;
        let mut bodies = Vec::new();
        for piece in split(text)? {
            if let Piece::Record(span) = piece {
                assert_eq!(span.tail, 0);
                bodies.push(&text[at + span.lead..][..span.body]);
                let comma = text[at..][..span.lead].iter().filter(|byte| **byte == b',').count();
                assert_eq!(comma, usize::from(bodies.len() > 1));
            }
            at += piece.len();
        }
        Ok(bodies)
    }

    #[test]
    fn elements_and_what_is_between() {
        let between = Piece::Between;
        for (text, wanted) in [
            ("[]", vec![between(1), between(1)]),
            ("[1]", vec![between(1), record(0, 1), between(1)]),
            (
                "\n [ \t]\r\n",
                vec![between(1), between(1), between(1), between(3), between(1), between(1)],
            ),
            (
                "[ {\"a\": [1, 2]} ,\n \"]\\\"\" ]\n",
                vec![between(1), record(1, 13), record(4, 5), between(2), between(1)],
            ),
            ("[1,22]", vec![between(1), record(0, 1), record(1, 2), between(1)]),
        ] {
            assert_eq!(split(text.as_bytes()), Ok(wanted), "{text:?}");
        }
    }

    #[test]
    fn elements_end_where_json_has_it() {
        let text = r#"[-1.5e3 , true,null,"", "a,b]\\", "\"", [], [[]], {}, {"}":"{","\\":["]"]}]"#;
        let wanted = [
            "-1.5e3",
            "true",
            "null",
            r#""""#,
            r#""a,b]\\""#,
            r#""\"""#,
            "[]",
            "[[]]",
            "{}",
            r#"{"}":"{","\\":["]"]}"#,
        ];
        let wanted: Vec<_> = wanted.iter().map(|text| text.as_bytes()).collect();
        assert_eq!(bodies(text.as_bytes()), Ok(wanted));
    }

    #[test]
    fn a_bad_element_takes_no_other_along() {
        let text = r#"[{a:1}, +, nul, 1}2, {"a" 1}, "	", 'a', 5]"#;
        let wanted = ["{a:1}", "+", "nul", "1}2", r#"{"a" 1}"#, "\"\t\"", "'a'", "5"];
        let wanted: Vec<_> = wanted.iter().map(|text| text.as_bytes()).collect();
        assert_eq!(bodies(text.as_bytes()), Ok(wanted));
        // Brackets are counted and not compared: then nobody can tell any more.
        assert_eq!(bodies(b"[{\"a\":[1}, 2]"), Err(FramingError::ArrayEndsEarly));
    }

    #[test]
    fn what_is_no_array() {
        use FramingError::{
            ArrayEndsEarly, BehindArray, NotArray, SeparatorExpected, ValueExpected,
        };
        for (text, error) in [
            // An empty file holds no array; most likely it was not written to its end.
            ("", ArrayEndsEarly),
            (" \n", ArrayEndsEarly),
            ("[", ArrayEndsEarly),
            ("[ ", ArrayEndsEarly),
            ("[1", ArrayEndsEarly),
            ("[1,", ArrayEndsEarly),
            ("[\"a]", ArrayEndsEarly),
            ("[\"a\\\"]", ArrayEndsEarly),
            ("[{\"a\":1]", ArrayEndsEarly),
            ("[[]", ArrayEndsEarly),
            ("{}", NotArray),
            (" 1", NotArray),
            ("]", NotArray),
            ("\u{feff}[]", NotArray),
            ("\u{a0}[]", NotArray),
            ("[1,]", ValueExpected),
            ("[,1]", ValueExpected),
            ("[,]", ValueExpected),
            ("[1,,2]", ValueExpected),
            ("[}", ValueExpected),
            ("[:", ValueExpected),
            ("[1 2]", SeparatorExpected),
            ("[{}{}]", SeparatorExpected),
            ("[\"a\"\"b\"]", SeparatorExpected),
            ("[{}}]", SeparatorExpected),
            ("[] x", BehindArray),
            ("[1]]", BehindArray),
            ("[1],", BehindArray),
            ("[]\n[]", BehindArray),
        ] {
            assert_eq!(split(text.as_bytes()), Err(error), "{text:?}");
        }
    }

    #[test]
    fn an_error_is_where_the_first_wrong_byte_stands() {
        for (text, at) in [
            (" {}", 1),
            ("[\n]\n,\n\n1", 4),
            ("[1\n]\n]\n", 5),
            ("[,\n1]", 1),
            ("[1,\n,\n\n2]", 4),
            ("[1 \n 2\n,3]", 5),
            ("[1,\n]", 4),
            // Here something is missing.
            ("[1,\n\n", 5),
            ("[\"a\n", 4),
        ] {
            assert_eq!(
                broken_pieces(Elements::default, text.as_bytes()).map_err(|broken| broken.at),
                Err(at),
                "{text:?}"
            );
        }
    }

    #[test]
    fn what_stands_before_an_error_is_handed_out() {
        let mut elements = Elements::default();
        let mut text = &b"[1, 2 3]"[..];
        for len in [1, 1, 3] {
            let piece = elements.next(text, true).unwrap().unwrap();
            assert_eq!(piece.len(), len);
            text = &text[len..];
        }
        let error = FramingError::SeparatorExpected;
        assert_eq!(elements.next(text, true), Err(Break { at: 1, error }));
    }

    #[test]
    fn no_depth_is_too_deep() {
        let mut text = vec![b'['; 1_000_001];
        text.resize(2_000_002, b']');
        let mut elements = Elements::default();
        assert_eq!(elements.next(&text, true), Ok(Some(Piece::Between(1))));
        assert_eq!(elements.next(&text[1..], true), Ok(Some(record(0, 2_000_000))));
        assert_eq!(elements.next(&text[2_000_001..], true), Ok(Some(Piece::Between(1))));
    }

    #[test]
    fn white_space_is_no_long_record() {
        let spaces = " ".repeat(1000);
        for text in [format!("[{spaces}]"), format!("[1{spaces}]"), format!("{spaces}[]{spaces}")] {
            let pieces = split(text.as_bytes()).unwrap();
            assert!(pieces.iter().all(|piece| piece.len() <= WHITE_SPACE_KEPT + 1), "{text:?}");
        }
        let text = format!("[1{spaces},{spaces}{{}}]");
        assert_eq!(bodies(text.as_bytes()), Ok(vec![&b"1"[..], b"{}"]));
    }

    #[test]
    fn the_beginning_of_a_long_element_can_be_forgotten() {
        for text in [
            format!("[{{\"a\":\"{}\\\\\\\"]\"}},2]", "x".repeat(300)),
            format!("[{}, \"{}\", [\"]\", {{}}], 1]", "1".repeat(200), "\\u0000".repeat(50)),
            format!("[1,{}2 , {}\n]\n", " ".repeat(200), "3".repeat(21)),
        ] {
            forgets_well(Elements::default, text.as_bytes());
        }
        // Nothing of the scalar is left when its end is seen.
        let mut elements = Elements::default();
        assert_eq!(elements.next(b"[12", false), Ok(Some(Piece::Between(1))));
        assert_eq!(elements.next(b"12", false), Ok(None));
        elements.forget(2);
        assert_eq!(elements.next(b",3]", true), Ok(Some(record(0, 0))));
        assert_eq!(elements.next(b",3]", true), Ok(Some(record(1, 1))));
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            proptest::string::string_regex("[\\[\\]{}\",:\\\\ \n]{0,8}")
                .unwrap()
                .prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::vec((any::<String>(), inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    /// The text of a value, with white space between its tokens.
    fn write(value: &Value, space: &mut impl FnMut() -> &'static str, out: &mut String) {
        out.push_str(space());
        match value {
            Value::Array(elements) => {
                out.push('[');
                for (at, element) in elements.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    write(element, space, out);
                }
                out.push_str(space());
                out.push(']');
            }
            Value::Object(members) => {
                out.push('{');
                for (at, (name, member)) in members.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    write(&Value::from(name.as_str()), space, out);
                    out.push(':');
                    write(member, space, out);
                }
                out.push_str(space());
                out.push('}');
            }
            scalar => out.push_str(&scalar.to_string()),
        }
        out.push_str(space());
    }

    fn array() -> impl Strategy<Value = (Vec<Value>, String)> {
        let space =
            prop_oneof![3 => Just(""), 1 => Just(" "), 1 => Just("\r\n\t"), 1 => Just("\n  ")];
        let spaces = proptest::collection::vec(space, 1..20);
        (proptest::collection::vec(value(), 0..6), spaces).prop_map(|(elements, spaces)| {
            let mut spaces = spaces.into_iter().cycle();
            let mut text = String::new();
            let array = Value::from(elements.clone());
            write(&array, &mut || spaces.next().unwrap(), &mut text);
            (elements, text)
        })
    }

    #[test]
    fn arbitrary_arrays() {
        runner(500)
            .run(&array(), |(elements, text)| {
                let bodies = bodies(text.as_bytes()).unwrap();
                // Numbers may not be read back as they were written, so both are read.
                let whole: Vec<Value> = serde_json::from_str(&text).unwrap();
                let read: Vec<Value> =
                    bodies.iter().map(|body| serde_json::from_slice(body).unwrap()).collect();
                prop_assert_eq!(elements.len(), read.len());
                prop_assert_eq!(whole, read);
                for body in bodies {
                    prop_assert_eq!(body, body.trim_ascii());
                }
                forgets_well(Elements::default, text.as_bytes());
                Ok(())
            })
            .unwrap();
    }

    #[test]
    fn arbitrary_damage_agrees_with_a_parser() {
        let byte = prop_oneof![
            4 => proptest::sample::select(b"[]{},:\"\\ \n1a".to_vec()),
            1 => any::<u8>(),
        ];
        let edit = (any::<proptest::sample::Index>(), 0..3, byte);
        let edits = proptest::collection::vec(edit, 1..4);
        let accepted = std::cell::Cell::new(0);
        runner(2000)
            .run(&(array(), edits), |((_, text), edits)| {
                let mut text = text.into_bytes();
                for (at, kind, byte) in edits {
                    let at = at.index(text.len() + 1);
                    match kind {
                        0 => text.insert(at, byte),
                        1 if at < text.len() => text[at] = byte,
                        _ if at < text.len() => drop(text.remove(at)),
                        _ => {}
                    }
                }
                let bodies = bodies(&text);
                let read: Option<Vec<Value>> = bodies.ok().and_then(|bodies| {
                    bodies.iter().map(|body| serde_json::from_slice(body).ok()).collect()
                });
                let whole: Option<Vec<Value>> = serde_json::from_slice(&text).ok();
                accepted.set(accepted.get() + u32::from(whole.is_some()));
                prop_assert_eq!(whole, read, "{:?}", text.escape_ascii().to_string());
                Ok(())
            })
            .unwrap();
        // Some of the damage harms nothing, and most does.
        assert!((100..1000).contains(&accepted.get()), "{accepted:?}");
    }
}
