//! The names of the serializations, and their limit at its last character.

#![allow(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use jwe_core::{
    Compact, FlattenedJson, GeneralJson, Limits, Malformed, Message, Recipient, Serialization,
};

const COMPACT: &str = "e30.a2V5.aXY.Y3Q.dGFn";
const FLATTENED: &str =
    r#"{"protected":"e30","encrypted_key":"a2V5","iv":"aXY","ciphertext":"Y3Q","tag":"dGFn"}"#;
const GENERAL: &str = concat!(
    r#"{"protected":"e30","recipients":[{"encrypted_key":"a2V5"}],"#,
    r#""iv":"aXY","ciphertext":"Y3Q","tag":"dGFn"}"#
);

#[test]
fn each_reads_up_to_its_limit_and_not_one_character_more() {
    let all: [(&dyn Serialization, &str, &str); 3] = [
        (&Compact, "compact", COMPACT),
        (&FlattenedJson, "flattened", FLATTENED),
        (&GeneralJson, "general", GENERAL),
    ];
    for (serialization, name, text) in all {
        assert_eq!(serialization.name(), name);
        let limits = Limits::default().with_max_token_len(text.len());
        let message = serialization.parse(text, &limits).unwrap();
        assert_eq!((message.iv(), message.ciphertext(), message.tag()), ("aXY", "Y3Q", "dGFn"));
        let mut written = String::from("before ");
        serialization.write(&message, &mut written).unwrap();
        assert_eq!(written, format!("before {text}"));
        let shorter = Limits::default().with_max_token_len(text.len() - 1);
        assert_eq!(serialization.parse(text, &shorter), Err(Malformed::TokenTooLong), "{name}");
        let shown = format!("{:?}", message.recipients());
        assert!(shown.contains("encrypted_key_len: 4") && !shown.contains("a2V5"), "{shown}");
        // None reads another's.
        for (_, other_name, other) in all.iter().filter(|(_, other, _)| *other != name) {
            assert!(serialization.parse(other, &Limits::default()).is_err(), "{other_name}");
        }
    }
}

#[test]
fn limits_are_the_ones_that_were_set() {
    let limits =
        Limits::default().with_max_token_len(1).with_max_header_len(2).with_max_recipients(3);
    assert_eq!((limits.max_token_len, limits.max_header_len, limits.max_recipients), (1, 2, 3));
    let limits = Limits::default();
    assert_eq!(
        (limits.max_token_len, limits.max_header_len, limits.max_recipients),
        (16 * 1024 * 1024, 8192, 32)
    );
    assert_eq!(Limits::MAX_HEADER_LEN, 8192);
}

#[test]
fn messages_are_equal_when_all_their_parts_are() {
    let message = || Message::new("e30", "a2V5", "aXY", "Y3Q", "dGFn");
    let (one, other) = (Recipient::new("a2V5"), Recipient::new("a2V6"));
    assert_eq!(message(), message());
    assert_eq!(message(), message().with_recipients(vec![one]));
    assert_eq!(message().recipients(), [one]);
    assert_eq!(message().with_recipients(vec![one, other]).recipients(), [one, other]);
    for different in [
        message().with_recipients(vec![]),
        message().with_recipients(vec![other]),
        message().with_recipients(vec![one, one]),
        message().with_recipients(vec![one.with_header("{}")]),
        message().with_unprotected("{}"),
        message().with_aad("QQ"),
        Message::new("e31", "a2V5", "aXY", "Y3Q", "dGFn"),
    ] {
        assert_ne!(different, message());
    }
    assert_eq!(message().with_aad(""), message(), "no text can tell them apart");
}
