//! The members of a JSON object as they stand in its text, in their order, those that are there twice
//! included.

use serde_json::Value;

/// One member.
#[derive(Clone, Debug)]
pub(crate) struct Member<'a> {
    /// The name, unescaped.
    pub(crate) name: String,
    /// The name as it stands in the text, with its quotes.
    pub(crate) raw_name: &'a str,
    /// The value as it stands in the text.
    pub(crate) raw_value: &'a str,
    /// The value.
    pub(crate) value: Value,
}

/// The members of `json`, if it is one JSON object.
pub(crate) fn of(json: &str) -> Option<Vec<Member<'_>>> {
    // What follows reads JSON that is known to be well formed.
    let Ok(Value::Object(_)) = serde_json::from_str::<Value>(json) else {
        return None;
    };
    let inner = json.trim_ascii().strip_prefix('{')?.strip_suffix('}')?;
    if inner.trim_ascii().is_empty() {
        return Some(Vec::new());
    }
    let mut members = Vec::new();
    for text in split(inner, b',') {
        let mut halves = split(text, b':').into_iter();
        let raw_name = halves.next()?.trim_ascii();
        // A name ends at the first colon outside of its quotes; the value may have more of them in
        // objects, which `split` does not enter.
        let raw_value = halves.next()?.trim_ascii();
        members.push(Member {
            name: serde_json::from_str(raw_name).ok()?,
            raw_name,
            raw_value,
            value: serde_json::from_str(raw_value).ok()?,
        });
    }
    Some(members)
}

/// Splits well-formed JSON at a byte that stands neither in a string nor in an array or an object.
fn split(text: &str, at: u8) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut depth, mut in_string, mut escaped, mut start) = (0_usize, false, false, 0);
    for (position, byte) in text.bytes().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => depth = depth.saturating_add(1),
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ if byte == at && depth == 0 => {
                pieces.extend(text.get(start..position));
                start = position.saturating_add(1);
            }
            _ => {}
        }
    }
    pieces.extend(text.get(start..));
    pieces
}

#[cfg(test)]
mod tests {
    #[test]
    fn members_keep_their_order_and_their_text() {
        let json = r#" { "b" : 1.0 , "a\u0062":{"x":[1,"},"], "y":2}, "b":"\\\"" } "#;
        let members = super::of(json).unwrap();
        let seen: Vec<(&str, &str)> =
            members.iter().map(|member| (member.name.as_str(), member.raw_value)).collect();
        assert_eq!(seen, [("b", "1.0"), ("ab", r#"{"x":[1,"},"], "y":2}"#), ("b", r#""\\\"""#)]);
        assert_eq!(super::of(" {} ").unwrap().len(), 0);
        for other in ["[]", "1", "{", "", "{\"a\":1} x"] {
            assert!(super::of(other).is_none(), "{other}");
        }
    }
}
