//! `jwe doctor`.

use crate::support::{CANARY, Place, base64url};

#[test]
fn a_right_token() {
    let place = Place::new();
    let token = place.token_of(b"s3cret");
    let text = place.jwe("doctor --key private.jwk").stdin(&token).run().ok_text();
    assert!(text.starts_with("Nothing is wrong: it decrypts"), "{text}");
    for key in ["--key public.jwk", ""] {
        let text = place.jwe(&format!("doctor {key}")).stdin(&token).run().ok_text();
        assert!(text.contains("Only the private key tells"), "{text}");
    }
    let json = place.jwe("doctor --json --key private.jwk").stdin(&token).run().ok_json();
    let expected = serde_json::json!({ "right": true, "examined": "content", "findings": [] });
    assert_eq!(json, expected);
}

#[test]
fn the_main_cause_is_the_error() {
    let place = Place::new();
    let quoted = place.token_of(format!("\"{CANARY}\"").as_bytes());
    place
        .jwe("doctor --key private.jwk -o report")
        .stdin(&quoted)
        .run()
        .refused_saying("token_wrong", &["json_quoted"]);
    let cbc = place.jwe("encrypt --key public.jwk --enc A256CBC-HS512").stdin("x").run().ok();
    place.jwe("doctor -o report").stdin(&cbc).run().refused_saying("token_wrong", &[": enc"]);
    place.jwe("doctor --enc A256GCM,A256CBC-HS512").stdin(&cbc).run().ok();
    let jwt = format!("{}.e30.c2ln", base64url::encode(r#"{"alg":"RS256"}"#));
    place.jwe("doctor -o report").stdin(jwt).run().refused_saying("token_wrong", &["signed_jwt"]);
    place
        .jwe("doctor --key other.pem -o report")
        .stdin(place.token_of(b"x"))
        .run()
        .refused_saying("token_wrong", &["encrypted_key_of_another_key"]);
    let unnamed = place.jwe("encrypt --key public.jwk --no-kid").stdin("x").run().ok();
    place
        .jwe("doctor -o report")
        .stdin(&unnamed)
        .run()
        .refused_saying("token_wrong", &["kid_missing"]);
    place.jwe("doctor --no-kid").stdin(&unnamed).run().ok();
}

#[test]
fn the_report_is_written_even_if_the_token_is_wrong() {
    let place = Place::new();
    let token = format!("Bearer {}", place.token_of(format!("{CANARY}\n").as_bytes()));
    place
        .jwe("doctor --key private.jwk -o report")
        .stdin(&token)
        .run()
        .refused_saying("token_wrong", &["bearer_prefix"]);
    let report = String::from_utf8(place.read("report")).unwrap();
    assert!(
        report.contains("1. bearer_prefix: ") && report.contains("2. trailing_newline: "),
        "{report}"
    );
    assert!(report.contains("   Change: Send the token alone."), "{report}");
    assert!(!report.contains(CANARY), "{report}");
    place.jwe("doctor --json --key private.jwk -o json").stdin(&token).run().refused("token_wrong");
    let json: serde_json::Value = serde_json::from_slice(&place.read("json")).unwrap();
    assert_eq!(json["right"], false);
    assert_eq!(json["findings"][0]["code"], "bearer_prefix");
    assert!(json["findings"][1]["what"].as_str().unwrap().contains("line end"), "{json}");
}

#[test]
fn nothing_of_a_token_reaches_the_terminal_raw() {
    let place = Place::new();
    let header =
        serde_json::json!({ "alg": "\u{1b}[31m\u{202e}", "enc": "A256GCM", "kid": "\r\n" });
    let token = format!("{}.YQ.YQ.YQ.YQ", base64url::encode(header.to_string()));
    for json in ["", "--json"] {
        place.jwe(&format!("doctor {json} -o report")).stdin(&token).run().refused("token_wrong");
        let report = String::from_utf8(place.read("report")).unwrap();
        let raw = |character: char| {
            character.is_control() && character != '\n' || character == '\u{202e}'
        };
        assert!(!report.contains(raw), "{report:?}");
    }
}

#[test]
fn nothing_is_fetched_and_no_key_is_overwritten() {
    let place = Place::new();
    place.jwe("doctor --key https://api.example/publickey").run().misused("nothing is fetched");
    place.jwe("doctor --key - -").run().misused("standard input");
    let before = place.read("private.jwk");
    place
        .jwe("doctor --key private.jwk -o private.jwk")
        .stdin("x")
        .run()
        .misused("-o names a file");
    assert_eq!(place.read("private.jwk"), before);
    place.jwe("doctor --limit-input 10").stdin("12345678901").run().refused("input_too_long");
}
