//! Names of keys that mean something to whoever makes file names, queries or logs of them.

use super::target::{Case, Target};
use super::traced::{calls, can_trace};
use crate::support::CANARY;

/// As the text of a JSON string, without what JSON does not allow.
const KIDS: [&str; 14] = [
    "../../etc/passwd",
    "/etc/passwd",
    "file:///etc/passwd",
    "key.jwk",
    "./key.jwk",
    "-",
    "'; DROP TABLE keys; --",
    "$(touch c4n4rY)",
    "`touch c4n4rY`",
    "throw-away-1\\u0000",
    "\\u0000",
    "\\u202e1-yawa-worht",
    "\\u001b[31m\\u0007\\r\\nerror[x]: faked",
    "%s%n%x",
];

pub(crate) fn check(backend: &'static str) {
    for target in Target::all(backend) {
        let header = |kid: &str| target.header("").replace(target.kid(), kid);
        let mut cases: Vec<Case> =
            KIDS.map(|kid| (target.with_header(header(kid)), "unknown_kid")).into_iter().collect();
        let raw = |kid: &str| target.header("").replace(&format!("\"{}\"", target.kid()), kid);
        for kid in ["7", "null", "true", "[\"shared\"]", "{}"] {
            cases.push((target.with_header(raw(kid)), "header_member_type"));
        }
        cases.push((target.with_header(header(&"k".repeat(1_000_000))), "header_too_long"));
        cases.push((target.with_header(header(&"k".repeat(7000))), "unknown_kid"));
        cases.push((target.with_header(header(CANARY)), "unknown_kid"));
        cases.push((target.with_header(header("")), "unknown_kid"));
        cases.push((target.with_header(header(&target.kid().to_uppercase())), "unknown_kid"));
        // Control characters are nothing that JSON allows in a text.
        cases.push((target.with_header(header("a\0b")), "header_not_json"));
        // What each prints has none, and no line that looks like another one, whatever it is: every
        // run is judged so by `Ended`.
        target.refuses_all(&cases);
        assert!(!target.place.exists(CANARY));
    }
    shown_it_is_escaped(backend);
    no_file_is_opened(backend);
}

fn shown_it_is_escaped(backend: &'static str) {
    let target = Target::usual(backend);
    for kid in &KIDS[9..13] {
        let token = target.with_header(target.header("").replace(target.kid(), kid));
        for command in ["inspect", "inspect --json"] {
            let shown = target.place.jwe(command).stdin(&token).run().ok_text();
            assert!(
                shown.chars().all(|character| matches!(character, '\n' | ' '..='~')),
                "{shown:?}"
            );
        }
    }
}

/// A command opens the same files, whatever the token calls its key.
fn no_file_is_opened(backend: &'static str) {
    let target = Target::usual(backend);
    if !can_trace() {
        return;
    }
    let files = |kid: &str| {
        let token = target.with_header(target.header("").replace(target.kid(), kid));
        let decrypt = target.place.jwe(&format!("decrypt --key key.jwk --backend {backend}"));
        let calls = calls(&target.place, decrypt, token.as_bytes());
        assert_eq!(calls.code, Some(1), "{kid}");
        assert_eq!(calls.connections, Vec::<String>::new());
        calls.files
    };
    let usual = files("another");
    // The control: it sees what is opened.
    assert!(usual.contains("key.jwk"), "{usual:?}");
    for kid in KIDS {
        assert_eq!(files(kid), usual, "{kid}");
    }
}
