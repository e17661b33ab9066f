//! Members of a message that are deep, wide or long, known ones and unknown ones.

use jwe::{Backend, Compact, Limits, Message, Serialization};

use crate::messages::{KIB, MIB, Reader};
use crate::target::{TIME, within};

/// Long, deep and wide JSON in every member.
pub(super) fn long_deep_and_wide(backend: &'static Backend) {
    let target = Reader::new(backend);
    let good = target.open_end();
    let mebibyte = 1 << 20;
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let objects = |depth: usize| format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
    let with = |name: &str, value: &str| format!(r#"{good},"{name}":{value}}}"#);

    // Nesting: a byte for each level is kept, and no stack is used.
    for (name, deep, code) in [
        ("unprotected", format!(r#"{{"a":{}}}"#, nested(mebibyte / 2)), "header_too_long"),
        ("header", format!(r#"{{"a":{}}}"#, nested(mebibyte / 2)), "header_too_long"),
        ("unprotected", objects(mebibyte / 6), "header_too_long"),
        ("unprotected", format!(r#"{{"a":{}}}"#, nested(4000)), "header_not_json"),
        ("header", objects(1300), "header_not_json"),
        ("aad", nested(mebibyte / 2), "message_member"),
        ("recipients", nested(mebibyte / 2), "message_member"),
        ("iv", objects(mebibyte / 6), "message_member"),
    ] {
        target.refuses(&format!("deep {name}"), &with(name, &deep), code, 2 * MIB);
    }
    let ignored = with("unknown", &nested(mebibyte / 2));
    let limits = Limits::default();
    let opened = within("deep and unknown", 2 * MIB, TIME * 2, || {
        Reader::open(&target.decrypter, &limits, &ignored)
    });
    assert_eq!(opened, Ok(4));
    let unclosed = format!(r#"{good},"unknown":{}"#, "[".repeat(mebibyte));
    target.refuses("deep and unclosed", &unclosed, "message_not_json", 3 * MIB);
    target.refuses(
        "deep from the start",
        &r#"{"a":"#.repeat(mebibyte / 5),
        "message_not_json",
        3 * MIB,
    );
    target.refuses("arrays from the start", &"[".repeat(mebibyte), "segment_count", 64 * KIB);
    let entries = with("recipients", &format!("[{}]", vec![nested(8); 50_000].join(","))).replacen(
        r#""encrypted_key""#,
        r#""x""#,
        1,
    );
    target.refuses("arrays as recipients", &entries, "message_member", MIB);

    // Names, all different: finding one twice must not take the square of them.
    let many = |from: &str| {
        let names: Vec<String> = (0..130_000).map(|at| format!(r#""{at:x}":0"#)).collect();
        format!("{from}{}", names.join(","))
    };
    assert!(many("").len() > mebibyte);
    target.refuses(
        "unknown members",
        &format!("{}}}", many(&format!("{good},"))),
        "message_member",
        64 * KIB,
    );
    target.refuses(
        "unknown members before",
        &format!("{},{}}}", many("{"), &good[1..]),
        "message_member",
        64 * KIB,
    );
    let wide = |name: &str| with(name, &format!("{}}}", many("{")));
    target.refuses("members of unprotected", &wide("unprotected"), "header_too_long", 64 * KIB);
    target.refuses("members of header", &wide("header"), "header_too_long", 64 * KIB);
    let recipient = with("recipients", &format!("[{}}}]", many("{"))).replacen(
        r#""encrypted_key""#,
        r#""x""#,
        1,
    );
    target.refuses("members of a recipient", &recipient, "message_member", 64 * KIB);
    // As many as fit into a header, with escapes, so that each name is a copy.
    let names: Vec<String> = (0..500).map(|at| format!(r#""\u0061{at:x}":0"#)).collect();
    let header = format!("{{{}}}", names.join(","));
    assert!(header.len() < Limits::MAX_HEADER_LEN);
    let opened = within("a wide header", MIB, TIME, || {
        Reader::open(&target.decrypter, &limits, &with("unprotected", &header))
    });
    assert_eq!(opened, Ok(4));

    // Long names, strings and numbers.
    let long = "x".repeat(mebibyte);
    let escapes = r"\u0061".repeat(mebibyte / 6);
    target.refuses(
        "a long name",
        &format!(r#"{good},"{long}":0,"{long}":0}}"#),
        "message_member",
        2 * MIB,
    );
    target.refuses(
        "a name of escapes",
        &format!(r#"{good},"{escapes}":0,"{escapes}":0}}"#),
        "message_member",
        4 * MIB,
    );
    target.refuses(
        "a string of escapes",
        &with("aad", &format!("\"{escapes}\"")),
        "message_member",
        64 * KIB,
    );
    target.refuses(
        "a long number",
        &with("aad", &"9".repeat(mebibyte)),
        "message_member",
        64 * KIB,
    );
    target.refuses(
        "a long kid",
        &with("header", &format!(r#"{{"kid":"{long}"}}"#)),
        "header_too_long",
        64 * KIB,
    );
    // A mebibyte that is authenticated has to be joined with the header.
    let aad = with("aad", &format!("\"{}\"", "A".repeat(mebibyte)));
    target.refuses("a long aad", &aad, "decryption_failed", 2 * MIB);
}

/// White space of any length, and other things before and behind.
pub(super) fn spaces_and_what_is_around_the_object(backend: &'static Backend) {
    let target = Reader::new(backend);
    let good = format!("{}}}", target.open_end());
    let spaces = " ".repeat(16 << 20);
    let limits = Limits::default();
    target.refuses("spaces", &spaces, "segment_count", 64 * KIB);
    target.refuses("more spaces", &format!("{spaces} "), "token_too_long", 64 * KIB);
    target.refuses("spaces and a brace", &format!("{spaces}{{"), "token_too_long", 64 * KIB);
    target.refuses("spaces inside", &format!("{{{}}}", &spaces[2..]), "message_member", 64 * KIB);
    target.refuses(
        "spaces behind a brace",
        &format!("{{{}", &spaces[1..]),
        "message_not_json",
        64 * KIB,
    );
    for text in [
        format!("{}{good}", &spaces[good.len()..]),
        format!("{good}{}", &spaces[good.len()..]),
        good.replacen(':', &format!(":{}", &spaces[good.len()..]), 1),
    ] {
        assert_eq!(text.len(), 16 << 20);
        let opened = within("spaces around", 64 * KIB, TIME * 17, || {
            Reader::open(&target.decrypter, &limits, &text)
        });
        assert_eq!(opened, Ok(4));
    }
    for (text, code) in [
        (format!("\u{feff}{good}"), "segment_count"),
        (format!("{good}\u{feff}"), "message_not_json"),
        (format!("{good}{good}"), "message_not_json"),
        (format!("{good}\n{good}"), "message_not_json"),
        (format!("{good},"), "message_not_json"),
        (format!("{good}\0"), "message_not_json"),
        (format!("{good}}}"), "message_not_json"),
        (format!("[{good}]"), "segment_count"),
        (format!("\"{good}\""), "segment_count"),
        (good.replace('"', "'"), "message_not_json"),
        (good.replacen('{', "{/**/", 1), "message_not_json"),
        (format!("{{\"a\":{good}}}"), "message_member"),
    ] {
        target.refuses("around", &text, code, 64 * KIB);
    }
    // Compact tokens are read by who takes JSON, not the other way round.
    let message = Message::parse(&good, &limits).unwrap();
    let mut token = String::new();
    Compact.write(&message, &mut token).unwrap();
    assert_eq!(Reader::open(&target.decrypter, &limits, &token), Ok(4));
    assert_eq!(target.decrypter.decrypt(&good).unwrap_err().code(), "segment_count");
    for text in [format!(" {token}"), format!("{token}\n"), format!("{token} ")] {
        target.refuses("a token with spaces", &text, "base64url", 64 * KIB);
    }
}
