//! The serializations (RFC 7516 §7): reading and writing are each other's inverse, a message can be
//! turned from one into another without a key, and what one recipient's backend writes for several,
//! each of them opens with any other.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

use std::fmt::Debug;

use jwe::{
    Alg, Backend, Compact, Decrypter, DecryptionKey, Direction, Enc, Encrypter, EncryptionKey,
    FlattenedJson, GeneralJson, Jwk, Limits, Message, MessageEncrypter, NotExpressible, Recipient,
    Serialization,
};
use jwe_tests::capability::backends;
use jwe_tests::skip::say;
use jwe_tests::{base64url, keys, random};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::Value;

const ALL: [&dyn Serialization; 3] = [&Compact, &FlattenedJson, &GeneralJson];

fn check<S: Strategy>(
    cases: u32,
    strategy: &S,
    test: impl Fn(S::Value) -> Result<(), TestCaseError>,
) where
    S::Value: Debug,
{
    let (seed, cases) = (random::seed(), random::cases(cases));
    let config = Config {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        // A failing case is found again by its seed; nothing is written into the sources.
        failure_persistence: None,
        ..Config::default()
    };
    if let Err(error) = TestRunner::new(config).run(strategy, test) {
        panic!("seed {seed}: {error}");
    }
    say(format_args!("{cases} cases"));
}

/// The base64url of up to 40 bytes.
fn part() -> impl Strategy<Value = String> {
    prop::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| base64url::encode(&bytes))
}

fn space() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["", "", "", " ", "\n", "\t", "\r\n", "  \n\t "])
}

/// A string as JSON has it, with some of its characters escaped in one of the ways there are.
fn string(text: &str, spelling: u64) -> String {
    let mut out = "\"".to_owned();
    for (at, character) in text.chars().enumerate() {
        let escape =
            (spelling >> (at % 64)) & 1 == 1 || matches!(character, '"' | '\\' | '\0'..='\u{1f}');
        if escape {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(character);
        }
    }
    out.push('"');
    out
}

/// The text of a JSON value in an odd spelling.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        prop::sample::select(vec![
            "null", "true", "false", "0", "-0", "1.0", "1e400", "-1E-400", "0.10"
        ])
        .prop_map(str::to_owned),
        (".{0,8}", any::<u64>()).prop_map(|(text, spelling)| string(&text, spelling)),
        // What would be a member or the end of something outside of a string.
        Just(r#""\",\"tag\":\"x\"}""#.to_owned()),
        Just(r#""\\""#.to_owned()),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (prop::collection::vec(inner.clone(), 0..3), space()).prop_map(
                |(items, space)| format!("[{space}{}{space}]", items.join(&format!("{space},")))
            ),
            object(inner, 0..3),
        ]
    })
}

fn object(
    value: impl Strategy<Value = String>,
    count: std::ops::Range<usize>,
) -> impl Strategy<Value = String> {
    let member =
        (".{0,6}", any::<u64>(), space(), value).prop_map(|(name, spelling, space, value)| {
            format!("{}{space}:{space}{value}", string(&name, spelling))
        });
    (prop::collection::vec(member, count), space()).prop_map(|(members, space)| {
        format!("{{{space}{}{space}}}", members.join(&format!("{space},{space}")))
    })
}

/// The text of an unprotected header.
fn header() -> impl Strategy<Value = Option<String>> {
    prop::option::of(object(value(), 1..4))
}

/// The parts of a message.
#[derive(Clone, Debug)]
struct Parts {
    protected: String,
    unprotected: Option<String>,
    recipients: Vec<(Option<String>, String)>,
    aad: Option<String>,
    iv: String,
    ciphertext: String,
    tag: String,
}

impl Parts {
    fn message(&self) -> Message<'_> {
        let recipients = self
            .recipients
            .iter()
            .map(|(header, encrypted_key)| match header {
                None => Recipient::new(encrypted_key),
                Some(header) => Recipient::new(encrypted_key).with_header(header),
            })
            .collect();
        let mut message = Message::new(&self.protected, "", &self.iv, &self.ciphertext, &self.tag)
            .with_recipients(recipients);
        if let Some(unprotected) = &self.unprotected {
            message = message.with_unprotected(unprotected);
        }
        if let Some(aad) = &self.aad {
            message = message.with_aad(aad);
        }
        message
    }

    /// Whether a serialization has a place for all of it (RFC 7516 §7.1, §7.2).
    fn fits(&self, serialization: &dyn Serialization) -> bool {
        let one = self.recipients.len() == 1;
        match serialization.name() {
            "compact" => {
                one && self.recipients[0].0.is_none()
                    && self.unprotected.is_none()
                    && self.aad.as_deref().unwrap_or_default().is_empty()
                    && !self.protected.is_empty()
            }
            "flattened" => one,
            _ => !self.recipients.is_empty(),
        }
    }
}

fn parts() -> impl Strategy<Value = Parts> {
    let recipients = prop_oneof![
        2 => prop::collection::vec((Just(None), part()), 1..2),
        2 => prop::collection::vec((header(), part()), 1..2),
        2 => prop::collection::vec((header(), part()), 0..6),
    ];
    let few = |strategy| prop_oneof![2 => Just(None), 1 => prop::option::of(strategy)];
    (part(), prop_oneof![Just(None), header()], recipients, few(part()), part(), part(), part())
        .prop_map(|(protected, unprotected, recipients, aad, iv, ciphertext, tag)| Parts {
            protected,
            unprotected,
            recipients,
            aad,
            iv,
            ciphertext,
            tag,
        })
}

/// The text of a message, with something before it that must stay; `None`, and nothing written,
/// where there is no place for a part.
fn written(serialization: &dyn Serialization, message: &Message<'_>) -> Option<String> {
    let mut out = "before".to_owned();
    match serialization.write(message, &mut out) {
        Ok(()) => Some(out.strip_prefix("before").unwrap().to_owned()),
        Err(NotExpressible) => {
            assert_eq!(out, "before");
            None
        }
    }
}

#[test]
fn reading_and_writing_are_inverse() {
    let limits = Limits::default();
    check(4000, &parts(), |parts| {
        let message = parts.message();
        for serialization in ALL {
            let Some(text) = written(serialization, &message) else {
                prop_assert!(!parts.fits(serialization), "{} refuses", serialization.name());
                continue;
            };
            prop_assert!(parts.fits(serialization), "{} writes", serialization.name());
            let read = serialization.parse(&text, &limits).unwrap();
            prop_assert_eq!(&read, &message, "{}", text);
            prop_assert_eq!(&Message::parse(&text, &limits).unwrap(), &message, "{}", text);
            // And so on, through every other.
            let again = written(serialization, &read);
            prop_assert_eq!(again.as_deref(), Some(text.as_str()));
            for other in ALL {
                prop_assert_eq!(written(other, &read), written(other, &message));
            }
        }
        Ok(())
    });
}

/// What another reader of JSON finds in a text is what was put in, and nothing else.
#[test]
fn what_is_written_is_what_others_read() {
    check(2000, &parts(), |parts| {
        let message = parts.message();
        let texts = |name: &str, text: &str| {
            if text.is_empty() { None } else { Some((name.to_owned(), Value::from(text))) }
        };
        let objects = |name: &str, json: Option<&str>| {
            // A number that others have no value for is not compared.
            json.map(|json| (name.to_owned(), serde_json::from_str(json).unwrap_or(Value::Null)))
        };
        let recipient = |recipient: &Recipient<'_>| {
            objects("header", recipient.header())
                .into_iter()
                .chain(texts("encrypted_key", recipient.encrypted_key()))
                .collect::<Vec<_>>()
        };
        for serialization in [&FlattenedJson as &dyn Serialization, &GeneralJson] {
            let Some(text) = written(serialization, &message) else { continue };
            let mut expected: serde_json::Map<String, Value> = [
                texts("protected", message.protected()),
                objects("unprotected", message.unprotected()),
                texts("aad", message.aad().unwrap_or_default()),
                texts("iv", message.iv()),
                Some(("ciphertext".to_owned(), message.ciphertext().into())),
                texts("tag", message.tag()),
            ]
            .into_iter()
            .flatten()
            .collect();
            if serialization.name() == "flattened" {
                expected.extend(recipient(&message.recipients()[0]));
            } else {
                let list = message
                    .recipients()
                    .iter()
                    .map(|one| Value::Object(recipient(one).into_iter().collect()));
                expected.insert("recipients".to_owned(), list.collect());
            }
            match serde_json::from_str::<Value>(&text) {
                Ok(value) => prop_assert_eq!(value, Value::Object(expected), "{}", text),
                // A number beyond all floating point numbers, which no part but a header holds.
                Err(_) => prop_assert!(text.contains("1e400"), "{}", text),
            }
        }
        Ok(())
    });
}

/// The members may come in any order, with any white space and with others that nobody knows.
#[test]
fn spelling_does_not_matter() {
    let spelled = (parts(), any::<u64>(), prop::collection::vec((space(), space()), 24), value());
    check(2000, &spelled, |(parts, choice, spaces, unknown)| {
        let message = parts.message();
        let mut spaces = spaces.iter().cycle();
        let mut object = |members: Vec<(&str, String)>, choice: u64| {
            let mut members = members;
            let len = members.len().max(1);
            members.rotate_left(choice as usize % len);
            if choice & 1 == 1 {
                members.reverse();
            }
            let texts: Vec<String> = members
                .into_iter()
                .map(|(name, value)| {
                    let (before, after) = spaces.next().unwrap();
                    // The names may have escapes, the parts may not.
                    format!("{before}{}{after}:{before}{value}{after}", string(name, choice >> 8))
                })
                .collect();
            let (before, after) = spaces.next().unwrap();
            format!("{before}{{{before}{}{after}}}{after}", texts.join(","))
        };
        let quoted = |text: &str| format!("\"{text}\"");
        let texts = |name: &'static str, text: &str| {
            if text.is_empty() { None } else { Some((name, quoted(text))) }
        };
        let flattened = message.recipients().len() == 1 && choice & 2 == 2;
        let of_recipient = |recipient: &Recipient<'_>| {
            [
                recipient.header().map(|header| ("header", header.to_owned())),
                texts("encrypted_key", recipient.encrypted_key()),
            ]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
        };
        let mut members: Vec<(&str, String)> = [
            texts("protected", message.protected()),
            message.unprotected().map(|header| ("unprotected", header.to_owned())),
            texts("aad", message.aad().unwrap_or_default()),
            texts("iv", message.iv()),
            Some(("ciphertext", quoted(message.ciphertext()))),
            texts("tag", message.tag()),
            Some(("unknown", unknown.clone())),
        ]
        .into_iter()
        .flatten()
        .collect();
        if flattened {
            members.extend(of_recipient(&message.recipients()[0]));
        } else {
            let list: Vec<String> = message
                .recipients()
                .iter()
                .map(|recipient| {
                    let mut members = of_recipient(recipient);
                    members.push(("unknown", unknown.clone()));
                    object(members, choice)
                })
                .collect();
            members.push(("recipients", format!("[{}]", list.join(","))));
        }
        let text = object(members, choice);
        let read = Message::parse(&text, &Limits::default());
        if message.recipients().is_empty() {
            prop_assert!(read.is_err());
        } else {
            prop_assert_eq!(read.as_ref(), Ok(&message), "{}", text);
        }
        Ok(())
    });
}

/// No text makes the reader stop or read beyond it, and what it reads can be written if its parts
/// are what they should be.
#[test]
fn broken_texts_are_refused() {
    let cut = (parts(), any::<prop::sample::Index>(), any::<u8>());
    check(4000, &cut, |(parts, at, byte)| {
        let Some(text) = written(&GeneralJson, &parts.message()) else { return Ok(()) };
        let at = at.index(text.len());
        let limits = Limits::default();
        if text.is_char_boundary(at) {
            prop_assert!(Message::parse(&text[..at], &limits).is_err());
        }
        let mut bytes = text.into_bytes();
        bytes[at] = byte & 0x7f;
        if let Ok(changed) = String::from_utf8(bytes)
            && let Ok(message) = Message::parse(&changed, &limits)
        {
            for serialization in ALL {
                if let Some(text) = written(serialization, &message) {
                    prop_assert_eq!(Message::parse(&text, &limits), Ok(message.clone()));
                }
            }
        }
        Ok(())
    });
}

/// A message is turned from each serialization into each other without a key, and opens as before.
#[test]
fn a_converted_message_still_opens() {
    let mut opened = 0;
    for backend in backends().iter().copied() {
        for alg in Alg::ALL.iter().copied() {
            for jwk in keys::of_every_kind(alg, Enc::A256Gcm) {
                if !keys::takes(backend, Direction::Encrypt, alg, &jwk)
                    || !keys::takes(backend, Direction::Decrypt, alg, &jwk)
                {
                    continue;
                }
                let sender = keys::sender(backend, &jwk, alg);
                let recipient = keys::recipient(backend, &jwk, alg);
                let decrypter = Decrypter::new(backend, [recipient], &[Enc::A256Gcm])
                    .unwrap()
                    .allow_pbes2(1000);
                let limits = Limits::default();
                let encrypter = Encrypter::builder(backend, &sender, Enc::A256Gcm)
                    .with_iterations(1000)
                    .build()
                    .unwrap();
                let compact = encrypter.encrypt(b"converted").unwrap();
                let message = Compact.parse(&compact, &limits).unwrap();
                for first in ALL {
                    let text = written(first, &message).unwrap();
                    let message = Message::parse(&text, &limits).unwrap();
                    assert_eq!(*decrypter.decrypt_message(message.clone()).unwrap(), b"converted");
                    for second in ALL {
                        let text = written(second, &message).unwrap();
                        let again = Message::parse(&text, &limits).unwrap();
                        assert_eq!(*decrypter.decrypt_message(again).unwrap(), b"converted");
                        opened += 1;
                    }
                    assert_eq!(written(&Compact, &message).as_deref(), Some(compact.as_str()));
                }
                // The encrypter of messages writes what the other one does.
                let encrypter = MessageEncrypter::builder(backend, Enc::A256Gcm)
                    .with_recipient(&sender)
                    .with_iterations(1000)
                    .build()
                    .unwrap();
                for serialization in ALL {
                    let text = encrypter.encrypt(serialization, b"converted", b"").unwrap();
                    let message = serialization.parse(&text, &limits).unwrap();
                    assert_eq!(*decrypter.decrypt_message(message.clone()).unwrap(), b"converted");
                    let token = written(&Compact, &message).unwrap();
                    assert_eq!(*decrypter.decrypt(&token).unwrap(), b"converted");
                }
                let error = encrypter.encrypt(&Compact, b"x", b"aad").unwrap_err();
                assert_eq!(error.code(), "not_expressible");
            }
        }
    }
    // Fourteen algorithms of one key and four of four curves; ring without four of RSA, A192GCMKW
    // and all that agree. Each from three serializations to three.
    assert_eq!(opened, 9 * (2 * (14 + 16) + 14 - 4 - 1));
}

/// One of the recipients of a message.
#[derive(Clone, Debug)]
struct One {
    alg: Alg,
    jwk: Jwk,
    apu: Option<Vec<u8>>,
}

/// Every key and algorithm that can share a message, each recipient with a name of its own.
fn recipients() -> Vec<One> {
    let mut all = Vec::new();
    for alg in Alg::ALL.iter().copied().filter(|alg| !matches!(alg, Alg::Dir | Alg::EcdhEs)) {
        for jwk in keys::of_every_kind(alg, Enc::A256Gcm) {
            let kid = format!("{alg} {}", all.len());
            all.push(One { alg, jwk: jwk.with_kid(&kid).unwrap(), apu: None });
        }
    }
    all
}

fn sender(backend: &Backend, one: &One) -> Option<EncryptionKey> {
    keys::takes(backend, Direction::Encrypt, one.alg, &one.jwk)
        .then(|| keys::sender(backend, &one.jwk, one.alg))
}

fn recipient(backend: &Backend, one: &One) -> Option<DecryptionKey> {
    keys::takes(backend, Direction::Decrypt, one.alg, &one.jwk)
        .then(|| keys::recipient(backend, &one.jwk, one.alg))
}

/// One message for recipients of different algorithms, opened by each of them on every backend.
#[test]
fn several_recipients() {
    let info = prop::option::of(prop::collection::vec(any::<u8>(), 1..40));
    let one = (prop::sample::select(recipients()), info).prop_map(|(one, apu)| One { apu, ..one });
    let case = (
        prop::sample::select(backends().to_vec()),
        prop::sample::select(Enc::ALL.to_vec()),
        prop::collection::vec(one, 1..6),
        prop::collection::vec(any::<u8>(), 0..300),
        prop_oneof![Just(Vec::new()), prop::collection::vec(any::<u8>(), 0..60)],
        any::<bool>(),
        prop::option::of(".{0,9}"),
    );
    check(250, &case, |(producer, enc, chosen, plaintext, aad, compress, comment)| {
        if producer.content_encryption(enc, Direction::Encrypt).is_err() {
            return Ok(());
        }
        // Names are unique, so the same key twice is left out.
        let mut chosen = chosen;
        chosen.sort_by_key(|one| one.jwk.kid().map(str::to_owned));
        chosen.dedup_by_key(|one| one.jwk.kid().map(str::to_owned));
        let (chosen, senders): (Vec<&One>, Vec<EncryptionKey>) =
            chosen.iter().filter_map(|one| Some((one, sender(producer, one)?))).unzip();
        if chosen.is_empty() {
            return Ok(());
        }
        let mut builder =
            MessageEncrypter::builder(producer, enc).with_member("typ", "JOSE".into());
        for (one, sender) in chosen.iter().zip(&senders) {
            builder = builder
                .with_recipient(sender)
                .with_agreement_info(one.apu.as_deref(), None)
                .with_iterations(1000);
        }
        if compress {
            builder = builder.compress();
        }
        if let Some(comment) = &comment {
            builder = builder.with_unprotected_member("comment", comment.as_str().into());
        }
        let encrypter = builder.build().unwrap();
        let text = encrypter.encrypt(&GeneralJson, &plaintext, &aad).unwrap();
        let message = Message::parse(&text, &Limits::default()).unwrap();
        prop_assert_eq!(message.recipients().len(), chosen.len());
        prop_assert_eq!(message.aad().map(base64url::decode).unwrap_or_default(), aad.clone());
        let alone = chosen.len() == 1;
        for serialization in ALL {
            let plain = alone && aad.is_empty() && comment.is_none();
            let fits = match serialization.name() {
                "compact" => plain,
                "flattened" => alone,
                _ => true,
            };
            let written = encrypter.encrypt(serialization, &plaintext, &aad);
            prop_assert_eq!(written.is_ok(), fits, "{}", serialization.name());
        }
        for consumer in backends().iter().copied() {
            if consumer.content_encryption(enc, Direction::Decrypt).is_err() {
                continue;
            }
            let mut all = Vec::new();
            for one in &chosen {
                let Some(key) = recipient(consumer, one) else { continue };
                all.push(key.clone());
                let decrypter = Decrypter::new(consumer, [key], &[enc])
                    .unwrap()
                    .allow_pbes2(1000)
                    .allow_zip(1000);
                let pending = decrypter.begin_message(message.clone()).unwrap();
                let header = pending.header().unwrap();
                prop_assert_eq!((header.alg(), header.kid()), (one.alg.name(), one.jwk.kid()));
                prop_assert_eq!(header.is_protected("alg"), alone);
                prop_assert!(header.is_protected("typ") && !header.is_protected("comment"));
                let mut out = b"before".to_vec();
                pending.open(&mut out).unwrap();
                prop_assert_eq!(out.strip_prefix(b"before"), Some(plaintext.as_slice()));
                // What is not for it is refused before a key is touched.
                let other =
                    Jwk::from_json(br#"{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODw"}"#).unwrap();
                let other =
                    keys::recipient(consumer, &other.with_kid("other").unwrap(), Alg::A128Kw);
                let decrypter = Decrypter::new(consumer, [other], &[enc]).unwrap().allow_zip(1000);
                let error = decrypter.decrypt_message(message.clone()).unwrap_err();
                prop_assert_eq!(error.code(), "unknown_kid");
            }
            if all.is_empty() {
                continue;
            }
            // With all its keys at once, whether they are tried or not.
            for decrypter in [
                Decrypter::new(consumer, all.clone(), &[enc]).unwrap(),
                Decrypter::trying_keys(consumer, all.clone(), &[enc]).unwrap(),
            ] {
                let decrypter = decrypter.allow_pbes2(1000).allow_zip(1000);
                let opened = decrypter.decrypt_message(message.clone()).unwrap();
                prop_assert_eq!(&*opened, &plaintext);
            }
        }
        Ok(())
    });
}

/// A key that is the CEK, or agrees on it, shares a message with nobody (RFC 7516 §5.1, step 2).
#[test]
fn direct_keys_have_a_message_for_themselves() {
    for backend in backends().iter().copied() {
        let kw = keys::sender(backend, &keys::oct(32), Alg::A256Kw);
        let dir = keys::sender(backend, &keys::oct(32), Alg::Dir);
        let agreed = keys::sender(backend, &keys::ec(jwe::Curve::P256), Alg::EcdhEs);
        for keys in [[&kw, &dir], [&dir, &kw], [&agreed, &kw], [&dir, &dir], [&agreed, &agreed]] {
            let builder = MessageEncrypter::builder(backend, Enc::A256Gcm)
                .with_recipient(keys[0])
                .with_recipient(keys[1]);
            assert_eq!(builder.build().unwrap_err().code(), "setup_direct_with_others");
        }
        for key in [&dir, &agreed] {
            let builder = MessageEncrypter::builder(backend, Enc::A256Gcm).with_recipient(key);
            assert!(builder.build().is_ok());
        }
        let none = MessageEncrypter::builder(backend, Enc::A256Gcm).build().unwrap_err();
        assert_eq!(none.code(), "setup_no_recipient");
    }
}

#[test]
fn members_of_a_sender_stand_in_one_header() {
    let backend = backends()[0];
    let key = keys::sender(backend, &keys::oct(32), Alg::A256Kw);
    let other = keys::sender(backend, &keys::oct(32).with_kid("x").unwrap(), Alg::A256GcmKw);
    type Builder<'a> = jwe::MessageEncrypterBuilder<'a>;
    let code = |change: &dyn for<'a> Fn(Builder<'a>) -> Builder<'a>, several: bool| {
        let mut builder = MessageEncrypter::builder(backend, Enc::A256Gcm).with_recipient(&key);
        if several {
            builder = builder.with_recipient(&other);
        }
        change(builder).build().err().map(|error| error.code())
    };
    let refused = Some("setup_header_member");
    for several in [false, true] {
        for name in [
            "alg", "enc", "kid", "zip", "crit", "epk", "apu", "apv", "iv", "tag", "p2s", "p2c",
            "b64",
        ] {
            assert_eq!(code(&|builder| builder.with_member(name, 1.into()), several), refused);
            assert_eq!(
                code(&|builder| builder.with_unprotected_member(name, 1.into()), several),
                refused,
                "{name}"
            );
        }
        let twice = code(
            &|builder| builder.with_member("a", 1.into()).with_unprotected_member("a", 1.into()),
            several,
        );
        assert_eq!(twice, refused);
        for name in ["typ", "x5c", "jwk"] {
            let critical = code(&|builder| builder.with_critical_member(name, "x".into()), several);
            assert_eq!(critical, refused, "{name}");
        }
        let wrong = code(&|builder| builder.with_unprotected_member("typ", 1.into()), several);
        assert_eq!(wrong, refused);
        let mut deep = Value::from(1);
        for _ in 0..200 {
            deep = vec![deep].into();
        }
        let unreadable =
            code(&|builder| builder.with_unprotected_member("deep", deep.clone()), several);
        assert_eq!(unreadable, refused);
        let long = "x".repeat(8192);
        let too_long =
            code(&|builder| builder.with_unprotected_member("long", long.as_str().into()), several);
        assert_eq!(too_long, Some("setup_header_too_long"));
        assert_eq!(
            code(&|builder| builder.with_unprotected_member("", Value::Null), several),
            None
        );
    }
}
