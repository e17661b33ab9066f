//! Header members that nobody authenticates (RFC 7516 §7.2.1): a string is read in the compact
//! serialization only, which has none of them, and who asks for JSON is told of each that must not
//! stand there, or must not stand there twice.

use jwe::{Alg, Backend, Compact, Enc, Encrypter, FlattenedJson, Limits, Message, Serialization};
use jwe_tests::keys;
use jwe_tests::parts::Parts;

use crate::target::{PLAINTEXT, Target};

/// What the second of two headers may say.
const MEMBERS: [(&str, &str); 7] = [
    ("alg", r#""dir""#),
    ("alg", r#""RSA1_5""#),
    ("enc", r#""A128GCM""#),
    ("enc", r#""none""#),
    ("kid", r#""other""#),
    ("\\u0061lg", r#""dir""#),
    ("ki\\u0064", r#""other""#),
];

pub(crate) fn check(backend: &'static Backend) {
    let wrapped = Target::new(backend, Alg::A256Kw, Enc::A256Gcm);
    for target in Target::all(backend).iter().chain([&wrapped]) {
        let good = &target.good;
        for text in texts(good, "", "") {
            // Nobody who gives a string asks for JSON.
            target.refuses(&text, "segment_count");
            assert_eq!(target.opened(&text), PLAINTEXT);
        }
        for text in ["{}", "[]", r#"{"protected":""}"#, r#"{"recipients":[]}"#] {
            target.refuses(text, "segment_count");
        }
        for (name, value) in MEMBERS {
            let member = format!(r#"{{"{name}":{value}}}"#);
            for text in twice(good, &member) {
                target.refuses(&text, "segment_count");
                target.refuses_message(&text, "header_duplicate_member");
            }
        }
        let own = [
            format!(r#"{{"alg":"{}"}}"#, target.alg),
            format!(r#"{{"enc":"{}"}}"#, target.enc),
            format!(r#"{{"kid":"{}"}}"#, target.jwk.kid().unwrap()),
        ];
        for member in &own {
            // The same name with the same value is twice all the same.
            for text in twice(good, member) {
                target.refuses_message(&text, "header_duplicate_member");
            }
            // Moved out of the protected header, it is another one that was authenticated.
            let (name, _) = member[2..].split_once('"').unwrap();
            let without = target.with_member(name, None);
            for text in twice(&without, member) {
                target.refuses_message(&text, "decryption_failed");
            }
        }
        for (name, values) in [
            ("zip", &[r#""DEF""#, r#""def""#, "null", "0"][..]),
            ("crit", &[r#"["exp"]"#, "[]", "null", r#"["alg"]"#]),
            ("z\\u0069p", &[r#""DEF""#]),
        ] {
            for value in values {
                let member = format!(r#"{{"{name}":{value}}}"#);
                for text in twice(good, &member) {
                    target.refuses_message(&text, "header_member_unprotected");
                }
            }
        }
        for text in twice(good, r#"{"kid":null}"#) {
            target.refuses_message(&text, "header_member_type");
        }
        // Within one unprotected header, and one in each.
        let same = r#"{"x":1,"\u0078":1}"#;
        for text in twice(good, same) {
            target.refuses_message(&text, "header_duplicate_member");
        }
        for text in texts(good, r#"{"x":1}"#, r#"{"x":2}"#) {
            target.refuses_message(&text, "header_duplicate_member");
        }
        // What chose the algorithms elsewhere is not chosen from there.
        for (name, value, code) in [
            ("alg", "RSA1_5", "alg_not_accepted"),
            ("enc", "none", "enc_not_accepted"),
            ("kid", "other", "unknown_kid"),
        ] {
            let member = format!(r#"{{"{name}":"{value}"}}"#);
            for text in twice(&target.with_member(name, None), &member) {
                target.refuses_message(&text, code);
            }
        }
    }
    nothing_is_smuggled_into_an_honest_message(&wrapped);
}

/// The message of these parts in both JSON serializations, with these unprotected headers; those
/// that are absent are empty.
fn texts(parts: &Parts, unprotected: &str, header: &str) -> [String; 2] {
    let Parts { header: protected, encrypted_key, iv, ciphertext, tag } = parts;
    let member = |name: &str, value: &str| match value {
        "" => String::new(),
        _ => format!(r#","{name}":{value}"#),
    };
    let key = match encrypted_key.as_str() {
        "" => String::new(),
        _ => format!(r#""encrypted_key":"{encrypted_key}""#),
    };
    let shared = format!(
        r#""protected":"{protected}","iv":"{iv}","ciphertext":"{ciphertext}","tag":"{tag}"{}"#,
        member("unprotected", unprotected),
    );
    let own = format!("{key}{}", member("header", header));
    let own = own.trim_start_matches(',');
    let flattened = format!("{{{shared},{own}}}").replace(",}", "}");
    [flattened, format!(r#"{{{shared},"recipients":[{{{own}}}]}}"#)]
}

/// The message with this as the shared header, and as the recipient's own.
fn twice(parts: &Parts, header: &str) -> Vec<String> {
    [texts(parts, header, ""), texts(parts, "", header)].concat()
}

/// A forwarder takes an honest token apart and adds what it likes.
fn nothing_is_smuggled_into_an_honest_message(target: &Target) {
    const DUPLICATE: &str = "header_duplicate_member";
    const UNPROTECTED: &str = "header_member_unprotected";
    let limits = Limits::default();
    let sender = keys::sender(target.backend, &target.jwk, target.alg);
    let encrypter = Encrypter::new(target.backend, &sender, target.enc).unwrap();
    let token = encrypter.encrypt(PLAINTEXT).unwrap();
    let mut honest = String::new();
    FlattenedJson.write(&Compact.parse(&token, &limits).unwrap(), &mut honest).unwrap();
    assert_eq!(target.opened(&honest), PLAINTEXT);
    let open = honest.strip_suffix('}').unwrap();
    for (added, code) in [
        (r#""unprotected":{"alg":"dir"}"#, DUPLICATE),
        (r#""header":{"\u0061lg":"dir"}"#, DUPLICATE),
        (r#""unprotected":{"enc":"A128GCM"}"#, DUPLICATE),
        (r#""header":{"kid":"shared"}"#, DUPLICATE),
        (r#""unprotected":{"zip":"DEF"}"#, UNPROTECTED),
        (r#""header":{"crit":["exp"],"exp":1}"#, UNPROTECTED),
        (r#""aad":"QQ""#, "decryption_failed"),
        (r#""aad":"""#, "message_member"),
        (r#""protected":"e30""#, "message_member"),
        (r#""encrypted_key":"QQ""#, "message_member"),
        (r#""recipients":[]"#, "message_member"),
        (r#""recipients":[{}]"#, "message_member"),
        (r#""unprotected":{}"#, "message_member"),
        (r#""header":{}"#, "message_member"),
        (r#""header":[]"#, "message_member"),
        (r#""header":"{\"x\":1}""#, "message_member"),
    ] {
        target.refuses_message(&format!("{open},{added}}}"), code);
    }
    for harmless in [
        r#""unprotected":{"typ":"x","tenant":"evil"}"#,
        r#""jwk":{"kty":"oct","k":"AA"},"zip":"DEF","crit":["x"],"alg":"dir""#,
    ] {
        assert_eq!(target.opened(&format!("{open},{harmless}}}")), PLAINTEXT);
    }
    // What was added can be told from what was sent.
    let text = format!(r#"{open},"unprotected":{{"tenant":"evil"}}}}"#);
    let message = Message::parse(&text, &limits).unwrap();
    let header = target.decrypter.begin_message(message).unwrap().header().unwrap();
    assert!(header.has("tenant") && !header.is_protected("tenant"));
    assert!(["alg", "enc", "kid"].iter().all(|name| header.is_protected(name)));
    // What was protected is not so any more when it is moved.
    let rest = open.split_once(',').unwrap().1;
    let moved = format!(r#"{{"unprotected":{},{rest}}}"#, Parts::of(&token).header_json());
    target.refuses_message(&moved, "decryption_failed");
}
