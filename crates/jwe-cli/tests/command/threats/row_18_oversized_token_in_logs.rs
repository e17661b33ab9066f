//! A token of ten megabytes with something in each part that nobody should read in a log.

use serde_json::{Value, json};

use super::target::Target;
use crate::support::{CANARY, Ended, base64url};

/// The bytes of each part.
const LEN: usize = 2_000_000;

/// Nothing of the token in what is printed, which is short.
#[track_caller]
fn assert_silent(ended: &Ended, codes: &[&str]) {
    let text = &ended.stderr;
    assert_eq!(ended.code, Some(1), "{text}");
    assert!(ended.stdout.is_empty());
    let code = text.split(['[', ']']).nth(1).unwrap_or_default();
    assert!(codes.contains(&code), "{text}");
    assert!(text.len() < 400, "{} bytes", text.len());
    for needle in needles() {
        assert!(!text.contains(&needle), "{text}");
    }
}

/// The canary as it is, and in base64url at each of the three offsets.
fn needles() -> Vec<String> {
    let mut needles = vec![CANARY.to_owned()];
    for offset in 0..3 {
        let text = base64url::encode(format!("{}{CANARY}{CANARY}", "x".repeat(offset)));
        needles.push(text[4..12].to_owned());
    }
    needles
}

pub(crate) fn check(backend: &'static str) {
    let target = Target::usual(backend);
    let filled = CANARY.repeat(LEN / CANARY.len());
    let encoded = base64url::encode(&filled);
    assert!(needles().iter().any(|needle| encoded.contains(needle)), "the control");
    let parts = |header: &str| [header, &encoded, &encoded, &encoded, &encoded].join(".");
    let tokens = [
        // Neither base64url nor JSON; JSON that is too long; a header that is right.
        ([filled.as_str(); 5].join("."), vec!["header_too_long"]),
        (parts(&encoded), vec!["header_too_long"]),
        (parts(&base64url::encode(CANARY)), vec!["header_not_json"]),
        (parts(&target.good[0]), vec!["part_length"]),
        (
            parts(&base64url::encode(target.header(&format!(r#","{CANARY}":"{CANARY}""#)))),
            vec!["part_length"],
        ),
        (
            parts(&base64url::encode(target.header("").replace(target.kid(), CANARY))),
            vec!["unknown_kid"],
        ),
        (
            parts(&base64url::encode(target.header_of(
                &format!("\"{CANARY}\""),
                "\"A256GCM\"",
                "",
            ))),
            vec!["alg_not_accepted"],
        ),
        (
            parts(&base64url::encode(target.header(&format!(r#","crit":["{CANARY}"]"#)))),
            vec!["crit_not_understood"],
        ),
        (filled.repeat(5), vec!["segment_count"]),
        (target.with_text(3, &encoded), vec!["decryption_failed"]),
    ];
    for (token, codes) in &tokens {
        let decrypt = target.decrypt_in(300, "").stdin(token).variable("RUST_BACKTRACE", "full");
        assert_silent(&decrypt.run(), codes);
        // As a value of a document.
        let document = json!({ "a": token }).to_string();
        let codes: Vec<&str> = codes.iter().copied().chain(["field_not_encrypted"]).collect();
        let fields = target
            .place
            .jwe(&format!("fields decrypt --key key.jwk --backend {backend} --field /a"));
        assert_silent(&fields.stdin(document).run(), &codes);
        // And of a stream, with all that a stream can tell.
        let records = format!("{}\n", json!({ "a": token }));
        let stream = "--format ndjson --field /a --threads 1 --progress --rejects rejects";
        let fields =
            target.place.jwe(&format!("fields decrypt --key key.jwk --backend {backend} {stream}"));
        let ended = fields.stdin(records).run();
        assert_eq!(ended.code, Some(3), "{}", ended.stderr);
        assert!(ended.stderr.len() < 600, "{}", ended.stderr);
        // The record itself is in the file, for whoever mends it; the reason has nothing of it.
        let rejected: Value = serde_json::from_slice(&target.place.read("rejects")).unwrap();
        let reason = rejected["reason"].as_str().unwrap();
        assert!(codes.contains(&rejected["code"].as_str().unwrap()), "{reason}");
        assert!(reason.len() < 300, "{reason}");
        for needle in needles() {
            assert!(!ended.stderr.contains(&needle) && !reason.contains(&needle));
        }
    }
    // What needs no key says no more.
    for command in ["inspect", "convert --to flattened"] {
        let ended = target.place.jwe(command).stdin(&tokens[0].0).run();
        assert_silent(&ended, &["header_too_long", "token_too_long", "base64url"]);
    }
}
