//! Texts of any number of parts and of any length: the dots are counted up to the fifth, and nothing
//! is allocated for what lies behind.

use allocation_counter::measure;
use jwe::{Backend, Compact, Limits, Message, Serialization};

use crate::target::{MEMORY, TIME, Target};

pub(crate) fn check(backend: &'static Backend) {
    let targets = Target::all(backend);
    for target in &targets {
        the_number_is_exact(target);
    }
    // The text is not looked at by an alg or an enc before it is refused.
    for target in [&targets[0], &targets[targets.len() - 1]] {
        huge(target);
    }
}

/// Each within the time of any other refusal.
fn huge(target: &Target) {
    let dots = ".".repeat(64 << 20);
    let segments = "a.".repeat(1_000_000);
    let letters = "A".repeat(100_000_000);
    let header = format!("{letters}....");
    let good = target.good.token();
    let behind = format!("{good}{}", ".".repeat(64 << 20));
    target.refuses(&dots, "token_too_long");
    target.refuses(&segments, "segment_count");
    target.refuses(&header, "token_too_long");
    target.refuses(&letters, "token_too_long");
    target.refuses(&behind, "token_too_long");

    let limits = Limits::default().with_max_token_len(usize::MAX);
    let unlimited = Target {
        decrypter: target.decrypter.clone().with_limits(limits),
        jwk: target.jwk.clone(),
        good: target.good.clone(),
        ..*target
    };
    // Nothing at all is allocated for these.
    for (text, code) in [
        (&dots, "segment_count"),
        (&segments, "segment_count"),
        (&letters, "segment_count"),
        (&behind, "segment_count"),
        (&header, "header_too_long"),
    ] {
        let (error, _) = unlimited.answer_within(text, 0, TIME);
        assert_eq!(error.code(), code);
    }
    // No more for ten times the text in any other part, up to the ciphertext, which is decoded to where
    // it is opened.
    for len in [1 << 20, 10 << 20] {
        let long = &letters[..len];
        let mut parts = target.good.clone();
        parts.encrypted_key = long.to_owned();
        let (error, _) = unlimited.answer_within(&parts.token(), MEMORY, TIME);
        assert_eq!(error.code(), "part_length");
        let mut parts = target.good.clone();
        parts.iv = long.to_owned();
        let (error, _) = unlimited.answer_within(&parts.token(), MEMORY, TIME);
        assert_eq!(error.code(), "part_length");
        let mut parts = target.good.clone();
        parts.tag = long.to_owned();
        let (error, _) = unlimited.answer_within(&parts.token(), MEMORY, TIME);
        assert_eq!(error.code(), "part_length");
    }
    // Taking a text apart allocates nothing, as it is.
    for text in [&dots, &segments, &header, &behind, &good] {
        let used = measure(|| drop(Compact.parse(text, &limits)));
        assert_eq!((used.count_total, used.bytes_total), (0, 0));
    }
    let used = measure(|| assert!(Message::parse(&dots, &limits).is_err()));
    assert_eq!(used.count_total, 0);
}

fn the_number_is_exact(target: &Target) {
    let token = target.good.token();
    let parts: Vec<&str> = token.split('.').collect();
    for count in 0..5 {
        target.refuses(&parts[..count].join("."), "segment_count");
    }
    for more in [".", "..", ".AA", "........"] {
        target.refuses(&format!("{token}{more}"), "segment_count");
    }
    target.refuses(&format!(".{token}"), "segment_count");
    // Five empty parts are five parts, of which the first is no header.
    target.refuses("....", "header_not_json");
}
