//! Messages that are meant to cost much: long, deep and wide JSON, lists of recipients, compressed
//! bombs. Each with the error that it must end in, and with the memory and the time it may take.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

use std::time::{Duration, Instant};

use allocation_counter::measure;
use jwe::{
    Alg, Backend, Compact, DecryptError, Decrypter, Enc, Encrypter, FlattenedJson, Inspection, Jwk,
    Limits, Message, MessageEncrypter, Serialization,
};
use jwe_tests::bomb;
use jwe_tests::capability::backends;
use jwe_tests::forge::Forge;
use jwe_tests::keys;
use jwe_tests::parts::Parts;
use jwe_tests::skip::say;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const ENC: Enc = Enc::A256Gcm;

/// What a refusal may take for each mebibyte of text, on a machine that does other things at the
/// same time and without optimization.
const TIME: Duration = Duration::from_millis(500);

/// Runs `work`, which must allocate at most `bytes` at any one time and keep nothing, within
/// `limit`. Of the times the best counts, as others slow a test down but nobody makes it faster.
#[track_caller]
fn within<T>(what: &str, bytes: u64, limit: Duration, mut work: impl FnMut() -> T) -> T {
    let mut result = None;
    let mut best = Duration::MAX;
    let mut most = 0;
    for _ in 0..3 {
        result = None;
        let info = measure(|| {
            let start = Instant::now();
            let outcome = work();
            best = best.min(start.elapsed());
            result = Some(outcome);
        });
        most = most.max(info.bytes_max);
        if best < limit {
            break;
        }
    }
    if most > 64 * KIB || best > Duration::from_millis(10) {
        say(format_args!("{what}: {most} bytes, {best:?}"));
    }
    assert!(most <= bytes, "{what}: {most} bytes");
    assert!(best < limit, "{what}: {best:?}");
    result.unwrap()
}

struct Target {
    backend: &'static Backend,
    jwk: Jwk,
    decrypter: Decrypter,
}

impl Target {
    fn new(backend: &'static Backend) -> Self {
        let jwk = keys::oct(32);
        let key = keys::recipient(backend, &jwk, Alg::A256Kw);
        let decrypter = Decrypter::new(backend, [key], &[ENC]).unwrap();
        Self { backend, jwk, decrypter }
    }

    fn first() -> Self {
        Self::new(backends()[0])
    }

    /// Reads and decrypts, as somebody does who is given a text of any serialization.
    fn open(decrypter: &Decrypter, limits: &Limits, text: &str) -> Result<usize, DecryptError> {
        let message = Message::parse(text, limits)?;
        decrypter.clone().with_limits(*limits).decrypt_message(message).map(|text| text.len())
    }

    #[track_caller]
    fn refuses(&self, what: &str, text: &str, code: &str, bytes: u64) {
        let mebibytes = u32::try_from(text.len() as u64 / MIB).unwrap() + 1;
        let limits = Limits::default();
        let outcome =
            within(what, bytes, TIME * mebibytes, || Self::open(&self.decrypter, &limits, text));
        let error = outcome.expect_err(what);
        assert_eq!(error.code(), code, "{what}");
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(text.len() < 250, "{text}");
        }
        // Looking at it costs no more.
        if let Ok(message) = Message::parse(text, &limits) {
            within(what, bytes, TIME * mebibytes, || {
                let _ = Inspection::of(&message, &limits);
            });
        }
    }

    /// A good message in the flattened serialization, without its last brace.
    fn open_end(&self) -> String {
        let sender = keys::sender(self.backend, &self.jwk, Alg::A256Kw);
        let encrypter =
            MessageEncrypter::builder(self.backend, ENC).with_recipient(&sender).build().unwrap();
        let text = encrypter.encrypt(&FlattenedJson, b"text", b"").unwrap();
        assert_eq!(Self::open(&self.decrypter, &Limits::default(), &text), Ok(4));
        text.strip_suffix('}').unwrap().to_owned()
    }
}

#[test]
fn long_deep_and_wide_json() {
    let target = Target::first();
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
        Target::open(&target.decrypter, &limits, &ignored)
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
        Target::open(&target.decrypter, &limits, &with("unprotected", &header))
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

#[test]
fn spaces_and_what_is_around_the_object() {
    let target = Target::first();
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
            Target::open(&target.decrypter, &limits, &text)
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
    assert_eq!(Target::open(&target.decrypter, &limits, &token), Ok(4));
    assert_eq!(target.decrypter.decrypt(&good).unwrap_err().code(), "segment_count");
    for text in [format!(" {token}"), format!("{token}\n"), format!("{token} ")] {
        target.refuses("a token with spaces", &text, "base64url", 64 * KIB);
    }
}

/// A message with `count` recipients whose `kid` is their number, the last of them ours.
fn recipients(target: &Target, count: usize, unprotected: &str, more: &str) -> String {
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

#[test]
fn ten_thousand_recipients() {
    let count = 10_000;
    for backend in backends().iter().copied() {
        let target = Target::new(backend);
        let text = recipients(&target, count, "", "");
        assert!(text.len() > 1 << 20);
        target.refuses("10 000 recipients", &text, "too_many_recipients", 64 * KIB);
        let most = Limits::default();
        let fitting = recipients(&target, most.max_recipients, "", "");
        assert_eq!(Target::open(&target.decrypter, &most, &fitting), Ok(4));
        let beyond = recipients(&target, most.max_recipients + 1, "", "");
        target.refuses("one too many", &beyond, "too_many_recipients", 64 * KIB);
        // A message that was read with other limits than those of the decrypter.
        let raised = Limits::default().with_max_recipients(count);
        let message = Message::parse(&text, &raised).unwrap();
        let error = target.decrypter.decrypt_message(message).unwrap_err();
        assert_eq!(error.code(), "too_many_recipients");

        // Who raises the limit has them all read, and one key used.
        let opened = within("10 000 recipients, allowed", 2 * MIB, TIME * 4, || {
            Target::open(&target.decrypter, &raised, &text)
        });
        assert_eq!(opened, Ok(4));
        let other =
            keys::recipient(backend, &target.jwk.clone().with_kid("other").unwrap(), Alg::A256Kw);
        let other = Decrypter::new(backend, [other], &[ENC]).unwrap();
        let refused = within("10 000 recipients, none of them named", 2 * MIB, TIME * 4, || {
            Target::open(&other, &raised, &text)
        });
        assert_eq!(refused.unwrap_err().code(), "unknown_kid");
        // The most that each can make of the headers that all share is read again for each; this is
        // what whoever raises the limit allows.
        let padding = format!(r#","unprotected":{{"x":[{}]}}"#, vec!["[]"; 400].join(","));
        let text = recipients(&target, 1000, &padding, "");
        let opened = within("1000 recipients, a long shared header", 4 * MIB, TIME * 4, || {
            Target::open(&target.decrypter, &raised, &text)
        });
        assert_eq!(opened, Ok(4));
    }
}

/// Where keys are tried, each recipient costs a key operation, and the list is not copied for each.
#[test]
fn recipients_are_tried_in_linear_time() {
    let target = Target::first();
    let count = 5_000;
    let raised = Limits::default().with_max_recipients(count);
    // All for our key, and none of them opens.
    let text =
        recipients(&target, count, "", "").replace(r#","ciphertext":""#, r#","ciphertext":"AAAA"#);
    let text = all_for_us(&text);
    let key = keys::recipient(target.backend, &target.jwk, Alg::A256Kw);
    let trying = Decrypter::trying_keys(target.backend, [key], &[ENC]).unwrap();
    let refused = within("5000 recipients, tried", 8 * MIB, TIME * 10, || {
        Target::open(&trying, &raised, &text)
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

const LIMIT: usize = Decrypter::DEFAULT_MAX_INFLATED;

#[test]
fn compressed_bombs() {
    for backend in backends().iter().copied() {
        let target = Target::new(backend);
        let forge = Forge::wrapped(backend, ENC, &target.jwk);
        let header = r#"{"alg":"A256KW","enc":"A256GCM","kid":"shared","zip":"DEF"}"#;
        let sealed = |content: &[u8]| forge.seal(header, None, content).token();
        let allowing = target.decrypter.clone().allow_zip(LIMIT);
        let limits = Limits::default();

        // Half a gigabyte, a thousand times as long as the message.
        let repeats = (512 << 20) / 258;
        let deflated = bomb::zeros(repeats);
        assert!(bomb::zeros_len(repeats) / deflated.len() >= 1000);
        let token = sealed(&deflated);
        target.refuses("a bomb, not allowed", &token, "zip_not_allowed", 64 * KIB);
        let refused = within("a bomb, allowed", 4 * MIB, TIME * 2, || {
            Target::open(&allowing, &limits, &token)
        });
        assert_eq!(refused, Err(DecryptError::DecryptionFailed));
        // The same code below the limit is a good message, and just above it is none.
        let fitting = (LIMIT - 1) / 258;
        for (repeats, outcome) in [
            (fitting, Ok(bomb::zeros_len(fitting))),
            (fitting + 1, Err(DecryptError::DecryptionFailed)),
            (1, Ok(259)),
        ] {
            let token = sealed(&bomb::zeros(repeats));
            let opened = within("a thousand times", 2 * MIB, TIME, || {
                Target::open(&allowing, &limits, &token)
            });
            assert_eq!(opened, outcome);
        }
    }
}

#[test]
fn the_limit_of_inflation_is_exact() {
    for backend in backends().iter().copied() {
        let target = Target::new(backend);
        let sender = keys::sender(backend, &target.jwk, Alg::A256Kw);
        let encrypter = Encrypter::builder(backend, &sender, ENC).compress().build().unwrap();
        for len in [0, 1, 1000, LIMIT - 1, LIMIT, LIMIT + 1, 2 * LIMIT] {
            for plaintext in [vec![0; len], noise(len)] {
                let token = encrypter.encrypt(&plaintext).unwrap();
                let off = target.decrypter.decrypt(&token).unwrap_err();
                assert_eq!(off.code(), "zip_not_allowed");
                for limit in [len, len + 1, LIMIT, usize::MAX] {
                    let mut out = b"before".to_vec();
                    let decrypter = target.decrypter.clone().allow_zip(limit);
                    let outcome = decrypter.decrypt_into(&token, &mut out);
                    if len <= limit {
                        assert_eq!(outcome, Ok(()), "{len} {limit}");
                        assert_eq!(out.strip_prefix(b"before"), Some(plaintext.as_slice()));
                    } else {
                        assert_eq!(outcome, Err(DecryptError::DecryptionFailed), "{len} {limit}");
                        assert_eq!(out, b"before");
                    }
                }
                if len > 0 {
                    let decrypter = target.decrypter.clone().allow_zip(len - 1);
                    let error = decrypter.decrypt(&token).unwrap_err();
                    assert_eq!(error, DecryptError::DecryptionFailed, "{len}");
                }
            }
        }
    }
}

/// Bytes that do not compress.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    std::iter::repeat_with(next).take(len).collect()
}

/// Properly sealed, but not one whole DEFLATE stream: the same error as for a wrong key.
#[test]
fn what_is_no_deflate_is_refused() {
    for backend in backends().iter().copied() {
        let target = Target::new(backend);
        let forge = Forge::wrapped(backend, ENC, &target.jwk);
        let header = r#"{"alg":"A256KW","enc":"A256GCM","zip":"DEF"}"#;
        let decrypter = target.decrypter.clone().allow_zip(LIMIT);
        let outcome = |content: &[u8]| {
            let mut out = b"before".to_vec();
            let token = forge.seal(header, None, content).token();
            let outcome = decrypter.decrypt_into(&token, &mut out).map_err(|error| {
                assert_eq!(out, b"before");
                assert_eq!(error, DecryptError::DecryptionFailed);
            });
            outcome.map(|()| out[6..].to_vec()).ok()
        };
        let good = bomb::zeros(3);
        assert_eq!(outcome(&good), Some(vec![0; bomb::zeros_len(3)]));
        for cut in 0..good.len() {
            assert_eq!(outcome(&good[..cut]), None, "cut at {cut}");
        }
        // A stored block, an empty one, and one with fixed codes and nothing in it.
        assert_eq!(outcome(&[1, 2, 0, 0xfd, 0xff, b'h', b'i']), Some(b"hi".to_vec()));
        assert_eq!(outcome(&[1, 0, 0, 0xff, 0xff]), Some(vec![]));
        assert_eq!(outcome(&[3, 0]), Some(vec![]));
        for content in [
            [&good[..], &[0]].concat(),
            [&good[..], &good].concat(),
            [&[0x78, 0x9c], &good[..], &[0, 1, 0, 1]].concat(),
            [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], &good[..]].concat(),
            // Not the last block; lengths that differ; the reserved type; a distance before the
            // start; too many codes.
            vec![0, 0, 0, 0xff, 0xff],
            vec![1, 2, 0, 0xfd, 0xfe, b'h', b'i'],
            vec![7],
            vec![3, 2, 0],
            vec![0xfd, 0xff, 0xff, 0xff, 0xff, 0xff],
            b"plain text".to_vec(),
            vec![0xff; 100],
            vec![0; 100],
        ] {
            assert_eq!(outcome(&content), None, "{content:02x?}");
        }
    }
}

#[test]
fn other_compression_is_refused_before_anything_is_opened() {
    for backend in backends().iter().copied() {
        let target = Target::new(backend);
        let forge = Forge::wrapped(backend, ENC, &target.jwk);
        for allowed in [false, true] {
            let decrypter = if allowed {
                target.decrypter.clone().allow_zip(LIMIT)
            } else {
                target.decrypter.clone()
            };
            for (zip, code) in [
                ("\"def\"", "zip_not_allowed"),
                ("\"DEF \"", "zip_not_allowed"),
                ("\"DEF\\u0000\"", "zip_not_allowed"),
                ("\"DEFLATE\"", "zip_not_allowed"),
                ("\"GZIP\"", "zip_not_allowed"),
                ("\"\"", "zip_not_allowed"),
                ("null", "header_member_type"),
                ("0", "header_member_type"),
                ("false", "header_member_type"),
                ("[\"DEF\"]", "header_member_type"),
                ("{}", "header_member_type"),
            ] {
                let header = format!(r#"{{"alg":"A256KW","enc":"A256GCM","zip":{zip}}}"#);
                let token = forge.seal(&header, None, &bomb::zeros(1)).token();
                assert_eq!(decrypter.decrypt(&token).unwrap_err().code(), code, "{zip} {allowed}");
            }
        }
        // Allowed is not demanded: what is not compressed stays as it is.
        let plain =
            forge.seal(r#"{"alg":"A256KW","enc":"A256GCM"}"#, None, &bomb::zeros(1)).token();
        let opened = target.decrypter.clone().allow_zip(LIMIT).decrypt(&plain).unwrap();
        assert_eq!(*opened, bomb::zeros(1));
    }
}

/// Without being asked to, nobody compresses: the length of a token follows from that of the
/// plaintext alone.
#[test]
fn nothing_is_compressed_unless_asked_for() {
    for backend in backends().iter().copied() {
        let sender = keys::sender(backend, &keys::oct(32), Alg::A256Kw);
        let encrypter = Encrypter::new(backend, &sender, ENC).unwrap();
        let message =
            MessageEncrypter::builder(backend, ENC).with_recipient(&sender).build().unwrap();
        for len in [0, 1, 100, 10_000] {
            let len_of = |plaintext: &[u8]| {
                let token = encrypter.encrypt(plaintext).unwrap();
                let text = message.encrypt(&FlattenedJson, plaintext, b"").unwrap();
                assert!(!Parts::of(&token).header_json().contains("zip"));
                (token.len(), text.len())
            };
            assert_eq!(len_of(&vec![0; len]), len_of(&noise(len)));
        }
    }
}
