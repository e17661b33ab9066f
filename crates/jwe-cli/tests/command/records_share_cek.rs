//! `--share-cek document`: one content key for the values of a record, and never of two.

use std::collections::BTreeSet;

use crate::support::records::Kind;
use crate::support::{Ended, Place};

/// The tokens of each record: its values `a`, `b` and `c`.
fn tokens(kind: Kind, encrypted: &[u8]) -> Vec<Vec<String>> {
    let text = std::str::from_utf8(encrypted).unwrap();
    let head = usize::from(kind == Kind::Csv);
    let lines = text.lines().skip(head).filter(|line| line.contains("eyJ"));
    let tokens = |line: &str| {
        let cells = line.split(['"', ',']).filter(|cell| cell.starts_with("eyJ"));
        cells.map(str::to_owned).collect()
    };
    lines.map(tokens).collect()
}

fn part(token: &str, number: usize) -> &str {
    token.split('.').nth(number).unwrap()
}

fn text(kind: Kind, records: usize) -> String {
    let record = |id: usize| match kind {
        Kind::Csv => format!("x{id},y{id},z{id}"),
        _ => format!("{{\"a\":\"x{id}\",\"b\":\"y{id}\",\"c\":\"z{id}\"}}"),
    };
    let records: Vec<String> = (0..records).map(record).collect();
    let text = String::from_utf8(kind.text(&records)).unwrap();
    text.replacen("id,a", "a,b,c", 1)
}

fn options(kind: Kind) -> String {
    match kind {
        Kind::Csv => "--format csv --column a --column b --column c".to_owned(),
        _ => format!("{} --field /b --field $.c", kind.options()),
    }
}

fn encrypt(place: &Place, key: &str, kind: Kind, share: &str, text: &str) -> Vec<u8> {
    let encrypt = format!("fields encrypt --key {key} --quiet {} {share}", options(kind));
    place.jwe(&encrypt).stdin(text).run().ok()
}

fn decrypt(place: &Place, key: &str, kind: Kind, encrypted: &[u8]) -> Ended {
    let decrypt = format!("fields decrypt --key {key} --quiet {}", options(kind));
    place.jwe(&decrypt).stdin(encrypted).run()
}

#[test]
fn the_values_of_one_record_share_it_and_no_others() {
    let place = Place::for_slow_records();
    for kind in Kind::ALL {
        for (public, private) in
            [("fast.jwk", "fast.jwk"), ("public.jwk", "private.jwk"), ("slow.jwk", "slow.jwk")]
        {
            let text = text(kind, 15);
            let encrypted = encrypt(&place, public, kind, "--share-cek document", &text);
            let tokens = tokens(kind, &encrypted);
            assert_eq!(tokens.len(), 15);
            let mut keys = BTreeSet::new();
            let mut ivs = BTreeSet::new();
            for record in &tokens {
                assert_eq!(record.len(), 3);
                // The header and the encrypted key are the same, as RFC 7516 has it of one content
                // key; the rest is each one's own.
                for number in [0, 1] {
                    assert!(record.iter().all(|t| part(t, number) == part(&record[0], number)));
                }
                assert!(keys.insert(part(&record[0], 1)), "two records share a content key");
                for token in record {
                    assert!(ivs.insert(part(token, 2)), "an IV comes twice");
                }
            }
            let back = decrypt(&place, private, kind, &encrypted);
            assert_eq!(back.ok_text(), text, "{kind:?} {public}");
            // Each token is a message by itself.
            for (token, value) in tokens[7].iter().zip(["x7", "y7", "z7"]) {
                let decrypt = place.jwe(&format!("decrypt --key {private}")).stdin(token);
                assert_eq!(decrypt.run().ok_text(), value);
            }
        }
    }
}

#[test]
fn by_default_each_value_has_its_own() {
    let place = Place::for_records();
    for kind in Kind::ALL {
        for share in ["", "--share-cek none"] {
            let encrypted = encrypt(&place, "public.jwk", kind, share, &text(kind, 20));
            let tokens = tokens(kind, &encrypted).concat();
            let keys: BTreeSet<&str> = tokens.iter().map(|token| part(token, 1)).collect();
            let ivs: BTreeSet<&str> = tokens.iter().map(|token| part(token, 2)).collect();
            assert_eq!((tokens.len(), keys.len(), ivs.len()), (60, 60, 60));
        }
    }
}

/// A value of one record that is moved to another one is decrypted as it would be anyway: the
/// content key of a record is no secret of its place.
#[test]
fn what_is_shared_is_decrypted_wherever_it_stands() {
    let place = Place::for_records();
    let kind = Kind::Ndjson;
    let text = text(kind, 2);
    let encrypted = encrypt(&place, "fast.jwk", kind, "--share-cek document", &text);
    let tokens = tokens(kind, &encrypted);
    let encrypted = String::from_utf8(encrypted).unwrap();
    let swapped = encrypted
        .replacen(&tokens[0][1], "#", 1)
        .replacen(&tokens[1][1], &tokens[0][1], 1)
        .replacen('#', &tokens[1][1], 1);
    let back = decrypt(&place, "fast.jwk", kind, swapped.as_bytes()).ok_text();
    assert_eq!(back, text.replace("y0", "#").replace("y1", "y0").replace('#', "y1"));
    // One that is damaged takes no other along, although the encrypted key was unwrapped before.
    let other = if part(&tokens[0][1], 4).starts_with('A') { "B" } else { "A" };
    let at = encrypted.find(part(&tokens[0][1], 4)).unwrap();
    let mut damaged = encrypted.clone();
    damaged.replace_range(at..at + 1, other);
    let decrypt =
        format!("fields decrypt --key fast.jwk --quiet {} --rejects rejects", options(kind));
    let ended = place.jwe(&decrypt).stdin(damaged).run();
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    let second = text.lines().nth(1).unwrap();
    assert_eq!(String::from_utf8(ended.stdout).unwrap(), format!("{second}\n"));
    let rejects = String::from_utf8(place.read("rejects")).unwrap();
    assert!(rejects.contains("\"code\":\"decryption_failed\",\"pointer\":\"/b\""), "{rejects}");
}

/// A whole document is one, whatever is in it.
#[test]
fn one_document_of_the_format_json() {
    let place = Place::for_records();
    let document = "{\"users\":[{\"n\":\"1\"},{\"n\":\"2\"}],\"n\":\"3\"}";
    let encrypt = "fields encrypt --key public.jwk --field $..n --share-cek document";
    let encrypted = place.jwe(encrypt).stdin(document).run().ok_text();
    let tokens: Vec<&str> = encrypted.split('"').filter(|text| text.starts_with("eyJ")).collect();
    let keys: BTreeSet<&str> = tokens.iter().map(|token| part(token, 1)).collect();
    let ivs: BTreeSet<&str> = tokens.iter().map(|token| part(token, 2)).collect();
    assert_eq!((tokens.len(), keys.len(), ivs.len()), (3, 1, 3));
    let decrypt = place.jwe("fields decrypt --key private.jwk --field $..n").stdin(encrypted);
    assert_eq!(decrypt.run().ok_text(), document);
}
