//! A header that is not one JSON object in UTF-8 (RFC 7516 §5.2, step 3; RFC 8259 §8.1): a byte order
//! mark, halves of characters, too long forms. What two readers decode differently is refused.

use jwe::{Backend, Limits};

use crate::target::Target;

pub(crate) fn check(backend: &'static Backend) {
    for target in Target::all(backend) {
        let good = target.good.header_json();
        for header in not_one_object(&target, &good) {
            target.refuses_header(&header, "header_not_json");
        }
        for bytes in BROKEN {
            let text = target.header_with(r#","x":"@","y":1"#);
            let inside = |text: &str| {
                let at = text.find('@').unwrap();
                [&text.as_bytes()[..at], bytes, &text.as_bytes()[at + 1..]].concat()
            };
            target.refuses_header(&inside(&text), "header_not_json");
            // In a name, around the object, and where the key's name is.
            target.refuses_header(&inside(&target.header_with(r#","@":1"#)), "header_not_json");
            target.refuses_header(&[good.as_bytes(), bytes].concat(), "header_not_json");
            target.refuses_header(&[bytes, good.as_bytes()].concat(), "header_not_json");
            let kid = good.replace(target.jwk.kid().unwrap(), "@");
            target.refuses_header(&inside(&kid), "header_not_json");
        }
        // In the unprotected headers of a message the same holds.
        let lone = target.good.with_header(target.header_with(r#","x":"\udc00""#).as_bytes());
        target.refuses_message(&flattened(&lone, ""), "header_not_json");
        for value in [r#"{"x":"\ud800"}"#, r#"{"\udfff":1}"#] {
            let text = flattened(&target.good, &format!(r#","unprotected":{value}"#));
            target.refuses_message(&text, "header_not_json");
        }
        // The control: the whole of Unicode is read, as it is and escaped.
        for good in [r#","x":"é\ud83d\udd11🔑\u0000\uffff""#, ",\"x\":\"\u{feff}\u{10ffff}\""] {
            let header = target.header_with(good);
            assert!(header.len() < Limits::MAX_HEADER_LEN);
            target.refuses_header(header.as_bytes(), "decryption_failed");
        }
    }
}

/// Overlong forms of "/", of NUL and of a character of three bytes, a surrogate and a pair of them, a
/// continuation alone, a beginning alone, beyond Unicode, and what no UTF-8 has.
const BROKEN: [&[u8]; 12] = [
    &[0xc0, 0xaf],
    &[0xe0, 0x80, 0xaf],
    &[0xf0, 0x80, 0x80, 0xaf],
    &[0xc0, 0x80],
    &[0xf0, 0x82, 0x82, 0xac],
    &[0xed, 0xa0, 0x80],
    &[0xed, 0xa0, 0xbd, 0xed, 0xb4, 0x91],
    &[0x80],
    &[0xc3],
    &[0xf4, 0x90, 0x80, 0x80],
    &[0xfe],
    &[0xff],
];

fn not_one_object(target: &Target, good: &str) -> Vec<Vec<u8>> {
    let mut headers: Vec<Vec<u8>> = [
        String::new(),
        " ".to_owned(),
        "null".to_owned(),
        "7".to_owned(),
        "[]".to_owned(),
        format!("[{good}]"),
        format!("\"{}\"", good.replace('"', "\\\"")),
        format!("\u{feff}{good}"),
        format!("{good}\u{feff}"),
        format!("{good}{good}"),
        format!("{good},"),
        format!("{good}\0"),
        format!("{good}//"),
        format!("/**/{good}"),
        good[..good.len() - 1].to_owned(),
        good.replace('"', "'"),
        good.replacen('{', "{,", 1),
        good.replacen('}', ",}", 1),
        good.replacen(':', "\u{a0}:", 1),
        target.header_with(",x:1"),
        target.header_with(r#","x":"\ud800""#),
        target.header_with(r#","x":"\ud800\u0041""#),
        target.header_with(r#","x":"\udc00\ud800""#),
        target.header_with(r#","\udfff":1"#),
        target.header_with(r#","x":"\u{41}""#),
        target.header_with(r#","x":"\x41""#),
        target.header_with(r#","x":"\u004""#),
        target.header_with(",\"x\":\"\n\""),
        target.header_with(",\"x\":\"\0\""),
    ]
    .into_iter()
    .map(String::into_bytes)
    .collect();
    for units in [good.to_owned(), format!("\u{feff}{good}")] {
        headers.push(units.encode_utf16().flat_map(u16::to_le_bytes).collect());
        headers.push(units.encode_utf16().flat_map(u16::to_be_bytes).collect());
    }
    headers
}

fn flattened(parts: &jwe_tests::parts::Parts, more: &str) -> String {
    let jwe_tests::parts::Parts { header, encrypted_key, iv, ciphertext, tag } = parts;
    let key = match encrypted_key.as_str() {
        "" => String::new(),
        _ => format!(r#""encrypted_key":"{encrypted_key}","#),
    };
    format!(
        r#"{{"protected":"{header}",{key}"iv":"{iv}","ciphertext":"{ciphertext}","tag":"{tag}"{more}}}"#
    )
}
