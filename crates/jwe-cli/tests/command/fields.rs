//! `jwe fields encrypt` and `jwe fields decrypt`.

use serde_json::{Value, json};

use crate::support::{CANARY, Ended, Place, backends};

const FIELDS: &str = "--field /username --field /password";

fn encrypt(place: &Place, options: &str, document: impl AsRef<[u8]>) -> Ended {
    place.jwe(&format!("fields encrypt --key public.jwk {options}")).stdin(document).run()
}

fn decrypt(place: &Place, options: &str, document: impl AsRef<[u8]>) -> Ended {
    place.jwe(&format!("fields decrypt --key private.jwk {options}")).stdin(document).run()
}

/// That `encrypted` is these pieces with a token between them, and nothing else.
#[track_caller]
fn assert_between_tokens(encrypted: &[u8], pieces: &[&str]) {
    let mut rest = std::str::from_utf8(encrypted).unwrap();
    let (first, others) = pieces.split_first().unwrap();
    rest = rest.strip_prefix(first).unwrap();
    for piece in others {
        let (token, behind) = rest.strip_prefix("\"eyJ").unwrap().split_once('"').unwrap();
        assert_eq!(token.split('.').count(), 5);
        rest =
            behind.strip_prefix(piece).unwrap_or_else(|| panic!("{piece:?} is not at {behind:?}"));
    }
    assert_eq!(rest, "");
}

#[test]
fn other_bytes_stay_as_they_are_on_every_backend() {
    let place = Place::new();
    let pieces = [
        "\r\n{ \"id\" :1e400,\t\"x\":1.0, \"dup\": -0,\"dup\":[ ],\r\n  \"username\"  : ",
        " ,\"\\u0070\": \"\\/\\ud83d\\ude00\" ,\n\"password\":",
        ",\"last\":{\"password\":\"clear\"} }\r\n \n",
    ];
    let document =
        [pieces[0], "\"john \\\"é\\\" \u{1f600}\"", pieces[1], "\"\"", pieces[2]].concat();
    for backend in backends(&place) {
        for fields in [
            FIELDS,
            "--field /password --field /username",
            "--field $.password --field $['username']",
        ] {
            let encrypted =
                encrypt(&place, &format!("--backend {backend} {fields}"), &document).ok();
            assert_between_tokens(&encrypted, &pieces);
            let decrypted = decrypt(&place, fields, &encrypted).ok_text();
            assert_eq!(decrypted, document, "{backend}");
            if backend != "ring" {
                let decrypted =
                    decrypt(&place, &format!("--backend {backend} {fields}"), &encrypted).ok_text();
                assert_eq!(decrypted, document, "{backend}");
            }
        }
    }
}

#[test]
fn values_of_any_text() {
    let place = Place::new();
    let document = r#"{"username":"a\u0000\n\\","password":"\u00e9"}"#;
    let encrypted = encrypt(&place, FIELDS, document).ok();
    let tokens: Value = serde_json::from_slice(&encrypted).unwrap();
    let plain = |name: &str| {
        place.jwe("decrypt --key private.jwk").stdin(tokens[name].as_str().unwrap()).run().ok()
    };
    // The plaintext is the value itself and not its JSON text.
    assert_eq!(
        (plain("username"), plain("password")),
        (b"a\0\n\\".to_vec(), "é".as_bytes().to_vec())
    );
    let decrypted = decrypt(&place, FIELDS, encrypted).ok_json();
    assert_eq!(decrypted, serde_json::from_str::<Value>(document).unwrap());
}

#[test]
fn json_paths_and_wildcards() {
    let place = Place::new();
    let document = r#"{"users":[{"iban":"A","n":1},{"iban":"B"},{}],"iban":"C"}"#;
    let encrypted = encrypt(&place, "--field $.users[*].iban", document).ok();
    assert_between_tokens(
        &encrypted,
        &[r#"{"users":[{"iban":"#, r#","n":1},{"iban":"#, r#"},{}],"iban":"C"}"#],
    );
    assert_eq!(decrypt(&place, "--field $.users[*].iban", &encrypted).ok_text(), document);
    let everywhere = encrypt(&place, "--field $..iban", document).ok_json();
    assert!(everywhere["iban"].as_str().unwrap().len() > 100);
    let filtered = encrypt(&place, "", document);
    filtered.misused("--field");
    let path = place.jwe("fields encrypt --key public.jwk --field").arg("$.users[?@.n == 1].iban");
    let filtered = path.stdin(document).run().ok_json();
    assert_eq!(filtered["users"][1]["iban"], "B");
    assert_ne!(filtered["users"][0]["iban"], "A");
}

#[test]
fn whole_subtrees_keep_their_bytes() {
    let place = Place::new();
    let document = "{\"address\": { \"n\":1.50,\r\n \"x\":[1e400 ,null] }, \"pin\":0042e0 }"
        .replace("0042e0", "42e0");
    let fields = "--encoding json --field /address --field /pin";
    let encrypted = encrypt(&place, fields, &document).ok();
    assert_between_tokens(&encrypted, &["{\"address\": ", ", \"pin\":", " }"]);
    assert_eq!(decrypt(&place, fields, &encrypted).ok_text(), document);
    let whole = place
        .jwe("fields encrypt --key public.jwk --encoding json --field")
        .arg("")
        .stdin(&document)
        .run()
        .ok();
    assert_between_tokens(&whole, &["", ""]);
    let back = place.jwe("fields decrypt --key private.jwk --encoding json --field").arg("");
    assert_eq!(back.stdin(whole).run().ok_text(), document);
    // As text it is a string that holds JSON.
    let as_text = decrypt(&place, "--field /pin --field /address", &encrypted).ok_json();
    assert_eq!(as_text["pin"], "42e0");
}

#[test]
fn the_encodings_of_both_sides_must_agree() {
    let place = Place::new();
    let encrypted = encrypt(&place, "--field /a", format!(r#"{{"a":"{CANARY}"}}"#)).ok();
    decrypt(&place, "--encoding json --field /a", encrypted)
        .refused_saying("plaintext_not_json", &["\"/a\"", "--encoding text"]);
    let token = place.token_of(b"\xff\xfe");
    let document = json!({ "a": token.trim_end() }).to_string();
    decrypt(&place, "--field /a", document).refused_saying("plaintext_not_utf8", &["\"/a\""]);
}

#[test]
fn a_missing_field_is_an_error_unless_it_is_skipped() {
    let place = Place::new();
    let document = format!(r#"{{"username":"{CANARY}"}}"#);
    encrypt(&place, FIELDS, &document)
        .refused_saying("field_missing", &["\"/password\"", "--missing skip"]);
    encrypt(&place, "--field $.none[*]", &document)
        .refused_saying("field_missing", &["\"$.none[*]\""]);
    let skipped = encrypt(&place, &format!("--missing skip {FIELDS}"), &document).ok();
    assert_between_tokens(&skipped, &[r#"{"username":"#, "}"]);
    decrypt(&place, FIELDS, &skipped).refused_saying("field_missing", &["\"/password\""]);
    assert_eq!(decrypt(&place, &format!("--missing skip {FIELDS}"), &skipped).ok_text(), document);
}

#[test]
fn values_that_are_no_strings() {
    let place = Place::new();
    for (value, kind) in [
        ("4711", "a number"),
        ("true", "a boolean"),
        ("null", "null"),
        ("[1]", "an array"),
        ("{}", "an object"),
    ] {
        let document = format!(r#"{{"a":{value}}}"#);
        encrypt(&place, "--field /a", &document)
            .refused_saying("field_not_string", &["\"/a\"", kind, "--encoding json"]);
        let text = encrypt(&place, "--field /a --non-string json-text", &document);
        if kind.starts_with("a ") {
            assert_eq!(
                decrypt(&place, "--field /a", text.ok()).ok_text(),
                format!(r#"{{"a":"{value}"}}"#)
            );
        } else {
            text.refused_saying("field_not_string", &["\"/a\"", kind]);
        }
    }
    encrypt(&place, "--field /a", r#"{"a":"\ud800"}"#)
        .refused_saying("field_lone_surrogate", &["\"/a\""]);
}

#[test]
fn values_that_are_encrypted_already() {
    let place = Place::new();
    let once = encrypt(&place, "--field /a", r#"{"a":"s3cret"}"#).ok();
    encrypt(&place, "--field /a", &once)
        .refused_saying("field_already_encrypted", &["\"/a\"", "--already-encrypted"]);
    assert_eq!(encrypt(&place, "--field /a --already-encrypted leave", &once).ok(), once);
    let twice = encrypt(&place, "--field /a --already-encrypted again", &once).ok();
    assert_eq!(decrypt(&place, "--field /a", &twice).ok(), once);
}

#[test]
fn values_that_are_clear() {
    let place = Place::new();
    let document = format!(r#"{{"a":"{CANARY}","b":7}}"#);
    decrypt(&place, "--field /a", &document)
        .refused_saying("field_not_encrypted", &["\"/a\"", "--clear-value"]);
    decrypt(&place, "--field /b", &document).refused_saying("field_not_encrypted", &["\"/b\""]);
    assert_eq!(
        decrypt(&place, "--field /a --field /b --clear-value leave", &document).ok_text(),
        document
    );
}

#[test]
fn a_document_that_is_not_json_is_refused_with_its_place() {
    let place = Place::new();
    let canary = format!("\"{CANARY}\"");
    for (document, position) in [
        (format!("{{\n  \"a\": {canary},\n  x }}"), "line 3 column 3"),
        (format!("{{\"a\":{canary}"), "line 1 column 13"),
        (format!("{canary} {canary}"), "line 1 column 10"),
        (String::new(), "line 1 column 1"),
        ("[1,]".to_owned(), "line 1 column 4"),
        ("[".repeat(1_000_000), "line 1 column"),
    ] {
        for text in
            [encrypt(&place, "--field /a", &document), decrypt(&place, "--field /a", &document)]
        {
            text.refused_saying("document_not_json", &[position]);
        }
    }
    encrypt(&place, "--field /a", b"{\"a\":\n\"\xff\"}")
        .refused_saying("document_not_utf8", &["line 2 column 2"]);
    encrypt(&place, "--field /a", "\u{feff}{}").refused("document_byte_order_mark");
    let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    encrypt(&place, "--field /a", deep)
        .refused_saying("document_too_deep", &["128", "line 1 column 129"]);
    encrypt(&place, "--limit-input 4 --field /a", "{\"a\":1}").refused("input_too_long");
}

#[test]
fn selections_that_contradict_each_other() {
    let place = Place::new();
    let document = format!(r#"{{"a":{{"b":"{CANARY}"}},"c":"{CANARY}","c":"x"}}"#);
    encrypt(&place, "--encoding json --field /a --field /a/b", &document)
        .refused_saying("field_overlap", &["\"/a\"", "\"/a/b\""]);
    encrypt(&place, "--field /c", &document)
        .refused_saying("field_ambiguous", &["\"/c\"", "twice"]);
    // Given twice, it is encrypted once.
    let once = encrypt(&place, "--field /a/b --field /a/b --field $.a.b", &document).ok();
    assert_eq!(decrypt(&place, "--field /a/b", once).ok_text(), document);
}

#[test]
fn no_output_is_half_done() {
    let place = Place::new();
    let good =
        encrypt(&place, FIELDS, format!(r#"{{"username":"{CANARY}","password":"{CANARY}"}}"#))
            .ok_text();
    // The second token is cut, and the first one is good.
    let cut = good.replace("\"}", "A\"}");
    place.write("old.json", "old");
    let names = place.names();
    let ended = decrypt(&place, &format!("{FIELDS} -o old.json"), &cut);
    let text = ended.refused("part_length");
    assert!(text.contains("\"/password\""), "{text}");
    assert_eq!((place.read("old.json").as_slice(), place.names()), (b"old".as_slice(), names));
}

#[test]
fn a_failure_in_a_field_names_it_and_nothing_else() {
    let place = Place::new();
    let good = encrypt(&place, "--field /a~1b", format!(r#"{{"a/b":"{CANARY}"}}"#)).ok();
    let wrong = place
        .jwe("fields decrypt --key other.pem --alg RSA-OAEP-256 --kid throw-away-1 --field /a~1b");
    let text = wrong.stdin(good).run().refused("decryption_failed");
    assert_eq!(text, "error[decryption_failed]: \"/a~1b\": the message could not be decrypted");
    // Names of members are shown escaped.
    let document = "{\"\u{202e}\\u001b[31m\":1}";
    let odd = place.jwe("fields encrypt --key public.jwk --field").arg("$.*").stdin(document).run();
    odd.refused_saying("field_not_string", &["\\u{202e}\\u{1b}[31m"]);
}
