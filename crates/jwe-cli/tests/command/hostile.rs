//! Hostile tokens, keys and documents through the command: a named error, soon, in little memory.

use std::time::Duration;

use serde_json::json;

use crate::support::{CANARY, Jwe, Place, base64url};

const GOOD: &str = r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"throw-away-1"}"#;

/// A token with this header and parts of the right lengths.
fn token(header: impl AsRef<[u8]>) -> String {
    let part = |len| base64url::encode(vec![0_u8; len]);
    format!("{}.{}.{}.{}.{}", base64url::encode(header), part(256), part(12), part(6), part(16))
}

fn decrypt(place: &Place, options: &str) -> Jwe {
    place.jwe(&format!("decrypt --key private.jwk {options}")).within(Duration::from_secs(10))
}

/// Refuses the token with this code, with and without a document around it.
#[track_caller]
fn assert_refused(place: &Place, token: &str, code: &str) {
    let text = decrypt(place, "").memory(100).stdin(token).run().refused(code);
    assert!(text.len() < 400, "{text}");
}

#[test]
fn the_form_that_these_tests_use_is_right() {
    let place = Place::new();
    assert_refused(&place, &token(GOOD), "decryption_failed");
}

#[test]
fn headers() {
    let place = Place::new();
    let header = |members: &str| {
        format!(r#"{{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"throw-away-1",{members}}}"#)
    };
    let many = (0..600).map(|at| format!("\"m{at}\":{at}")).collect::<Vec<_>>().join(",");
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (GOOD.replace("RSA-OAEP-256", "RSA1_5").into(), "alg_not_accepted"),
        (GOOD.replace("RSA-OAEP-256", "RSA-OAEP").into(), "alg_not_accepted"),
        (GOOD.replace("RSA-OAEP-256", "rsa-oaep-256").into(), "alg_not_accepted"),
        (GOOD.replace("RSA-OAEP-256", "dir").into(), "alg_not_accepted"),
        (GOOD.replace("RSA-OAEP-256", "none").into(), "alg_not_accepted"),
        (GOOD.replace("RSA-OAEP-256", "PBES2-HS256+A128KW").into(), "alg_not_accepted"),
        (GOOD.replace("A256GCM", "A128GCM").into(), "enc_not_accepted"),
        (GOOD.replace("A256GCM", "a256gcm").into(), "enc_not_accepted"),
        (GOOD.replace("A256GCM", "").into(), "enc_not_accepted"),
        (GOOD.replace("throw-away-1", "../../etc/passwd").into(), "unknown_kid"),
        (GOOD.replace("throw-away-1", CANARY).into(), "unknown_kid"),
        (GOOD.replace("throw-away-1", "throw-away-1\\u0000").into(), "unknown_kid"),
        (header(r#""crit":["exp"],"exp":1"#).into(), "crit_not_understood"),
        (header(r#""crit":[]"#).into(), "crit_not_understood"),
        (header(r#""crit":"exp""#).into(), "crit_not_understood"),
        (header(r#""crit":["alg"]"#).into(), "crit_not_understood"),
        (header(r#""zip":"DEF""#).into(), "zip_not_allowed"),
        (header(r#""zip":"def""#).into(), "zip_not_allowed"),
        (header(r#""zip":null"#).into(), "header_member_type"),
        (header(r#""zip":0"#).into(), "header_member_type"),
        (header(r#""alg":"RSA-OAEP-256""#).into(), "header_duplicate_member"),
        (header(r#""al\u0067":"RSA1_5""#).into(), "header_duplicate_member"),
        (header(r#""kid":"c4n4rY""#).into(), "header_duplicate_member"),
        (header(r#""x":1,"x":1"#).into(), "header_duplicate_member"),
        (GOOD.replace("\"RSA-OAEP-256\"", "[\"RSA-OAEP-256\"]").into(), "header_member_type"),
        (GOOD.replace("\"A256GCM\"", "null").into(), "header_member_type"),
        (GOOD.replace("\"throw-away-1\"", "7").into(), "header_member_type"),
        (GOOD.replace("\"alg\"", "\"Alg\"").into(), "header_missing_member"),
        ("{}".into(), "header_missing_member"),
        ("".into(), "header_not_json"),
        ("[]".into(), "header_not_json"),
        ("null".into(), "header_not_json"),
        (GOOD.replace('}', "").into(), "header_not_json"),
        (format!("{GOOD}{GOOD}").into(), "header_not_json"),
        (format!("\u{feff}{GOOD}").into(), "header_not_json"),
        (b"{\"alg\":\"\xff\"}".to_vec(), "header_not_json"),
        (b"{\"alg\":\"\xc0\xae\"}".to_vec(), "header_not_json"),
        (header(r#""x":"\ud800""#).into(), "header_not_json"),
        (header(r#""x":1e999"#).into(), "header_not_json"),
        (header(&format!(r#""x":{}"#, "[".repeat(8000))).into(), "header_not_json"),
        (
            header(&format!(r#""x":{}{}"#, "[".repeat(4000), "]".repeat(4000))).into(),
            "header_not_json",
        ),
        (header(&format!(r#""x":{}"#, "9".repeat(8000))).into(), "header_not_json"),
        (header(&many).into(), "decryption_failed"),
        (
            header(r#""jku":"http://192.0.2.1/","jwk":{"kty":"oct","k":"AAAA"},"x5c":["AAAA"]"#)
                .into(),
            "decryption_failed",
        ),
        (header(&format!(r#""x":"{}""#, "y".repeat(8192))).into(), "header_too_long"),
        (header(&format!(r#""x":{}"#, "[".repeat(100_000))).into(), "header_too_long"),
        (vec![b' '; 10_000_000], "header_too_long"),
    ];
    for (header, code) in cases {
        assert_refused(&place, &token(header), code);
    }
}

#[test]
fn parts() {
    let place = Place::new();
    let good = token(GOOD);
    let parts: Vec<&str> = good.split('.').collect();
    let replaced = |at: usize, part: &str| {
        let mut parts = parts.clone();
        parts[at] = part;
        parts.join(".")
    };
    for (at, part) in parts.iter().enumerate() {
        for tail in ["=", "==", "+", "/", " ", "\r\nA", "\0", "é", "!"] {
            assert_refused(&place, &replaced(at, &format!("{part}{tail}")), "base64url");
        }
    }
    // Bits behind the last byte that are not zero.
    assert_refused(&place, &replaced(4, &format!("{}B", &parts[4][..21])), "base64url");
    for (at, lens) in
        [(1, [0, 1, 255, 257, 65_536]), (2, [0, 11, 13, 16, 4096]), (4, [0, 1, 15, 17, 32])]
    {
        for len in lens {
            assert_refused(&place, &replaced(at, &base64url::encode(vec![0; len])), "part_length");
        }
    }
    let mut six = good.clone();
    six.push_str(".AAAA");
    for other in
        ["a.b.c", "a.b.c.d", six.as_str(), CANARY, "\u{202e}", "[{\"ciphertext\":\"c4n4rY\"}]"]
    {
        assert_refused(&place, other, "segment_count");
    }
}

#[test]
fn json_serializations() {
    let place = Place::new();
    let good = token(GOOD);
    let part: Vec<&str> = good.split('.').collect();
    let with = |more: &str| {
        format!(
            r#"{{"protected":"{}","encrypted_key":"{}","iv":"{}","ciphertext":"{}","tag":"{}"{more}}}"#,
            part[0], part[1], part[2], part[3], part[4]
        )
    };
    let many: String = (0..100_000).map(|at| format!(",\"m{at}\":1")).collect();
    let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    let big = "A".repeat(10_000_000);
    for (message, code) in [
        (with(""), "decryption_failed"),
        (with(r#","x":{"y":1}"#), "decryption_failed"),
        (with(r#","iv":"AAAA""#), "message_member"),
        (with(r#","\u0069v":"AAAA""#), "message_member"),
        (with(r#","x":1,"x":1"#), "message_member"),
        (with(r#","aad":7"#), "message_member"),
        (with(r#","aad":"""#), "message_member"),
        (with(r#","aad":"A""#), "base64url"),
        (with(r#","aad":"\u0041\u0041""#), "message_member"),
        (with(r#","header":null"#), "message_member"),
        (with(r#","header":{"alg":"RSA1_5"}"#), "header_duplicate_member"),
        (with(r#","unprotected":{"jku":"http://192.0.2.1/"}"#), "decryption_failed"),
        (with(r#","unprotected":{"b64":false}"#), "decryption_failed"),
        (with(&many), "message_member"),
        (with(&format!(r#","header":{{"x":"{}"}}"#, "y".repeat(8192))), "header_too_long"),
        (with(&format!(r#","aad":"{big}""#)), "decryption_failed"),
        (format!("{}{}", with(""), with("")), "message_not_json"),
        (with("").replace('}', ""), "message_not_json"),
        (format!("{{\"x\":{}", "[".repeat(1_000_000)), "message_not_json"),
        ("{".repeat(1_000_000), "message_not_json"),
        (with(&format!(r#","x":{deep}"#)), "decryption_failed"),
        (format!("{{\"recipients\":{deep},\"ciphertext\":\"AA\"}}"), "message_member"),
        (
            format!("{{\"recipients\":[{}1],\"ciphertext\":\"AA\"}}", "{},".repeat(1_000_000)),
            "too_many_recipients",
        ),
        (r#"{"recipients":{},"ciphertext":"AA"}"#.to_owned(), "message_member"),
        (r#"{"recipients":[],"ciphertext":"AA"}"#.to_owned(), "message_member"),
        (r#"{"recipients":[7],"ciphertext":"AA"}"#.to_owned(), "message_member"),
    ] {
        let decrypt = decrypt(&place, "--serialization flattened,general").memory(200);
        let text = decrypt.stdin(&message).run().refused(code);
        assert!(text.len() < 500, "{text}");
        // Off by default, none of it is looked at.
        let decrypt = self::decrypt(&place, "").memory(200).stdin(&message);
        decrypt.run().refused("serialization_not_accepted");
    }
}

#[test]
fn sizes() {
    let place = Place::new();
    let dots = vec![b'.'; 64 * 1024 * 1024];
    decrypt(&place, "")
        .memory(400)
        .stdin(&dots)
        .run()
        .refused_saying("token_too_long", &["--limit-token"]);
    let raised = "--limit-token 100000000 --limit-input 100000000";
    decrypt(&place, raised).memory(400).stdin(&dots).run().refused("segment_count");
    place.jwe("inspect").memory(400).stdin(&dots).run().refused("segment_count");
    decrypt(&place, "")
        .memory(400)
        .stdin([dots.as_slice(), b"."].concat())
        .run()
        .refused("input_too_long");
    // A zip bomb of 10 MB is not even looked at.
    let bomb = GOOD.replace('}', ",\"zip\":\"DEF\"}");
    let bomb = token(bomb).replace(".AAAAAAAA.", &format!(".{}.", "A".repeat(10_000_000)));
    decrypt(&place, "").memory(200).stdin(bomb).run().refused("zip_not_allowed");
    // An input that never ends.
    #[cfg(unix)]
    decrypt(&place, "/dev/zero").memory(400).run().refused_saying("input_too_long", &["/dev/zero"]);
}

#[test]
fn documents() {
    let place = Place::new();
    let fields = |document: String, selector: &str, code: &str| {
        let jwe = place.jwe("fields decrypt --key private.jwk --field").arg(selector).memory(200);
        jwe.within(Duration::from_secs(10)).stdin(document).run().refused(code)
    };
    for (header, code) in [
        (GOOD.replace("RSA-OAEP-256", "RSA1_5"), "alg_not_accepted"),
        (GOOD.replace('}', ",\"crit\":[\"x\"]}"), "crit_not_understood"),
        (GOOD.to_owned(), "decryption_failed"),
    ] {
        let document = json!({ "clear": CANARY, "a": [0, token(header)] }).to_string();
        let text = fields(document, "/a/1", code);
        assert!(text.contains("\"/a/1\": "), "{text}");
    }
    let many = format!("[{}1]", "1,".repeat(100_000));
    fields(many.clone(), "$[*]", "too_many_values");
    fields(many, "$..[*]", "too_many_values");
    let wide = format!(
        "{{{}\"a\":1}}",
        (0..50_000).map(|at| format!("\"{at}\":\"x\",")).collect::<String>()
    );
    fields(wide, "/a", "field_not_encrypted");
    fields("[".repeat(2_000_000), "/a", "document_not_json");
    let work = format!("[{}1]", "[1],".repeat(5_000));
    let text = fields(work, "$..[?count($..*) > 100000]", "selector_too_much_work");
    assert!(text.contains("more direct path"), "{text}");
    let name = format!("{{\"{}\":1}}", "n".repeat(1_000_000));
    assert!(fields(name, "$.*", "field_not_encrypted").len() < 500);
}
