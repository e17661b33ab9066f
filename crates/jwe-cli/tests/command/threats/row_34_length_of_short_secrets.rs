//! With `--pad` on both sides, short texts have tokens of one length.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::target::Target;
use crate::support::CANARY;

pub(crate) fn check(backend: &'static str) {
    for target in Target::all(backend) {
        short_texts_have_one_length(&target);
    }
    let target = Target::usual(backend);
    either_side_has_to_know(&target);
    what_can_not_be_padded_is_misuse(&target);
}

/// `jwe fields encrypt` of a target with these options.
fn encrypt(target: &Target, options: &str, input: &str) -> String {
    let (backend, enc) = (target.backend, target.enc);
    let encrypt = format!("fields encrypt --key key.jwk --backend {backend} --enc {enc} {options}");
    target.place.jwe(&encrypt).stdin(input).run().ok_text()
}

fn short_texts_have_one_length(target: &Target) {
    let texts: Vec<String> = (0..=64)
        .map(|len| "7".repeat(len))
        .chain(["é".repeat(32), "\0".repeat(64), "a\0\u{80}".to_owned()])
        .collect();
    let records: String = texts.iter().map(|text| format!("{}\n", json!({ "a": text }))).collect();
    let stream = "--format ndjson --field /a --quiet";
    let sent = encrypt(target, &format!("{stream} --pad 64"), &records);
    let lengths: HashSet<usize> = sent.lines().map(str::len).collect();
    assert_eq!((lengths.len(), sent.lines().count()), (1, texts.len()));
    let padded = format!("{stream} --pad 64");
    assert_eq!(target.decrypt_fields(&padded).stdin(&sent).run().ok_text(), records);
    // One byte more fills another bucket.
    let longer = encrypt(target, &padded, &format!("{}\n", json!({ "a": "7".repeat(65) })));
    assert!(!lengths.contains(&longer.trim_end().len()));
    // The control: without it a PIN of four digits and one of six differ, but for the blocks of CBC.
    let plain = encrypt(target, stream, "{\"a\":\"1234\"}\n{\"a\":\"123456\"}\n");
    let plain: HashSet<usize> = plain.lines().map(str::len).collect();
    assert_eq!(plain.len() == 1, target.enc.is_cbc());
    // Cells of csv.
    let rows: String = (0..=64).map(|len| format!("x,{}\n", "7".repeat(len))).collect();
    let table = format!("id,a\n{rows}");
    let csv = "--format csv --column a --pad 64 --quiet";
    let sent = encrypt(target, csv, &table);
    let lengths: HashSet<usize> = sent.lines().skip(1).map(str::len).collect();
    assert_eq!(lengths.len(), 1);
    assert_eq!(target.decrypt_fields(csv).stdin(&sent).run().ok_text(), table);
}

fn either_side_has_to_know(target: &Target) {
    let clear = json!({ "a": CANARY }).to_string();
    let padded = encrypt(target, "--field /a --pad 64", &clear);
    let plain = encrypt(target, "--field /a", &clear);
    let decrypt = |options: &str, document: &str| {
        target.decrypt_fields(&format!("--field /a {options}")).stdin(document).run()
    };
    assert_eq!(decrypt("--pad 64", &padded).ok_text(), clear);
    decrypt("", &padded).refused_saying("plaintext_not_utf8", &["/a", "--pad"]);
    decrypt("--encoding json", &padded).refused_saying("plaintext_not_utf8", &["/a", "--pad"]);
    decrypt("--pad 32", &padded).refused_saying("plaintext_not_padded", &["/a", "--pad"]);
    decrypt("--pad 64", &plain).refused_saying("plaintext_not_padded", &["/a", "--pad"]);
    let document: Value = serde_json::from_str(&padded).unwrap();
    assert_eq!(document["a"].as_str().unwrap().split('.').count(), 5);
}

fn what_can_not_be_padded_is_misuse(target: &Target) {
    for (command, options, part) in [
        ("encrypt", "--field /a --pad 0", "1 to 4096"),
        ("encrypt", "--field /a --pad 4097", "1 to 4096"),
        ("decrypt", "--field /a --pad 4097", "1 to 4096"),
        ("encrypt", "--field /a --pad 64 --encoding json", "text encoding"),
        ("decrypt", "--field /a --pad 64 --encoding json", "text encoding"),
        ("encrypt", "--field /a --pad 64 --zip", "compression"),
        ("encrypt", "--format csv --column a --pad 64 --zip", "compression"),
        ("encrypt", "--field /a --pad", "--pad"),
    ] {
        let run = format!(
            "fields {command} --key key.jwk --backend {} --enc {} {options}",
            target.backend, target.enc
        );
        target.place.jwe(&run).stdin("{\"a\":\"1\"}").run().misused(part);
    }
}
