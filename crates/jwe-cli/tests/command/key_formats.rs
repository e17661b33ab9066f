//! The formats of `--key`, good and bad.

use serde_json::json;

use crate::support::{CANARY, Place, base64url, private_jwk, public_jwk, with};

const LABELS: &str = "--alg RSA-OAEP-256 --kid throw-away-1";

#[test]
fn every_format_is_the_same_key() {
    let place = Place::new();
    place.write("set.jwks", json!({ "keys": [public_jwk()] }).to_string());
    place.write("bom-free.jwk", format!("\r\n\t {}\n\n", public_jwk()));
    let public = [
        "spki.pem",
        "pkcs1-public.pem",
        "spki.der",
        "pkcs1-public.der",
        "set.jwks",
        "bom-free.jwk",
    ];
    let private = ["pkcs8.pem", "pkcs1.pem", "pkcs8.der", "pkcs1.der", "private.jwk"];
    for file in public.iter().chain(&private) {
        let token = place.jwe(&format!("encrypt --key {file} {LABELS}")).stdin(*file).run().ok();
        assert_eq!(place.jwe("decrypt --key private.jwk").stdin(token).run().ok(), file.as_bytes());
    }
    let token = place.token_of(b"s3cret");
    for file in private {
        assert_eq!(
            place.jwe(&format!("decrypt --key {file} {LABELS}")).stdin(&token).run().ok(),
            b"s3cret"
        );
    }
    for file in public {
        place
            .jwe(&format!("decrypt --key {file} {LABELS}"))
            .stdin(&token)
            .run()
            .refused_saying("key_private_needed", &[file, "--key"]);
    }
}

#[test]
fn a_key_from_standard_input() {
    let place = Place::new();
    place.write("plain", "s3cret");
    let token = place.jwe("encrypt --key - plain").stdin(public_jwk().to_string()).run().ok();
    assert_eq!(place.jwe("decrypt --key private.jwk").stdin(token).run().ok(), b"s3cret");
    for command in ["encrypt", "decrypt", "fields encrypt --field /a", "fields decrypt --field /a"]
    {
        for input in ["", " -"] {
            let both =
                place.jwe(&format!("{command} --key -{input}")).stdin(private_jwk().to_string());
            both.run().misused("from standard input together");
        }
    }
}

#[test]
fn text_around_pem_and_other_blocks() {
    let place = Place::new();
    let pem = String::from_utf8(place.read("spki.pem")).unwrap();
    place.write("crlf.pem", pem.replace('\n', "\r\n"));
    place.jwe(&format!("encrypt --key crlf.pem {LABELS}")).run().ok();
    place
        .jwe(&format!("decrypt --key encrypted.pem {LABELS}"))
        .run()
        .refused_saying("key_encrypted", &["encrypted.pem", "passphrase", "--passphrase-file"]);
    place
        .jwe(&format!("encrypt --key ec.pem {LABELS}"))
        .run()
        .refused_saying("key_alg_type", &["ec.pem", "\"EC\""]);
    place
        .jwe(&format!("encrypt --key short.pem {LABELS}"))
        .run()
        .refused_saying("key_weak", &["short.pem", "2048"]);
}

#[test]
fn what_is_no_key_is_refused() {
    let place = Place::new();
    let pem = |label: &str, body: &str| {
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
    };
    let half = private_jwk().to_string();
    let half = &half[..half.len() / 2];
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("key_empty", b"".to_vec()),
        ("key_empty", b" \n".to_vec()),
        ("key_unknown_format", b"c4n4rY".to_vec()),
        ("key_unknown_format", b"\xff\xfe\0c4n4rY".to_vec()),
        ("key_unknown_format", format!("\u{feff}{}", private_jwk()).into_bytes()),
        ("key_not_pem", pem(CANARY, "AAAA").into_bytes()),
        ("key_not_pem", pem("PRIVATE KEY", "c4n4rY!").into_bytes()),
        ("key_not_pem", b"-----BEGIN PRIVATE KEY-----\nc4n4rY".to_vec()),
        ("key_not_der", pem("PRIVATE KEY", "AAAA").into_bytes()),
        (
            "key_not_der",
            pem("CERTIFICATE", "AAAA").replace("CERTIFICATE", "PUBLIC KEY").into_bytes(),
        ),
        ("key_not_der", b"0\x82c4n4rY".to_vec()),
        ("key_not_der", place.read("pkcs8.der")[..600].to_vec()),
        ("key_not_der", [place.read("spki.der"), vec![0]].concat()),
        ("key_not_json", b"{c4n4rY}".to_vec()),
        ("key_not_json", half.as_bytes().to_vec()),
        ("key_not_json", format!("{}{}", private_jwk(), private_jwk()).into_bytes()),
        ("key_not_json", b"{\"kty\":\"\xff\"}".to_vec()),
        ("key_missing_member", b"{}".to_vec()),
        (
            "key_missing_member",
            json!({ "kty": "RSA", "n": private_jwk()["n"] }).to_string().into_bytes(),
        ),
        ("key_unsupported", br#"{"kty":"c4n4rY"}"#.to_vec()),
        ("key_invalid_member", br#"{"kty":"oct","k":"c4n4rY!"}"#.to_vec()),
        ("key_invalid_member", br#"{"kty":"oct","k":["c4n4rY"]}"#.to_vec()),
        ("key_invalid_member", br#"{"kty":"oct","k":"AAAA","k":"AAAA"}"#.to_vec()),
        ("key_invalid_member", br#"{"kty":["oct"],"k":"AAAA"}"#.to_vec()),
        ("key_weak", br#"{"kty":"oct","k":""}"#.to_vec()),
        ("key_invalid_kid", br#"{"kty":"oct","k":"AAAA","kid":""}"#.to_vec()),
        ("key_invalid_kid", br#"{"kty":"oct","k":"AAAA","kid":"a\nc4n4rY"}"#.to_vec()),
        (
            "key_missing_member",
            with(private_jwk(), &json!({ "qi": null })).to_string().into_bytes(),
        ),
        ("key_invalid_member", with(private_jwk(), &json!({ "d": null })).to_string().into_bytes()),
        (
            "key_invalid_member",
            with(private_jwk(), &json!({ "d": "c4n4rY!" })).to_string().into_bytes(),
        ),
        ("key_invalid_member", br#"{"keys":{}}"#.to_vec()),
        ("key_unsupported", br#"{"keys":[{"kty":"EC","crv":"c4n4rY","d":"c4n4rY"}]}"#.to_vec()),
        ("key_empty", br#"{"keys":[]}"#.to_vec()),
        (
            "key_too_large",
            with(public_jwk(), &json!({ "x5c": "x".repeat(70_000) })).to_string().into_bytes(),
        ),
        ("key_too_large", vec![b'x'; 1024 * 1024 + 1]),
        ("key_unknown_format", vec![b'x'; 1024 * 1024]),
        ("key_unknown_format", vec![0; 1024 * 1024]),
        ("key_not_json", vec![b'{'; 64 * 1024]),
        ("key_too_large", vec![b'0'; 1024 * 1024]),
    ];
    for (at, (code, content)) in cases.into_iter().enumerate() {
        place.write_secret("bad", content);
        for command in ["encrypt --no-kid", "decrypt"] {
            let text =
                place.jwe(&format!("{command} --key bad")).stdin("s3cret").run().refused(code);
            assert!(text.contains("bad: ") && text.len() < 500, "case {at}: {text}");
        }
    }
    // The limit of a key file is not the one of the input.
    place.write("bad", vec![b'x'; 1024 * 1024 + 1]);
    let text = place.jwe("public bad").run().refused("key_too_large");
    assert!(!text.contains("--limit-input"), "{text}");
}

#[test]
fn the_place_in_a_key_that_is_not_json() {
    let place = Place::new();
    place.write("bad.jwk", "{\n \"kty\": \"RSA\",\n  nonsense }");
    place
        .jwe("public bad.jwk")
        .run()
        .refused_saying("key_not_json", &["bad.jwk", "line 3, column 3"]);
}

#[test]
fn numbers_that_do_not_belong_together_are_refused() {
    let place = Place::new();
    let wrong =
        with(private_jwk(), &json!({ "dq": private_jwk()["dp"], "dp": private_jwk()["dq"] }));
    place.write_secret("wrong.jwk", wrong.to_string());
    let token = place.token_of(b"s3cret");
    place
        .jwe("decrypt --key wrong.jwk")
        .stdin(token)
        .run()
        .refused_saying("key_rejected", &["wrong.jwk", "do not belong together"]);
}

#[test]
fn what_can_t_be_read_is_refused() {
    let place = Place::new();
    place
        .jwe("encrypt --key none.jwk")
        .run()
        .refused_saying("input", &["none.jwk", "No such file"]);
    std::fs::create_dir(place.path("folder")).unwrap();
    place.jwe("encrypt --key folder").run().refused_saying("input", &["folder", "directory"]);
    place
        .jwe("encrypt --key public.jwk none.txt")
        .run()
        .refused_saying("input", &["none.txt", "No such file"]);
    place.jwe("encrypt --key ftp://127.0.0.1/key").run().refused_saying("input", &["No such file"]);
    place.jwe("encrypt --key").arg("").run().refused("input");
}

#[test]
fn a_set_may_hold_keys_for_others() {
    let place = Place::new();
    let ec =
        json!({ "kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA", "d": CANARY, "kid": "ec" });
    place.write_secret("set.jwks", json!({ "keys": [ec, private_jwk()] }).to_string());
    let warning = ["set.jwks: a key of the set is left out: the key can't be used here"];
    let token = place.jwe("encrypt --key set.jwks").stdin("s3cret").run().warned(&warning);
    assert_eq!(place.jwe("decrypt --key set.jwks").stdin(&token).run().warned(&warning), b"s3cret");
    place.jwe("encrypt --key set.jwks --kid ec").run().refused("key_no_such_kid");

    // Of several keys one must be named for encryption; for decryption the token names it.
    let signs = with(private_jwk(), &json!({ "kid": "signs", "use": "sig", "alg": "RS256" }));
    let shared =
        json!({ "kty": "oct", "k": base64url::encode([7; 32]), "alg": "dir", "kid": "shared" });
    let keys = json!({ "keys": [signs, private_jwk(), shared] });
    place.write_secret("set.jwks", keys.to_string());
    place
        .jwe("encrypt --key set.jwks")
        .run()
        .refused_saying("key_ambiguous", &["set.jwks", "--kid"]);
    for kid in ["throw-away-1", "shared"] {
        let token =
            place.jwe(&format!("encrypt --key set.jwks --kid {kid}")).stdin("s3cret").run().ok();
        let warning = ["set.jwks: a key of the set is left out: the key is not meant for this"];
        assert_eq!(
            place.jwe("decrypt --key set.jwks").stdin(&token).run().warned(&warning),
            b"s3cret"
        );
        assert_eq!(
            place.jwe(&format!("decrypt --key set.jwks --kid {kid}")).stdin(&token).run().ok(),
            b"s3cret"
        );
    }
    place.jwe("encrypt --key set.jwks --kid signs").run().refused("key_usage");
    place
        .jwe("encrypt --key set.jwks --kid none")
        .run()
        .refused_saying("key_no_such_kid", &["--kid", "id of a key that is there"]);
    let twins = json!({ "keys": [private_jwk(), private_jwk()] });
    place.write_secret("twins.jwks", twins.to_string());
    place.jwe("encrypt --key twins.jwks --kid throw-away-1").run().refused("key_ambiguous");
    place.jwe("decrypt --key twins.jwks").run().refused("setup_ambiguous_kid");
}

#[cfg(unix)]
#[test]
fn a_secret_key_that_others_can_read_is_warned_about() {
    let place = Place::new();
    let token = place.token_of(b"s3cret");
    place.jwe("keygen --alg dir -o shared.jwk").run().ok();
    for mode in [0o644, 0o640, 0o620, 0o601] {
        for file in ["private.jwk", "pkcs8.pem", "pkcs1.der", "shared.jwk"] {
            place.set_mode(file, mode);
        }
        let mode = format!("{mode:04o}");
        let warning = |file: &str| format!("{file}: holds a secret key, and its mode {mode}");
        let decrypt =
            |file: &str| place.jwe(&format!("decrypt --key {file} {LABELS}")).stdin(&token).run();
        for file in ["private.jwk", "pkcs8.pem", "pkcs1.der"] {
            assert_eq!(decrypt(file).warned(&[&warning(file)]), b"s3cret");
        }
        place.jwe("encrypt --key shared.jwk").run().warned(&[&warning("shared.jwk")]);
        place.jwe("public private.jwk").run().warned(&[&warning("private.jwk")]);
    }
    for mode in [0o600, 0o400, 0o700] {
        place.set_mode("private.jwk", mode);
        assert_eq!(place.jwe("decrypt --key private.jwk").stdin(&token).run().ok(), b"s3cret");
    }
    for file in ["public.jwk", "spki.pem", "spki.der"] {
        place.set_mode(file, 0o666);
        place.jwe(&format!("encrypt --key {file} {LABELS}")).run().ok();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_key_through_a_pipe() {
    let place = Place::new();
    let encrypt =
        place.jwe("encrypt --key /dev/fd/3").after("exec 3<<END\n$(cat public.jwk)\nEND\ntrue");
    let token = encrypt.stdin("s3cret").run().ok();
    assert_eq!(place.jwe("decrypt --key private.jwk").stdin(token).run().ok(), b"s3cret");
}
