//! Bytes outside the selected values leave as they came.

use crate::support::{decrypter, recipient, sender};
use jwe_fields::{
    DecryptOptions, EncryptOptions, FieldError, NonString, PlaintextEncoding, Scratch,
};

const JSON: PlaintextEncoding = PlaintextEncoding::Json;

/// Encrypts, takes the result apart at the tokens, and puts it together again by hand and by
/// decryption. `values` are the JSON texts of the selected values in the order of the text.
fn check(fields: &[&str], document: &str, values: &[&str]) {
    for encoding in [PlaintextEncoding::Text, JSON] {
        if encoding == PlaintextEncoding::Text && !values.iter().all(|value| value.starts_with('"'))
        {
            continue;
        }
        let sender = sender(fields, EncryptOptions::new().with_encoding(encoding));
        let sent = String::from_utf8(sender.encrypt(document.as_bytes()).unwrap()).unwrap();

        let (mut rest, mut at) = (sent.as_str(), 0);
        for value in values {
            let start = rest.find("\"eyJ").unwrap();
            let before = document[at..].find(value).unwrap();
            assert_eq!(&rest[..start], &document[at..at + before], "before {value}");
            let end = start + 1 + rest[start + 1..].find('"').unwrap();
            let plaintext = decrypter().decrypt(&rest[start + 1..end]).unwrap();
            match encoding {
                PlaintextEncoding::Text => {
                    let text: String = serde_json::from_str(value).unwrap();
                    assert_eq!(plaintext.as_slice(), text.as_bytes());
                }
                _ => assert_eq!(plaintext.as_slice(), value.as_bytes()),
            }
            rest = &rest[end + 1..];
            at += before + value.len();
        }
        assert_eq!(rest, &document[at..]);

        let recipient = recipient(fields, DecryptOptions::new().with_encoding(encoding));
        let back = recipient.decrypt(sent.as_bytes()).unwrap();
        match encoding {
            PlaintextEncoding::Text => {
                let (before, after): (serde_json::Value, serde_json::Value) = (
                    serde_json::from_str(document).unwrap(),
                    serde_json::from_slice(&back).unwrap(),
                );
                assert_eq!(before, after);
            }
            _ => assert_eq!(back.as_slice(), document.as_bytes()),
        }
    }
}

#[test]
fn the_request_of_the_scheme() {
    check(
        &["/username", "/password"],
        r#"{"id_connector": 33, "username": "john", "password": "s3cret"}"#,
        &["\"john\"", "\"s3cret\""],
    );
}

#[test]
fn everything_else_stays() {
    let odd = "\u{20}{\r\n\t\"z\" :1.0 , \"a\":1e400,\"n\":-0,\"\\u0041\\/\":\"\\u00e9\\ud800\\/\",\r\n \
        \"twice\":[ ],\"twice\":{ },\"big\":123456789012345678901234567890,\
        \"user\" : {\"p\\u0069n\": \"x\\u0079\\\"\", \"é\":\"🦀\"}}\r\n\n ";
    // serde_json's Value can't hold all of it, so the text encoding is looked at by itself.
    let sender_text = sender(&["/user/pin"], EncryptOptions::new());
    let sent = String::from_utf8(sender_text.encrypt(odd.as_bytes()).unwrap()).unwrap();
    let (before, after) = odd.split_once("\"x\\u0079\\\"\"").unwrap();
    let token = sent.strip_prefix(before).unwrap().strip_suffix(after).unwrap();
    assert_eq!(decrypter().decrypt(token.trim_matches('"')).unwrap().as_slice(), b"xy\"");
    let back = recipient(&["$.user.pin"], DecryptOptions::new()).decrypt(sent.as_bytes()).unwrap();
    assert_eq!(back.as_slice(), format!("{before}\"xy\\\"\"{after}").as_bytes());

    let fields = &["/user/pin", "/A~1", "$.z", "$.a", "/big", "/n"];
    let options = EncryptOptions::new().with_encoding(JSON);
    let sent = sender(fields, options).encrypt(odd.as_bytes()).unwrap();
    assert!(!sent.windows(5).any(|window| window == b"1e400"));
    assert!(sent.starts_with(b" {\r\n\t\"z\" :\"eyJ"));
    let back = recipient(fields, DecryptOptions::new().with_encoding(JSON)).decrypt(&sent).unwrap();
    assert_eq!(back.as_slice(), odd.as_bytes());
}

#[test]
fn whole_documents() {
    for document in ["\"x\"", " \"x\"\n", "{\"a\":[1.0]} ", "[]", "null", "1e400", "true"] {
        check(&[""], document, &[document.trim()]);
        check(&["$"], document, &[document.trim()]);
    }
}

#[test]
fn subtrees_wildcards_slices_and_filters() {
    let document = r#"{"people": [ {"name":"a","pin":"1"}, {"name":"b","pin":"2", "x":[ ]},
        {"name":"c","pin":"3"} ], "card": { "n" : [4, 2], "d":{} }, "": "e"}"#;
    check(&["$.people[*].pin"], document, &["\"1\"", "\"2\"", "\"3\""]);
    check(&["$.people[1:].pin", "/"], document, &["\"2\"", "\"3\"", "\"e\""]);
    check(&["$.people[-1].pin"], document, &["\"3\""]);
    check(&["$..pin"], document, &["\"1\"", "\"2\"", "\"3\""]);
    check(&["$.people[?@.name == 'b'].pin"], document, &["\"2\""]);
    check(&["$.people[?@.x].x", "/card"], document, &["[ ]", "{ \"n\" : [4, 2], \"d\":{} }"]);
    check(
        &["/people/0/pin", "$.people[0].pin", "$.people[::2].pin"],
        document,
        &["\"1\"", "\"3\""],
    );
    check(&["/card/n/1", "/people/2"], document, &["{\"name\":\"c\",\"pin\":\"3\"}", "2"]);
}

#[test]
fn large_and_deep_documents() {
    let depth = 120;
    let deep = format!("{}\"secret\"{}", "[{\"a\":".repeat(depth / 2), "}]".repeat(depth / 2));
    check(&[&"/0/a".repeat(depth / 2)], &deep, &["\"secret\""]);
    check(&[&format!("${}", "[0].a".repeat(depth / 2))], &deep, &["\"secret\""]);
    let long = "é\\n\\u0000 ".repeat(40_000);
    let wide = format!(
        "[{}\"{long}\",\"{}\"]",
        "[1.0 , {\"a\":null}],".repeat(20_000),
        "z".repeat(100_000)
    );
    check(&["/20000"], &wide, &[&format!("\"{long}\"")]);
    check(&["$[-1:]"], &wide, &[&format!("\"{}\"", "z".repeat(100_000))]);
}

#[test]
fn numbers_and_booleans_as_text() {
    let options = EncryptOptions::new().with_non_string(NonString::JsonText);
    let sent = sender(&["$[:3]"], options).encrypt(b"[1.0,true,\"s\",null]").unwrap();
    let back = recipient(&["$[:3]"], DecryptOptions::new()).decrypt(&sent).unwrap();
    assert_eq!(back.as_slice(), br#"["1.0","true","s",null]"#);
    for (field, kind) in [("/3", "null"), ("/4", "an array"), ("/5", "an object")] {
        let sender = sender(&[field], options);
        let error = sender.encrypt(b"[1,2,3,null,[],{}]").unwrap_err();
        assert_eq!((error.code(), error.pointer()), ("field_not_string", Some(field)));
        assert!(error.to_string().contains(kind), "{error}");
    }
}

#[test]
fn tokens_written_with_escapes_are_read() {
    let sent = sender(&["/a"], EncryptOptions::new()).encrypt(br#"{"a":"x"}"#).unwrap();
    let escaped =
        String::from_utf8(sent).unwrap().replacen('.', "\\u002e", 2).replacen('y', "\\u0079", 1);
    let back = recipient(&["/a"], DecryptOptions::new()).decrypt(escaped.as_bytes()).unwrap();
    assert_eq!(back.as_slice(), br#"{"a":"x"}"#);
}

#[test]
fn buffers_are_appended_to_and_used_again() {
    let (sender, recipient) =
        (sender(&["$..pin"], EncryptOptions::new()), recipient(&["$..pin"], DecryptOptions::new()));
    let (mut sent, mut back, mut scratch) = (b"> ".to_vec(), b"< ".to_vec(), Scratch::new());
    let mut expected = back.clone();
    for (document, count) in
        [(&br#"{"pin":"1","list":[{"pin":"22"},{"pin":"333"}]}"#[..], 3), (br#"[{"pin":""}]"#, 1)]
    {
        let start = sent.len();
        assert_eq!(sender.encrypt_into(document, &mut sent, &mut scratch), Ok(count));
        assert_eq!(recipient.decrypt_into(&sent[start..], &mut back, &mut scratch), Ok(count));
        expected.extend_from_slice(document);
        let (before_sent, before_back) = (sent.clone(), back.clone());
        let error = sender.encrypt_into(b"{\"pin\":1}", &mut sent, &mut scratch).unwrap_err();
        assert_eq!(error.code(), "field_not_string");
        let error = recipient.decrypt_into(b"{\"pin\":\"a.b.c.d.e\"}", &mut back, &mut scratch);
        assert!(matches!(error, Err(FieldError::Decrypt { .. })));
        assert_eq!((sent.as_slice(), back.as_slice()), (&before_sent[..], &before_back[..]));
    }
    assert_eq!(back, expected);
}
