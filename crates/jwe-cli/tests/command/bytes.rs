//! `jwe encrypt` and `jwe decrypt`: bytes in, the same bytes out, or nothing.

use serde_json::Value;

use crate::support::{Place, backends, base64url};

/// Bytes without a pattern that compression or text would like.
fn bytes(len: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..len).map(next).collect()
}

#[test]
fn any_bytes_come_back() {
    let place = Place::new();
    for plaintext in
        [Vec::new(), vec![0], b"\r\n\0\xff\n".to_vec(), bytes(100 * 1024), bytes(5_000_000)]
    {
        let token = place.jwe("encrypt --key public.jwk").stdin(&plaintext).run().ok();
        assert_eq!(token.iter().filter(|byte| **byte == b'.').count(), 4);
        assert!(token.ends_with(b"\n") && !token[..token.len() - 1].contains(&b'\n'));
        let decrypted = place.jwe("decrypt --key private.jwk").stdin(&token).run().ok();
        assert!(decrypted == plaintext, "{} bytes", plaintext.len());
    }
}

#[test]
fn every_alg_and_enc_of_every_backend() {
    let place = Place::new();
    let table = place.jwe("backends --json").run().ok_json();
    let lists = |backend: &Value, algorithm: &str, direction: &str| {
        let mut lines = backend["capabilities"].as_array().unwrap().iter();
        lines.any(|line| line["algorithm"] == algorithm && line["direction"] == direction)
    };
    for backend in table["backends"].as_array().unwrap() {
        let name = backend["name"].as_str().unwrap();
        let encs =
            ["A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512", "A128GCM", "A192GCM", "A256GCM"];
        for alg in ["RSA-OAEP", "RSA-OAEP-256", "RSA-OAEP-384", "RSA-OAEP-512"] {
            for enc in encs.iter().filter(|enc| lists(backend, enc, "encrypt")) {
                let key = format!("--alg {alg} --kid k --enc {enc}");
                let encrypt = place.jwe(&format!("encrypt --key spki.pem --backend {name} {key}"));
                let token = encrypt.stdin("s3cret").run().ok();
                let decrypt = |backend: &str| {
                    place
                        .jwe(&format!("decrypt --key pkcs8.pem --backend {backend} {key}"))
                        .stdin(&token)
                        .run()
                };
                assert_eq!(decrypt("aws-lc-rs").ok(), b"s3cret");
                if lists(backend, alg, "decrypt") {
                    assert_eq!(decrypt(name).ok(), b"s3cret");
                } else {
                    decrypt(name)
                        .refused_saying("backend_gap", &[name, alg, "--backend", "jwe backends"]);
                }
            }
        }
    }
    place
        .jwe("encrypt --key public.jwk --backend ring --enc A192GCM")
        .run()
        .refused_saying("backend_gap", &["A192GCM"]);
    assert!(backends(&place).len() >= 2);
}

#[test]
fn a_token_may_have_one_line_end() {
    let place = Place::new();
    let token = place.token_of(b"s3cret");
    let bare = token.trim_end();
    for end in ["", "\n", "\r\n"] {
        place.write("token", format!("{bare}{end}"));
        assert_eq!(place.jwe("decrypt --key private.jwk token").run().ok(), b"s3cret");
    }
    for wrong in [
        format!("{bare}\n\n"),
        format!("{bare} "),
        format!(" {bare}"),
        format!("\u{feff}{bare}"),
        format!("{bare}="),
    ] {
        place.jwe("decrypt --key private.jwk").stdin(wrong).run().refused("base64url");
    }
    place
        .jwe("decrypt --key private.jwk")
        .stdin(b"\xff\xfe")
        .run()
        .refused_saying("base64url", &["not ASCII"]);
    place
        .jwe("decrypt --key private.jwk")
        .stdin("")
        .run()
        .refused_saying("segment_count", &["five parts"]);
}

#[test]
fn every_cryptographic_failure_looks_the_same() {
    let place = Place::new();
    let token = place.token_of(crate::support::CANARY.as_bytes());
    let parts: Vec<Vec<u8>> = token.trim_end().split('.').map(base64url::decode).collect();
    let join =
        |parts: &[Vec<u8>]| parts.iter().map(base64url::encode).collect::<Vec<_>>().join(".");
    let mut forged = Vec::new();
    for part in 1..5 {
        for at in [0, parts[part].len() / 2, parts[part].len() - 1] {
            for bit in [0, 7] {
                let mut changed = parts.clone();
                changed[part][at] ^= 1 << bit;
                forged.push((format!("bit {bit} of byte {at} of part {part}"), join(&changed)));
            }
        }
    }
    let mut changed = parts.clone();
    changed[0].pop();
    changed[0].extend_from_slice(b",\"x\":1}");
    forged.push(("another header".to_owned(), join(&changed)));
    for (part, what) in [(1, "encrypted key"), (4, "tag")] {
        let mut changed = parts.clone();
        changed[part].fill(0);
        forged.push((format!("{what} of zeros"), join(&changed)));
        changed[part].fill(255);
        forged.push((format!("{what} of ones"), join(&changed)));
    }
    let mut changed = parts.clone();
    changed[3].clear();
    forged.push(("no ciphertext".to_owned(), join(&changed)));
    let other = place
        .jwe("encrypt --key other.pem --alg RSA-OAEP-256 --kid throw-away-1")
        .stdin("s3cret")
        .run();
    forged.push(("wrong key".to_owned(), other.ok_text()));

    place.write("old", "old content");
    let names = place.names();
    for (what, token) in &forged {
        let ended = place.jwe("decrypt --key private.jwk").stdin(token).run();
        let text = (ended.code, ended.stderr.as_str(), ended.stdout.as_slice());
        assert_eq!(
            text,
            (
                Some(1),
                "error[decryption_failed]: the message could not be decrypted\n",
                b"".as_slice()
            ),
            "{what}"
        );
    }
    for (what, token) in forged.iter().step_by(5) {
        place
            .jwe("decrypt --key private.jwk -o new")
            .stdin(token)
            .run()
            .refused("decryption_failed");
        place
            .jwe("decrypt --key private.jwk -o old")
            .stdin(token)
            .run()
            .refused("decryption_failed");
        assert_eq!(place.names(), names, "{what}");
        assert_eq!(place.read("old"), b"old content", "{what}");
    }
}

#[test]
fn lengths_that_public_bytes_decide_are_named() {
    let place = Place::new();
    let token = place.token_of(b"s3cret");
    let parts: Vec<Vec<u8>> = token.trim_end().split('.').map(base64url::decode).collect();
    for (part, name) in
        [(1, "encrypted key"), (2, "initialization vector"), (4, "authentication tag")]
    {
        for change in [-1_isize, 1] {
            let mut changed = parts.clone();
            let len = changed[part].len().checked_add_signed(change).unwrap();
            changed[part].resize(len, 0);
            let token = changed.iter().map(base64url::encode).collect::<Vec<_>>().join(".");
            place
                .jwe("decrypt --key private.jwk")
                .stdin(token)
                .run()
                .refused_saying("part_length", &[name]);
        }
    }
}

#[test]
fn the_enc_must_be_one_that_is_accepted() {
    let place = Place::new();
    let token =
        place.jwe("encrypt --key public.jwk --enc A256CBC-HS512").stdin("s3cret").run().ok();
    let decrypt = |options: &str| {
        place.jwe(&format!("decrypt --key private.jwk {options}")).stdin(&token).run()
    };
    decrypt("").refused_saying("enc_not_accepted", &["--enc", "jwe inspect"]);
    assert_eq!(decrypt("--enc A256GCM,A256CBC-HS512").ok(), b"s3cret");
    assert_eq!(decrypt("--enc A256GCM --enc A256CBC-HS512").ok(), b"s3cret");
    place
        .jwe("decrypt --key private.pem --alg RSA-OAEP-512")
        .run()
        .refused_saying("input", &["private.pem", "No such file"]);
    let other_alg =
        place.jwe("decrypt --key pkcs8.pem --alg RSA-OAEP-512 --enc A256CBC-HS512 --ignore-kid");
    other_alg.stdin(&token).run().refused_saying("alg_not_accepted", &["jwe inspect"]);
}

#[test]
fn limits_are_settings() {
    let place = Place::new();
    place
        .jwe("encrypt --key public.jwk --limit-input 5")
        .stdin("s3cret")
        .run()
        .refused_saying("input_too_long", &["standard input", "5 bytes", "--limit-input"]);
    place.jwe("encrypt --key public.jwk --limit-input 6").stdin("s3cret").run().ok();
    let token = place.token_of(b"s3cret");
    let len = token.trim_end().len();
    let decrypt = |limits: &str| {
        place.jwe(&format!("decrypt --key private.jwk {limits}")).stdin(&token).run()
    };
    decrypt(&format!("--limit-token {}", len - 1))
        .refused_saying("token_too_long", &["--limit-token"]);
    assert_eq!(decrypt(&format!("--limit-token {len}")).ok(), b"s3cret");
    decrypt("--limit-header 20").refused_saying("header_too_long", &["--limit-header"]);
    decrypt("--limit-header 8193").misused("at most 8192");
}

#[test]
fn typ_and_cty_go_into_the_header() {
    let place = Place::new();
    let token = place
        .jwe("encrypt --key public.jwk --typ JWE --cty text/plain")
        .stdin("s3cret")
        .run()
        .ok_text();
    let header: Value =
        serde_json::from_slice(&base64url::decode(token.split('.').next().unwrap())).unwrap();
    assert_eq!(
        header,
        serde_json::json!({
            "alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": "throw-away-1", "typ": "JWE", "cty": "text/plain"
        })
    );
    assert_eq!(place.jwe("decrypt --key private.jwk").stdin(token).run().ok(), b"s3cret");
    let long = "x".repeat(9000);
    place.jwe("encrypt --key public.jwk --typ").arg(long).run().refused("setup_header_too_long");
}
