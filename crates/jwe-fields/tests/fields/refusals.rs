//! What is refused, by which name, and that nothing secret is said about it.

use crate::support::{encrypter, recipient, sender};
use jwe_core::{DecryptError, Malformed};
use jwe_fields::{
    AlreadyEncrypted, ClearValue, DecryptOptions, DocumentLimits, EncryptOptions, FieldError,
    JsonKind, Missing, PlaintextEncoding, Position, Scratch,
};

const JSON: PlaintextEncoding = PlaintextEncoding::Json;
/// Stands in every value of these tests and in no error.
const CANARY: &str = "c4n4ry";

fn encrypt_error(fields: &[&str], options: EncryptOptions, document: &str) -> FieldError {
    let mut output = b"before".to_vec();
    let error = sender(fields, options)
        .encrypt_into(document.as_bytes(), &mut output, &mut Scratch::new())
        .unwrap_err();
    assert_eq!(output, b"before");
    checked(error)
}

fn decrypt_error(fields: &[&str], options: DecryptOptions, document: &str) -> FieldError {
    let mut output = b"before".to_vec();
    let error = recipient(fields, options)
        .decrypt_into(document.as_bytes(), &mut output, &mut Scratch::new())
        .unwrap_err();
    assert_eq!(output, b"before");
    checked(error)
}

fn checked(error: FieldError) -> FieldError {
    for text in [error.to_string(), format!("{error:?}")] {
        assert!(!text.contains(CANARY), "{text}");
        assert!(text.len() < 400, "{text}");
    }
    error
}

fn token(plaintext: &str) -> String {
    encrypter().encrypt(plaintext.as_bytes()).unwrap()
}

#[test]
fn missing_fields() {
    let document = format!(r#"{{"a":"{CANARY}"}}"#);
    let error = encrypt_error(&["/a", "/b"], EncryptOptions::new(), &document);
    assert_eq!(error, FieldError::Missing { selector: "/b".to_owned() });
    assert_eq!(error.selector(), Some("/b"));
    let skipping = EncryptOptions::new().with_missing(Missing::Skip);
    assert_eq!(
        sender(&["/b", "$..c"], skipping).encrypt(document.as_bytes()).unwrap(),
        document.as_bytes()
    );
    let sent = sender(&["/a", "/b"], skipping).encrypt(document.as_bytes()).unwrap();
    let error =
        decrypt_error(&["$.a", "$.b"], DecryptOptions::new(), core::str::from_utf8(&sent).unwrap());
    assert_eq!(error.selector(), Some("$.b"));
    let skipping = DecryptOptions::new().with_missing(Missing::Skip);
    let back = recipient(&["$.a", "$.b"], skipping).decrypt(&sent).unwrap();
    assert_eq!(back.as_slice(), document.as_bytes());
}

#[test]
fn values_that_are_not_text() {
    for (value, found) in [
        ("1", JsonKind::Number),
        ("true", JsonKind::Boolean),
        ("null", JsonKind::Null),
        ("[\"c4n4ry\"]", JsonKind::Array),
        ("{\"x\":\"c4n4ry\"}", JsonKind::Object),
    ] {
        let document = format!(r#"{{"a/b":{{"c":{value}}}}}"#);
        let error = encrypt_error(&["/a~1b/c"], EncryptOptions::new(), &document);
        assert_eq!(error, FieldError::NotString { pointer: "/a~1b/c".to_owned(), found });
    }
    for value in ["\"c4n4ry\\ud800\"", "\"\\udc00c4n4ry\"", "\"\\ud83e\\u0041\""] {
        let document = format!("[{value}]");
        let error = encrypt_error(&["/0"], EncryptOptions::new(), &document);
        assert_eq!(error, FieldError::LoneSurrogate { pointer: "/0".to_owned() });
        // The JSON encoding has no trouble with it.
        let sent = sender(&["/0"], EncryptOptions::new().with_encoding(JSON))
            .encrypt(document.as_bytes())
            .unwrap();
        let back =
            recipient(&["/0"], DecryptOptions::new().with_encoding(JSON)).decrypt(&sent).unwrap();
        assert_eq!(back.as_slice(), document.as_bytes());
    }
}

#[test]
fn names_that_stand_twice() {
    let document =
        r#"{"pin":"c4n4ry","p\u0069n":"c4n4ry","ok":"x","list":[{"ok":"c4n4ry","t":1,"t":2}]}"#;
    for fields in ["/pin", "$.pin", "$..pin", "$['pin', 'ok']"] {
        let error =
            encrypt_error(&[fields], EncryptOptions::new().with_missing(Missing::Skip), document);
        assert_eq!((error.code(), error.pointer()), ("field_ambiguous", Some("/pin")), "{fields}");
    }
    let error = encrypt_error(&["$.list[?@.t == 1].ok"], EncryptOptions::new(), document);
    assert_eq!((error.code(), error.pointer()), ("field_ambiguous", Some("/list/0/t")));
    for fields in ["/ok", "$..ok", "$.list[0].ok", "$.list[?@.ok].ok"] {
        let sent = sender(&[fields], EncryptOptions::new()).encrypt(document.as_bytes()).unwrap();
        let back = recipient(&[fields], DecryptOptions::new()).decrypt(&sent).unwrap();
        assert_eq!(back.as_slice(), document.as_bytes());
    }
}

#[test]
fn values_inside_one_another() {
    let options = EncryptOptions::new().with_encoding(JSON);
    let error = encrypt_error(&["$..a"], options, r#"{"a":{"a":"c4n4ry"}}"#);
    let (pointer, inner) = ("/a".to_owned(), "/a/a".to_owned());
    assert_eq!(error, FieldError::Overlap { pointer, inner });
    assert!(error.to_string().contains("overlaps with \"/a/a\""), "{error}");
}

#[test]
fn encrypted_twice() {
    let token = token(CANARY);
    let document = format!(r#"{{"a":"clear","b":"{token}"}}"#);
    for encoding in [PlaintextEncoding::Text, JSON] {
        let options = EncryptOptions::new().with_encoding(encoding);
        let error = encrypt_error(&["/a", "/b"], options, &document);
        assert_eq!(error, FieldError::AlreadyEncrypted { pointer: "/b".to_owned() });
        assert!(!error.to_string().contains(&token));
        // Neither do escapes hide it.
        let escaped = document.replacen('.', "\\u002E", 1);
        let error = encrypt_error(&["/a", "/b"], options, &escaped);
        assert_eq!(error.code(), "field_already_encrypted");
    }

    let options = EncryptOptions::new().with_already_encrypted(AlreadyEncrypted::Leave);
    let mut sent = Vec::new();
    let count = sender(&["/a", "/b"], options).encrypt_into(
        document.as_bytes(),
        &mut sent,
        &mut Scratch::new(),
    );
    assert_eq!(count, Ok(1));
    let back = recipient(&["/a", "/b"], DecryptOptions::new()).decrypt(&sent).unwrap();
    assert_eq!(back.as_slice(), format!(r#"{{"a":"clear","b":"{CANARY}"}}"#).as_bytes());

    let options = EncryptOptions::new().with_already_encrypted(AlreadyEncrypted::EncryptAgain);
    let sent = sender(&["/b"], options).encrypt(document.as_bytes()).unwrap();
    let back = recipient(&["/b"], DecryptOptions::new()).decrypt(&sent).unwrap();
    assert_eq!(back.as_slice(), document.as_bytes());
}

#[test]
fn clear_values_on_decryption() {
    let token = token("secret");
    for value in
        ["\"c4n4ry\"", "\"\"", "1", "null", "{\"x\":\"c4n4ry\"}", "\"c4n4ry.b.c\"", "\"\\ud800\""]
    {
        let document = format!(r#"["{token}", {value}]"#);
        let error = decrypt_error(&["$[*]"], DecryptOptions::new(), &document);
        assert_eq!(error, FieldError::NotEncrypted { pointer: "/1".to_owned() }, "{value}");
        let options = DecryptOptions::new().with_clear_value(ClearValue::Leave);
        let back = recipient(&["$[*]"], options).decrypt(document.as_bytes()).unwrap();
        assert_eq!(back.as_slice(), format!(r#"["secret", {value}]"#).as_bytes());
    }
    let document = r#"["www.c4n4ry.example.co.uk"]"#;
    let options = DecryptOptions::new().with_clear_value(ClearValue::Leave);
    assert_eq!(
        recipient(&["/0"], options).decrypt(document.as_bytes()).unwrap().as_slice(),
        document.as_bytes()
    );
}

#[test]
fn the_engine_s_errors() {
    let token = token(CANARY);
    let changed =
        format!("{}{}", &token[..token.len() - 2], if token.ends_with("AA") { "BA" } else { "AA" });
    let error =
        decrypt_error(&["/pin"], DecryptOptions::new(), &format!(r#"{{"pin":"{changed}"}}"#));
    let pointer = "/pin".to_owned();
    assert_eq!(error, FieldError::Decrypt { pointer, error: DecryptError::DecryptionFailed });
    let error = decrypt_error(&["/0"], DecryptOptions::new(), r#"["c4n4ry.b.c.d.e"]"#);
    assert!(
        matches!(
            error,
            FieldError::Decrypt { error: DecryptError::Malformed(Malformed::Base64(_)), .. }
        ),
        "{error:?}"
    );
    // The first value was decrypted already; nothing of it is left behind (see `decrypt_error`).
    let document = format!(r#"["{token}","{changed}"]"#);
    let error = decrypt_error(&["$[*]"], DecryptOptions::new(), &document);
    assert_eq!(error.pointer(), Some("/1"));
}

#[test]
fn plaintexts_that_do_not_fit() {
    let not_utf8 = encrypter().encrypt(b"c4n4ry\xff").unwrap();
    for encoding in [PlaintextEncoding::Text, JSON] {
        let options = DecryptOptions::new().with_encoding(encoding);
        let error = decrypt_error(&["/0"], options, &format!(r#"["{not_utf8}"]"#));
        assert_eq!(error, FieldError::PlaintextNotUtf8 { pointer: "/0".to_owned() });
    }
    let options = DecryptOptions::new().with_encoding(JSON);
    for plaintext in [
        "",
        "c4n4ry",
        "\"c4n4ry",
        "1,2",
        "1], \"admin\":[true",
        "{\"a\":1}}",
        "\u{feff}1",
        "01",
        "{} {}",
    ] {
        let document = format!(r#"["{}"]"#, token(plaintext));
        let error = decrypt_error(&["/0"], options, &document);
        assert_eq!(error, FieldError::PlaintextNotJson { pointer: "/0".to_owned() }, "{plaintext}");
    }
    let nested = |depth: usize| {
        format!(r#"[["{}"]]"#, token(&format!("{}{}", "[".repeat(depth), "]".repeat(depth))))
    };
    let options = options.with_limits(DocumentLimits::default().with_max_depth(10));
    assert!(recipient(&["/0/0"], options).decrypt(nested(8).as_bytes()).is_ok());
    let error = decrypt_error(&["/0/0"], options, &nested(9));
    assert_eq!(error, FieldError::PlaintextTooDeep { pointer: "/0/0".to_owned(), limit: 10 });
    assert_eq!(decrypt_error(&["/0/0"], options, &nested(500_000)).code(), "plaintext_too_deep");
    // Text that would break out of its string does not.
    let hostile = "\",\"admin\":\"yes\u{0}\n\\";
    let back = recipient(&["/0"], DecryptOptions::new())
        .decrypt(format!(r#"["{}"]"#, token(hostile)).as_bytes())
        .unwrap();
    assert_eq!(serde_json::from_slice::<Vec<String>>(&back).unwrap(), [hostile]);
}

#[test]
fn documents_that_are_not_json() {
    let options = EncryptOptions::new();
    for (document, position) in [
        ("{\"a\": \"c4n4ry\",\n \"b\" c4n4ry}", Some((2, 6))),
        ("{\"a\": \"c4n4ry\"", Some((1, 14))),
        ("", Some((1, 1))),
    ] {
        let error = encrypt_error(&["/a"], options, document);
        assert_eq!(error.code(), "document_not_json");
        let found = error.position().map(|Position { line, column, .. }| (line, column));
        assert_eq!(found, position, "{document}");
    }
    let mut output = Vec::new();
    let not_utf8 = sender(&["/a"], options).encrypt_into(
        b"{\"a\":\"c4n4ry\xff\"}",
        &mut output,
        &mut Scratch::new(),
    );
    assert_eq!(checked(not_utf8.unwrap_err()).code(), "document_not_utf8");
    assert_eq!(encrypt_error(&["/a"], options, "\u{feff}{}").code(), "document_byte_order_mark");
}

#[test]
fn limits() {
    let limits =
        DocumentLimits::default().with_max_document_len(16).with_max_depth(3).with_max_values(2);
    let options = EncryptOptions::new().with_limits(limits);
    for (document, code) in [
        (r#"["c4n4ry-c4n4ry"]"#, "document_too_long"),
        (r#"[[[["c4n4ry"]]]]"#, "document_too_deep"),
        (r#"["a","b","c"]"#, "too_many_values"),
    ] {
        assert_eq!(encrypt_error(&["$[*]"], options, document).code(), code);
    }
    let error =
        decrypt_error(&["/0"], DecryptOptions::new().with_limits(limits), r#"["c4n4ry-c4n4ry"]"#);
    assert_eq!(error, FieldError::TooLong { limit: 16 });
}

#[test]
fn debug_output_shows_no_key_and_no_value() {
    let sender = sender(&["/a"], EncryptOptions::new());
    let mut scratch = Scratch::new();
    sender.encrypt_into(br#"{"a":"c4n4ry"}"#, &mut Vec::new(), &mut scratch).unwrap();
    let text = format!("{sender:?} {scratch:?} {:?}", recipient(&["/a"], DecryptOptions::new()));
    assert!(
        !text.contains(CANARY) && !text.contains("AAECAwQF") && !text.contains("0, 1, 2, 3"),
        "{text}"
    );
    assert!(text.contains("\"/a\""));
}
