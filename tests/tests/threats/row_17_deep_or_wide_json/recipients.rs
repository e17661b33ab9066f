//! A message with a list of recipients that is longer than anybody has.

use jwe::{Alg, Backend, DecryptError, Decrypter, Limits, Message};
use jwe_tests::forge::Forge;
use jwe_tests::keys;
use jwe_tests::parts::Parts;

use crate::messages::{ENC, KIB, MIB, Reader};
use crate::target::{TIME, within};

/// A message with `count` recipients whose `kid` is their number, the last of them ours.
fn recipients(target: &Reader, count: usize, unprotected: &str, more: &str) -> String {
    let forge = Forge::wrapped(target.backend, ENC, &target.jwk);
    let protected = r#"{"enc":"A256GCM"}"#;
    let Parts { header, encrypted_key, iv, ciphertext, tag } = forge.seal(protected, None, b"text");
    let mut list: Vec<String> = (1..count)
        .map(|at| {
            format!(r#"{{"header":{{"alg":"A256KW","kid":"{at}"{more}}},"encrypted_key":"{encrypted_key}"}}"#)
        })
        .collect();
    list.push(format!(
        r#"{{"header":{{"alg":"A256KW","kid":"shared"{more}}},"encrypted_key":"{encrypted_key}"}}"#
    ));
    format!(
        r#"{{"protected":"{header}"{unprotected},"recipients":[{}],"iv":"{iv}","ciphertext":"{ciphertext}","tag":"{tag}"}}"#,
        list.join(",")
    )
}

/// Refused unless they are allowed, and then read once each.
pub(super) fn ten_thousand(backend: &'static Backend) {
    let count = 10_000;
    let target = Reader::new(backend);
    let text = recipients(&target, count, "", "");
    assert!(text.len() > 1 << 20);
    target.refuses("10 000 recipients", &text, "too_many_recipients", 64 * KIB);
    let most = Limits::default();
    let fitting = recipients(&target, most.max_recipients, "", "");
    assert_eq!(Reader::open(&target.decrypter, &most, &fitting), Ok(4));
    let beyond = recipients(&target, most.max_recipients + 1, "", "");
    target.refuses("one too many", &beyond, "too_many_recipients", 64 * KIB);
    // A message that was read with other limits than those of the decrypter.
    let raised = Limits::default().with_max_recipients(count);
    let message = Message::parse(&text, &raised).unwrap();
    let error = target.decrypter.decrypt_message(message).unwrap_err();
    assert_eq!(error.code(), "too_many_recipients");

    // Who raises the limit has them all read, and one key used.
    let opened = within("10 000 recipients, allowed", 2 * MIB, TIME * 4, || {
        Reader::open(&target.decrypter, &raised, &text)
    });
    assert_eq!(opened, Ok(4));
    let other =
        keys::recipient(backend, &target.jwk.clone().with_kid("other").unwrap(), Alg::A256Kw);
    let other = Decrypter::new(backend, [other], &[ENC]).unwrap();
    let refused = within("10 000 recipients, none of them named", 2 * MIB, TIME * 4, || {
        Reader::open(&other, &raised, &text)
    });
    assert_eq!(refused.unwrap_err().code(), "unknown_kid");
    // The most that each can make of the headers that all share is read again for each; this is
    // what whoever raises the limit allows.
    let padding = format!(r#","unprotected":{{"x":[{}]}}"#, vec!["[]"; 400].join(","));
    let text = recipients(&target, 1000, &padding, "");
    let opened = within("1000 recipients, a long shared header", 4 * MIB, TIME * 4, || {
        Reader::open(&target.decrypter, &raised, &text)
    });
    assert_eq!(opened, Ok(4));
}

/// Where keys are tried, each recipient costs a key operation, and the list is not copied for each.
pub(super) fn are_tried_in_linear_time(backend: &'static Backend) {
    let target = Reader::new(backend);
    let count = 5_000;
    let raised = Limits::default().with_max_recipients(count);
    // All for our key, and none of them opens.
    let text =
        recipients(&target, count, "", "").replace(r#","ciphertext":""#, r#","ciphertext":"AAAA"#);
    let text = all_for_us(&text);
    let key = keys::recipient(target.backend, &target.jwk, Alg::A256Kw);
    let trying = Decrypter::trying_keys(target.backend, [key], &[ENC]).unwrap();
    let refused = within("5000 recipients, tried", 8 * MIB, TIME * 10, || {
        Reader::open(&trying, &raised, &text)
    });
    assert_eq!(refused.unwrap_err(), DecryptError::DecryptionFailed);
}

/// The same list, in which every recipient has the `kid` of our key.
fn all_for_us(text: &str) -> String {
    text.split(r#""kid":""#)
        .enumerate()
        .map(|(at, part)| match part.split_once('"') {
            Some((_, rest)) if at > 0 => format!(r#""kid":"shared"{rest}"#),
            _ => part.to_owned(),
        })
        .collect()
}
