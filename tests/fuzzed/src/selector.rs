//! Target `selector`: a line with a selector, and a JSON document. What is selected is what another
//! implementation of JSONPath selects.

use jwe_fields::{
    AlreadyEncrypted, EncryptOptions, FieldEncrypter, Missing, PlaintextEncoding, Selector,
};
use serde_json::Value;

use crate::sides;

/// The most filters in a selector for which a second opinion is asked.
const MOST_FILTERS: usize = 8;

/// Runs the target.
pub fn run(input: &[u8]) {
    let Some(at) = input.iter().position(|byte| *byte == b'\n') else { return };
    let (selector, document) = (&input[..at], &input[at + 1..]);
    let Ok(text) = core::str::from_utf8(selector) else { return };
    let parsed = Selector::parse(text);
    if let Ok(selector) = &parsed {
        assert_eq!(selector.as_str(), text);
    }
    let value = serde_json::from_slice::<Value>(document);
    let expected = if text.starts_with('$') {
        json_path(text, &parsed, value.as_ref().ok())
    } else {
        json_pointer(text, &parsed, value.as_ref().ok())
    };
    let (Ok(selector), Some(mut expected), Ok(value)) = (parsed, expected, value) else { return };
    let options = EncryptOptions::new()
        .with_encoding(PlaintextEncoding::Json)
        .with_missing(Missing::Skip)
        .with_already_encrypted(AlreadyEncrypted::EncryptAgain);
    let fields =
        FieldEncrypter::new(sides::direct().encrypter.clone(), [selector], options).unwrap();
    // Values inside one another, names that stand twice, too much work.
    let Ok(encrypted) = fields.encrypt(document) else { return };
    let mut changed = Vec::new();
    collect_changes(&value, &serde_json::from_slice(&encrypted).unwrap(), "", &mut changed);
    changed.sort();
    expected.sort();
    expected.dedup();
    assert_eq!(changed, expected, "{text} on {value}");
}

/// The pointers that the other implementation selects, where both know the selector.
fn json_path(
    text: &str,
    parsed: &Result<Selector, jwe_fields::SelectorError>,
    value: Option<&Value>,
) -> Option<Vec<String>> {
    // Compared where both parsers are meant to be used: without escapes that are cut off, and with few
    // filters inside one another.
    if parsed.is_err() && text.contains('\\') || text.matches('?').count() > MOST_FILTERS {
        return None;
    }
    let peer = serde_json_path::JsonPath::parse(text).ok()?;
    // What the other takes and we do not is in `Selector`: patterns that are none or no literal, and
    // nesting beyond its limit.
    let known = text.contains("match") || text.contains("search") || text.len() > 256;
    assert!(parsed.is_ok() || known, "{text} is a JSONPath");
    let value = value?;
    // Patterns differ in what they take, and so in what they select.
    if known {
        return None;
    }
    Some(peer.query_located(value).locations().map(|path| path.to_json_pointer()).collect())
}

fn json_pointer(
    text: &str,
    parsed: &Result<Selector, jwe_fields::SelectorError>,
    value: Option<&Value>,
) -> Option<Vec<String>> {
    let is_pointer = text.is_empty()
        || text.starts_with('/')
            && text.split('~').skip(1).all(|behind| behind.starts_with(['0', '1']));
    assert_eq!(parsed.is_ok(), is_pointer, "{text}");
    let found = value?.pointer(text).filter(|_| is_pointer);
    Some(found.map(|_| text.to_owned()).into_iter().collect())
}

/// Every value that is not what it was, by its pointer.
fn collect_changes(before: &Value, after: &Value, pointer: &str, changed: &mut Vec<String>) {
    match (before, after) {
        (Value::Array(before), Value::Array(after)) => {
            for (at, (before, after)) in before.iter().zip(after).enumerate() {
                collect_changes(before, after, &format!("{pointer}/{at}"), changed);
            }
        }
        (Value::Object(before), Value::Object(after)) => {
            for (name, before) in before {
                let token = name.replace('~', "~0").replace('/', "~1");
                collect_changes(before, &after[name], &format!("{pointer}/{token}"), changed);
            }
        }
        _ if before == after => {}
        _ => {
            assert!(after.as_str().is_some_and(|text| text.starts_with("eyJ")), "{pointer}");
            changed.push(pointer.to_owned());
        }
    }
}
