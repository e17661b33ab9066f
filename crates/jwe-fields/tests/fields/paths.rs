//! Ends of the language of paths that a reader seldom comes to (RFC 9535).

use jwe_fields::{EncryptOptions, FieldError, Missing, Selector, SelectorError};

use crate::support::sender;

/// Which of the strings `v0`, `v1`, ... of the document are selected.
fn selected(path: &str, document: &str) -> Vec<usize> {
    let options = EncryptOptions::new().with_missing(Missing::Skip);
    let sent = sender(&[path], options).encrypt(document.as_bytes()).unwrap();
    let sent = String::from_utf8(sent).unwrap();
    (0..10)
        .filter(|at| document.contains(&format!("\"v{at}\"")))
        .filter(|at| !sent.contains(&format!("\"v{at}\"")))
        .collect()
}

fn reason(path: &str) -> (&'static str, usize) {
    match Selector::parse(path).unwrap_err() {
        SelectorError::JsonPath { reason, column, .. } => (reason, column),
        other => panic!("{other}"),
    }
}

#[test]
fn names_have_the_escapes_of_json() {
    let document = r#"{"\f":"v0","\b":"v1","\t":"v2","/":"v3","'":"v4","\ud83d\ude00":"v5"}"#;
    for (path, expected) in [
        (r"$['\f']", 0),
        (r"$['\b']", 1),
        (r"$['\t']", 2),
        (r"$['\/']", 3),
        (r"$['\'']", 4),
        (r"$['\uD83D\uDE00']", 5),
        ("$['\u{1f600}']", 5),
    ] {
        assert_eq!(selected(path, document), [expected], "{path}");
    }
    for path in [r"$['\ud83d']", r"$['\ud83d\u0041']", r"$['\ude00']", r"$['\ud83dx']"] {
        assert_eq!(reason(path).0, "half of a surrogate pair", "{path}");
    }
    assert_eq!(reason(r"$['\x']"), ("not an escape of JSON strings", 4));
    assert_eq!(reason(r#"$['\"']"#), ("not an escape of JSON strings", 4));
    assert_eq!(reason("$['a").0, "the string does not end");
    assert_eq!(reason("$['\n']"), ("control characters must be escaped", 4));
}

#[test]
fn values_are_compared_as_json_has_them() {
    let document = r#"[
        {"a":null,"s":"v0"},
        {"a":[1,2],"b":[1],"s":"v1"},
        {"a":[1,2],"b":[1.0,2e0],"s":"v2"},
        {"a":[1,2],"b":[1,3],"s":"v3"},
        {"a":"a text of some length","b":"a","s":"v4"},
        {"a":"\u0061","b":"a","s":"v5"},
        {"a":false,"b":false,"s":"v6"},
        {"a":{"x":1,"y":2},"b":{"x":1},"s":"v7"},
        {"a":{"x":1,"y":[]},"b":{"y":[],"x":1},"s":"v8"},
        {"b":null,"s":"v9"}
    ]"#;
    for (condition, expected) in [
        ("@.a==null", &[0][..]),
        ("@.b==null", &[9]),
        ("@.a==@.b", &[2, 5, 6, 8]),
        ("@.a==false", &[6]),
        ("@.a==true", &[]),
        ("@.a==@.none", &[9]),
        ("@.a=='a'", &[5]),
        ("null==null && @.a==1", &[]),
        ("1==1.0 && @.s=='v3'", &[3]),
    ] {
        assert_eq!(selected(&format!("$[?{condition}].s"), document), expected, "{condition}");
    }
}

#[test]
fn a_path_that_takes_too_much_work_is_named() {
    let document = format!("[{}1]", "[[1,1],[1,1]],".repeat(3000));
    let path = "$..[?count($..*)>0]";
    let options = EncryptOptions::new().with_missing(Missing::Skip);
    let error = sender(&[path], options).encrypt(document.as_bytes()).unwrap_err();
    assert_eq!(error, FieldError::TooMuchWork { selector: path.to_owned() });
    assert_eq!((error.selector(), error.pointer()), (Some(path), None));
}

#[test]
fn a_selector_is_its_text() {
    let selector: Selector = "$.a[0]".parse().unwrap();
    assert_eq!((selector.as_str(), selector.to_string().as_str()), ("$.a[0]", "$.a[0]"));
    assert_eq!(format!("{selector:>8}"), "  $.a[0]");
    assert_eq!(format!("{selector:?}"), "Selector(\"$.a[0]\")");
}
