//! Header members that are smuggled in where nobody authenticates them (RFC 7516 §7.2.1).

use serde_json::{Value, json};

use super::target::{HEADER, PLAINTEXT, Target};
use crate::support::{base64url, with};

pub(crate) fn check(backend: &'static str) {
    let target = Target::usual(backend);
    let decrypt = |message: &str| {
        target.decrypt("--serialization flattened,general --zip").stdin(message).run()
    };
    // As it is it opens, in the form that is asked for.
    assert_eq!(decrypt(&target.flattened("")).ok(), PLAINTEXT.as_bytes());
    target.refuses(&target.flattened(""), "serialization_not_accepted");

    let message: Value = serde_json::from_str(&target.flattened("")).unwrap();
    let header: Value = serde_json::from_slice(&target.part(HEADER)).unwrap();
    let protected = |header: &Value| base64url::encode(header.to_string());
    let general = |message: &Value| {
        let mut message = message.clone();
        let members = message.as_object_mut().unwrap();
        let mut recipient = json!({});
        for name in ["encrypted_key", "header"] {
            if let Some(member) = members.remove(name) {
                recipient[name] = member;
            }
        }
        message["recipients"] = json!([recipient]);
        message
    };
    let refused = |message: &Value, code: &str| {
        decrypt(&message.to_string()).refused(code);
        decrypt(&general(message).to_string()).refused(code);
    };
    for place in ["unprotected", "header"] {
        // The same name twice, with the same value and with another.
        for name in ["alg", "enc", "kid"] {
            for value in [header[name].clone(), json!("RSA1_5")] {
                let twice = with(message.clone(), &json!({ place: { name: value } }));
                refused(&twice, "header_duplicate_member");
                // Out of the protected header it is another message, whatever it says.
                let moved = protected(&with(header.clone(), &json!({ name: null })));
                let moved = with(twice, &json!({ "protected": moved }));
                let code = match (name, value == header[name]) {
                    (_, true) => "decryption_failed",
                    ("alg", _) => "alg_not_accepted",
                    ("enc", _) => "enc_not_accepted",
                    _ => "unknown_kid",
                };
                refused(&moved, code);
            }
        }
        for (name, value) in [("zip", json!("DEF")), ("crit", json!(["x"]))] {
            let smuggled = with(message.clone(), &json!({ place: { name: value } }));
            refused(&smuggled, "header_member_unprotected");
        }
        refused(&with(message.clone(), &json!({ place: [] })), "message_member");
        refused(&with(message.clone(), &json!({ place: {} })), "message_member");
    }
    // Nor do members that say nothing about decryption change it.
    for harmless in
        [r#","unprotected":{"jku":"http://192.0.2.1/"}"#, r#","unprotected":{"b64":false}"#]
    {
        assert_eq!(decrypt(&target.flattened(harmless)).ok(), PLAINTEXT.as_bytes());
    }

    for (message, code) in [
        (target.flattened(r#","iv":"AAAA""#), "message_member"),
        (target.flattened(r#","\u0069v":"AAAA""#), "message_member"),
        (target.flattened(r#","x":1,"x":1"#), "message_member"),
        (target.flattened(r#","header":null"#), "message_member"),
        (target.flattened(r#","recipients":[]"#), "serialization_not_accepted"),
        (target.flattened(r#","header":{"alg":"RSA1_5"}"#), "header_duplicate_member"),
        (target.flattened("").replace("\"tag\"", "\"Tag\""), "part_length"),
        (format!("{}{}", target.flattened(""), target.flattened("")), "message_not_json"),
        (target.flattened("").replace('}', ""), "message_not_json"),
    ] {
        let text = target.decrypt("--serialization flattened").stdin(&message).run().refused(code);
        assert!(text.len() < 500, "{text}");
        target.refuses(&message, "serialization_not_accepted");
    }
}
