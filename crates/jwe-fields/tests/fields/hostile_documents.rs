//! No document makes it panic, hang or grow without bound.

use std::time::{Duration, Instant};

use crate::support::{compressing_encrypter, inflating_recipient, recipient, sender};
use jwe_fields::{
    DecryptOptions, DocumentLimits, EncryptOptions, Missing, NonString, PlaintextEncoding, Scratch,
};

const FIELDS: &[&str] =
    &["/a", "/b/0", "$..pin", "$.list[?@.x == 'y' && @.z < 1e3].v", "$.list[1:-1]"];

/// Runs both directions; whatever comes out must be a document or an error.
fn survive(document: &[u8]) {
    let start = Instant::now();
    for encoding in [PlaintextEncoding::Text, PlaintextEncoding::Json] {
        let encrypt = EncryptOptions::new().with_missing(Missing::Skip).with_encoding(encoding);
        if let Ok(sent) =
            sender(FIELDS, encrypt.with_non_string(NonString::JsonText)).encrypt(document)
        {
            assert!(serde_json::from_slice::<serde::de::IgnoredAny>(&sent).is_ok());
        }
        let decrypt = DecryptOptions::new().with_missing(Missing::Skip).with_encoding(encoding);
        let _ = recipient(FIELDS, decrypt).decrypt(document);
    }
    assert!(start.elapsed() < Duration::from_secs(20));
}

const SAMPLE: &str = r#" {"a":"\u00e9\ud83e\udd80\\\"x","b":[-1.5e-3,true,null],"pin":{"q":[{}]},"list":[{"x":"y","z":1,
    "v":"t\/o"},{"v":2},[],""],"dup":1,"dup":2,"t":"eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA"} "#;

#[test]
fn cut_at_every_byte() {
    for at in 0..=SAMPLE.len() {
        survive(&SAMPLE.as_bytes()[..at]);
        survive(&SAMPLE.as_bytes()[at..]);
    }
}

#[test]
fn every_byte_changed() {
    for at in 0..SAMPLE.len() {
        for byte in [0, b'"', b'\\', b'{', b']', b',', b':', b'0', b' ', 0x80, 0xff] {
            let mut changed = SAMPLE.as_bytes().to_vec();
            changed[at] = byte;
            survive(&changed);
        }
    }
}

#[test]
fn deep_wide_and_long() {
    let repeat = |text: &str, count| text.repeat(count);
    for document in [
        repeat("[", 100_000),
        repeat("{\"a\":", 100_000),
        repeat("[", 100_000) + &repeat("]", 100_000),
        repeat("\"", 100_001),
        repeat("\\", 100_000),
        format!("[{}1]", repeat("1,", 300_000)),
        format!("{{{}\"a\":1}}", repeat("\"x\":\"\",", 100_000)),
        format!("{{\"a\":{}}}", repeat("9", 1_000_000)),
        format!("{{\"a\":\"{}\"}}", repeat("\\u0000", 150_000)),
        format!("{{\"{}\":1}}", repeat("\\u0061", 150_000)),
        format!("{{\"list\":[{}0]}}", repeat("{\"x\":\"y\",\"z\":1},", 50_000)),
        format!("{{\"a\":\"{}\"}}", repeat(".", 900_000)),
        format!("{{\"a\":\"{}....\"}}", repeat("A", 900_000)),
        "{\"a\":1e999999999999}".to_owned(),
        "{\"a\":-0.0e-0}".to_owned(),
    ] {
        survive(document.as_bytes());
    }
}

#[test]
fn deep_documents_do_not_exhaust_the_stack() {
    let depth = DocumentLimits::DEEPEST_DOCUMENT - 2;
    let nested = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let document = format!("[[{nested},\"v\"],[{nested},\"w\"]]");
    let limits = DocumentLimits::default().with_max_depth(usize::MAX);
    let options = EncryptOptions::new().with_limits(limits);
    let sent = sender(&["$[?@[0] == $[1][0]][1]"], options).encrypt(document.as_bytes()).unwrap();
    assert_eq!(sent.windows(4).filter(|window| window == b"\"eyJ").count(), 2);
    let error = sender(&["$"], options).encrypt(format!("[{document}]").as_bytes()).unwrap_err();
    assert_eq!(error.code(), "document_too_deep");
}

/// Each compressed value is within its limit, and all of them together are not.
#[test]
fn compressed_values_do_not_blow_a_document_up() {
    const LONG: usize = 100_000;
    let token = compressing_encrypter().encrypt("x".repeat(LONG).as_bytes()).unwrap();
    assert!(token.len() < 500);
    let values = |count: usize, value: &str| format!("[{}]", vec![value; count].join(","));
    let document = values(50, &format!("\"{token}\""));
    let fields = |limit| {
        let limits = DocumentLimits::default().with_max_document_len(limit);
        inflating_recipient(&["$[*]"], DecryptOptions::new().with_limits(limits))
    };
    let expected = values(50, &format!("\"{}\"", "x".repeat(LONG)));
    let fits = fields(expected.len()).decrypt(document.as_bytes()).unwrap();
    assert_eq!(*fits, expected.as_bytes());

    // Room for ten values.
    let mut output = b"before".to_vec();
    let error = fields(10 * LONG + 100)
        .decrypt_into(document.as_bytes(), &mut output, &mut Scratch::new())
        .unwrap_err();
    assert_eq!((error.code(), error.pointer()), ("document_grows_too_long", Some("/10")));
    assert_eq!(output, b"before");
    assert!(output.capacity() < 3 * 10 * LONG);
}

/// The limit holds for the whole document, also for what stands behind its last value.
#[test]
fn what_stands_behind_the_last_value_counts() {
    const LONG: usize = 10_000;
    let token = compressing_encrypter().encrypt("x".repeat(LONG).as_bytes()).unwrap();
    let document = format!("[\"{token}\",\"{}\"]", "y".repeat(50));
    let expected = format!("[\"{}\",\"{}\"]", "x".repeat(LONG), "y".repeat(50));
    for (limit, code) in
        [(expected.len(), None), (expected.len() - 1, Some("document_grows_too_long"))]
    {
        let limits = DocumentLimits::default().with_max_document_len(limit);
        let options = DecryptOptions::new().with_limits(limits);
        let mut output = b"before".to_vec();
        let outcome = inflating_recipient(&["/0"], options).decrypt_into(
            document.as_bytes(),
            &mut output,
            &mut Scratch::new(),
        );
        assert_eq!(outcome.as_ref().err().map(|error| error.code()), code);
        match code {
            None => assert_eq!(output, format!("before{expected}").as_bytes()),
            Some(_) => assert_eq!(output, b"before"),
        }
    }
}
