//! `jwe inspect`.

use serde_json::{Value, json};

use crate::support::{Place, base64url};

fn token(header: &Value, lens: [usize; 4]) -> String {
    let parts = lens.map(|len| base64url::encode(vec![0; len]));
    format!("{}.{}", base64url::encode(header.to_string()), parts.join("."))
}

#[test]
fn shows_what_a_token_says() {
    let place = Place::new();
    let text = place.jwe("inspect").stdin(place.token_of(b"s3cret")).run().ok_text();
    for line in [
        "protected header\n",
        "  \"alg\": \"RSA-OAEP-256\"\n",
        "  \"enc\": \"A256GCM\"\n",
        "  \"kid\": \"throw-away-1\"\n",
        "encrypted key: 256 bytes, the content encryption key under an RSA key of 2048 bits or a few less\n",
        "iv: 12 bytes, initialization vector, as A256GCM has it\n",
        "ciphertext: 6 bytes, a plaintext of 6 bytes\n",
        "tag: 16 bytes, authentication tag, as A256GCM has it\n",
        "Nothing of this is authenticated",
    ] {
        assert!(text.contains(line), "{line:?} is not in {text}");
    }
    let cbc = place.jwe("encrypt --key public.jwk --enc A256CBC-HS512").stdin("s3cret").run().ok();
    let text = place.jwe("inspect").stdin(cbc).run().ok_text();
    assert!(
        text.contains("ciphertext: 16 bytes, a plaintext of 0 to 15 bytes, padded\n"),
        "{text}"
    );
}

#[test]
fn prints_json() {
    let place = Place::new();
    let token = place.token_of(b"s3cret");
    place.write("token", &token);
    let json = place.jwe("inspect --json token").run().ok_json();
    assert_eq!(
        json["header"],
        json!({ "alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": "throw-away-1" })
    );
    assert_eq!(
        (&json["serialization"], &json["characters"]),
        (&"compact".into(), &token.trim_end().len().into())
    );
    let bytes = ["encrypted_key", "iv", "ciphertext", "tag"]
        .map(|part| json[part]["bytes"].as_u64().unwrap());
    assert_eq!(bytes, [256, 12, 6, 16]);
}

#[test]
fn lengths_that_do_not_fit_are_told() {
    let place = Place::new();
    let inspect = |token: String| place.jwe("inspect").stdin(token).run().ok_text();
    let dir =
        json!({ "alg": "dir", "enc": "A128CBC-HS256", "crit": ["exp"], "zip": "DEF", "x": [1] });
    let text = inspect(token(&dir, [5, 12, 17, 0]));
    for line in [
        "\"crit\": [\"exp\"]",
        "\"zip\": \"DEF\"",
        "\"x\": [1]",
        "encrypted key: 5 bytes, something, but dir has nothing here",
        "iv: 12 bytes, initialization vector, but A128CBC-HS256 has 16 bytes",
        "ciphertext: 17 bytes, no whole blocks, so not of A128CBC-HS256",
        "tag: 0 bytes, authentication tag, but A128CBC-HS256 has 16 bytes",
    ] {
        assert!(text.contains(line), "{line:?} is not in {text}");
    }
    let unknown = inspect(token(&json!({ "alg": "X", "enc": "Y" }), [1, 2, 3, 4]));
    assert!(unknown.contains("ciphertext: 3 bytes, the ciphertext\n"), "{unknown}");
}

#[test]
fn nothing_of_a_token_reaches_the_terminal_raw() {
    let place = Place::new();
    let kid = "a\u{1b}]0;x\u{7}\r\n\u{202e}\u{85}\u{1f600}\\u0041";
    let header = json!({ "alg": "dir", "enc": "A256GCM", "kid": kid, "na\u{9b}me\u{200f}": kid });
    for options in ["inspect", "inspect --json"] {
        let output = place.jwe(options).stdin(token(&header, [0, 12, 1, 16])).run().ok();
        assert!(output.iter().all(|byte| matches!(byte, b'\n' | b' '..=b'~')), "{output:?}");
        assert!(String::from_utf8(output).unwrap().contains("\\u202e"));
    }
    let json = place.jwe("inspect --json").stdin(token(&header, [0, 12, 1, 16])).run().ok_json();
    assert_eq!(json["header"], header);
}

#[test]
fn what_is_no_token_is_refused() {
    let place = Place::new();
    let jws = format!("{}.e30.c2ln", base64url::encode(r#"{"alg":"HS256"}"#));
    place
        .jwe("inspect")
        .stdin(jws)
        .run()
        .refused_saying("segment_count", &["five parts", "signed JWT has three"]);
    for (text, code) in [
        ("", "segment_count"),
        ("no token", "segment_count"),
        ("{\"protected\":\"e30\"}", "message_member"),
        ("{", "message_not_json"),
        ("....", "header_not_json"),
        ("e30....", "header_missing_member"),
        ("e30=....", "base64url"),
        ("a.b.c.d.e", "base64url"),
    ] {
        place.jwe("inspect").stdin(text).run().refused(code);
    }
    let duplicate = base64url::encode(r#"{"alg":"dir","alg":"dir","enc":"A256GCM"}"#);
    place.jwe("inspect").stdin(format!("{duplicate}....")).run().refused("header_duplicate_member");
    place.jwe("inspect none").run().refused_saying("input", &["none", "No such file"]);
}

#[test]
fn large_tokens() {
    let place = Place::new();
    let header = json!({ "alg": "dir", "enc": "A256GCM" });
    let big = token(&header, [0, 12, 10_000_000, 16]);
    let text = place.jwe("inspect").stdin(&big).run().ok_text();
    assert!(text.contains("ciphertext: 10000000 bytes"), "{text}");
    place
        .jwe("inspect --limit-input 1000000")
        .stdin(&big)
        .run()
        .refused_saying("input_too_long", &["--limit-input"]);
    let bad = format!("{}!", big);
    place.jwe("inspect").stdin(bad).run().refused_saying("base64url", &["authentication tag"]);
}
