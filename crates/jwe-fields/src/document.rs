//! The checks before anything else looks at a document: length, encoding, JSON.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::error::{FieldError, Position};
use crate::limits::DocumentLimits;

/// Checks that the bytes are one JSON text in UTF-8 (RFC 8259 §2, §8.1) within the limit.
///
/// Whether they are JSON is judged by `serde_json`, without recursion. The depth is not judged
/// here.
///
/// # Errors
/// [`FieldError::TooLong`], [`FieldError::ByteOrderMark`], [`FieldError::NotUtf8`],
/// [`FieldError::NotJson`].
pub(crate) fn check(input: &[u8], limits: &DocumentLimits) -> Result<(), FieldError> {
    if input.len() > limits.max_document_len() {
        return Err(FieldError::TooLong { limit: limits.max_document_len() });
    }
    if input.starts_with(b"\xef\xbb\xbf") {
        return Err(FieldError::ByteOrderMark);
    }
    let text = core::str::from_utf8(input).map_err(|error| FieldError::NotUtf8 {
        position: Position::of(input, error.valid_up_to()),
    })?;
    parse(text).map_err(|error| FieldError::NotJson {
        // The end of the text is column 0 of the next line when a newline comes last.
        position: Position { line: error.line(), column: error.column().max(1) },
        ends_early: error.is_eof(),
    })
}

/// Whether the text is one JSON value, with nothing but white space around it.
pub(crate) fn is_json(text: &str) -> bool {
    parse(text).is_ok()
}

fn parse(text: &str) -> serde_json::Result<()> {
    let mut parser = serde_json::Deserializer::from_str(text);
    IgnoredAny::deserialize(&mut parser)?;
    parser.end()
}

/// How deep arrays and objects nest in a text that is known to be JSON.
pub(crate) fn depth(json: &[u8]) -> usize {
    let (mut at, mut depth, mut deepest) = (0, 0_usize, 0);
    while let Some(byte) = json.get(at) {
        at += 1;
        match byte {
            b'"' => at = crate::json_string::end_of_string(json, at).0,
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(input: &[u8]) -> FieldError {
        check(input, &DocumentLimits::default()).unwrap_err()
    }

    #[test]
    fn accepts_json_only() {
        for json in
            ["{}", " [1e400, -0, 1.0] \r\n", "\"\\ud800\"", "null", "1", "{\"a\":1,\"a\":2}"]
        {
            assert_eq!(check(json.as_bytes(), &DocumentLimits::default()), Ok(()), "{json}");
        }
        for other in [
            "",
            " ",
            "{} {}",
            "[1,]",
            "{\"a\":1,}",
            "{a:1}",
            "01",
            "+1",
            ".5",
            "1.",
            "NaN",
            "'a'",
            "\"\t\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "[1 2]",
            "{\"a\" 1}",
            "nul",
            "//\n1",
            "\"",
            "[",
            "{\"a\":",
            "[}",
        ] {
            let error = error(other.as_bytes());
            assert_eq!(error.code(), "document_not_json", "{other}");
            assert!(error.position().is_some());
        }
    }

    #[test]
    fn tells_the_place() {
        assert_eq!(
            error(b"{\n  \"a\": tru }"),
            FieldError::NotJson { position: Position { line: 2, column: 11 }, ends_early: false }
        );
        assert!(matches!(error(b"[1,"), FieldError::NotJson { ends_early: true, .. }));
        assert_eq!(
            error(b"[\"a\",\n \"\xff\"]"),
            FieldError::NotUtf8 { position: Position { line: 2, column: 3 } }
        );
        assert_eq!(error(b"\xef\xbb\xbf{}"), FieldError::ByteOrderMark);
        let limits = DocumentLimits::default().with_max_document_len(3);
        assert_eq!(check(b"null", &limits), Err(FieldError::TooLong { limit: 3 }));
    }

    #[test]
    fn does_not_recurse() {
        assert_eq!(error(&[b'['; 1_000_000]).code(), "document_not_json");
        let mut deep = vec![b'['; 1_000_000];
        deep.resize(2_000_000, b']');
        assert_eq!(check(&deep, &DocumentLimits::default()), Ok(()));
        assert_eq!(depth(&deep), 1_000_000);
        assert_eq!(depth(b"[\"[[[\", {\"{\\\"{\": [1]}]"), 3);
    }
}
