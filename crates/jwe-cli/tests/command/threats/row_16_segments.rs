//! Any number of parts, of any length.

use super::target::{Case, HEADER, Target};
use crate::support::CANARY;

pub(crate) fn check(backend: &'static str) {
    let target = Target::usual(backend);
    let cases: Vec<Case> = [
        "",
        ".",
        "...",
        "a.b.c",
        "a.b.c.d",
        CANARY,
        "\u{202e}",
        "[{\"ciphertext\":\"c4n4rY\"}]",
        &format!("{}.AAAA", target.token()),
        &format!("{}.", target.token()),
        &format!(".{}", target.token()),
        &target.token().replace('.', ".."),
        &"AAAA.".repeat(1_000_000),
    ]
    .into_iter()
    .map(|token| (token.to_owned(), "segment_count"))
    .collect();
    target.refuses_all(&cases);

    // The limits of the command itself, with the memory that the input needs.
    let dots = vec![b'.'; 64 * 1024 * 1024];
    let decrypt = |options: &str, token: &[u8]| target.decrypt_in(400, options).stdin(token).run();
    decrypt("", &dots).refused_saying("token_too_long", &["--limit-token"]);
    let raised = "--limit-token 100000000 --limit-input 100000000";
    decrypt(raised, &dots).refused("segment_count");
    target.place.jwe("inspect").memory(400).stdin(&dots).run().refused("segment_count");
    decrypt("", &[dots.as_slice(), b"."].concat()).refused("input_too_long");
    // A header of 60 MB, and one that the limit for tokens would allow.
    let header = |len: usize| target.with_text(HEADER, &"A".repeat(len)).into_bytes();
    decrypt("", &header(60_000_000)).refused("token_too_long");
    decrypt(raised, &header(60_000_000)).refused("header_too_long");
    decrypt("", &header(10_000_000)).refused("header_too_long");
    // In a document they are values like any other.
    let document = format!("{{\"a\":\"{}\"}}", ".".repeat(32 * 1024 * 1024));
    let fields = target.decrypt_fields("--field /a").stdin(document).run();
    fields.refused("field_not_encrypted");
    // An input that never ends.
    #[cfg(unix)]
    decrypt("/dev/zero", b"").refused_saying("input_too_long", &["/dev/zero"]);

    let objects = "{},".repeat(1_000_000);
    for (message, code) in [
        (format!("{{\"recipients\":[{objects}1],\"ciphertext\":\"AA\"}}"), "too_many_recipients"),
        (r#"{"recipients":{},"ciphertext":"AA"}"#.to_owned(), "message_member"),
        (r#"{"recipients":[],"ciphertext":"AA"}"#.to_owned(), "message_member"),
        (r#"{"recipients":[7],"ciphertext":"AA"}"#.to_owned(), "message_member"),
    ] {
        target.refuses_message(&message, code);
    }
}
