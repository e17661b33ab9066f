//! `--password-file`: PBES2 (RFC 7518 §4.8).

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{CANARY, Place, base64url};

const ALGS: [&str; 3] = ["PBES2-HS256+A128KW", "PBES2-HS384+A192KW", "PBES2-HS512+A256KW"];

fn place() -> Place {
    let place = Place::new();
    place.write_secret("password", format!("{CANARY} pässword\nnot this\n"));
    place
}

#[test]
fn a_password_encrypts_and_by_permission_decrypts() {
    let place = place();
    for backend in ["aws-lc-rs", "ring"] {
        for alg in ALGS {
            let token = place
                .jwe(&format!(
                    "encrypt --password-file password --alg {alg} --p2c 1000 --backend {backend}"
                ))
                .stdin("s3cret")
                .run()
                .ok();
            let decrypt = |options: &str| {
                place
                    .jwe(&format!("decrypt --password-file password {options}"))
                    .stdin(&token)
                    .run()
            };
            decrypt("").refused_saying("pbes2_not_allowed", &["--allow-pbes2"]);
            assert_eq!(decrypt("--allow-pbes2").ok(), b"s3cret", "{alg}");
            assert_eq!(decrypt(&format!("--allow-pbes2=1000 --alg {alg}")).ok(), b"s3cret");
            decrypt("--allow-pbes2=999")
                .refused_saying("p2c_out_of_range", &["--allow-pbes2=MAX_P2C"]);
            let other = ALGS.iter().find(|other| **other != alg).unwrap();
            decrypt(&format!("--allow-pbes2 --alg {other}")).refused("alg_not_accepted");
        }
    }
}

#[test]
fn the_first_line_is_the_password() {
    let place = Place::new();
    place.write_secret("password", "secret words ");
    let token = place.jwe("encrypt --password-file password --p2c 1000").stdin("s3cret").run().ok();
    let decrypt = |content: &str| {
        place.write_secret("other", content);
        place.jwe("decrypt --password-file other --allow-pbes2").stdin(&token).run()
    };
    for same in ["secret words ", "secret words \n", "secret words \r\n", "secret words \nmore\n"] {
        assert_eq!(decrypt(same).ok(), b"s3cret", "{same:?}");
    }
    for other in ["secret words", " secret words ", "secret words \r\r\n"] {
        decrypt(other).refused("decryption_failed");
    }
    for empty in ["", "\n", "\r\n", "\nsecret words "] {
        decrypt(empty).refused_saying("password_empty", &["other: ", "first line"]);
        let encrypt = place.jwe("encrypt --password-file other").stdin("s3cret");
        encrypt.run().refused("password_empty");
    }
    place.write_secret("other", b"\xff\xfe");
    place.jwe("encrypt --password-file other").run().refused("password_not_utf8");
    place.write_secret("other", vec![b'x'; 70_000]);
    place.jwe("encrypt --password-file other").run().refused("password_too_long");
    place.jwe("encrypt --password-file none").run().refused_saying("input", &["none"]);
}

#[test]
fn the_default_is_the_strongest_with_many_iterations() {
    let place = place();
    let token = place.jwe("encrypt --password-file password").stdin("s3cret").run().ok();
    let header = place.jwe("inspect --json").stdin(&token).run().ok_json()["header"].take();
    assert_eq!(
        (&header["alg"], &header["p2c"], &header["kid"]),
        (&"PBES2-HS512+A256KW".into(), &600_000.into(), &json!(null))
    );
    let decrypt = place.jwe("decrypt --password-file password --allow-pbes2").stdin(&token);
    assert_eq!(decrypt.run().ok(), b"s3cret");
}

#[test]
fn a_password_from_standard_input() {
    let place = place();
    place.write("plain", "s3cret");
    let encrypt = place.jwe("encrypt --password-file - --p2c 1000 --kid shared plain -o token");
    encrypt.stdin("secret words\n").run().ok();
    let decrypt = place.jwe("decrypt --password-file - --allow-pbes2 --kid shared token");
    assert_eq!(decrypt.stdin("secret words").run().ok(), b"s3cret");
    for args in [
        "encrypt --password-file -",
        "encrypt --password-file /dev/stdin -",
        "encrypt --serialization general --password-file - --key - plain",
        "encrypt --serialization general --password-file - --aad-file - plain",
        "decrypt --password-file - --passphrase-file - token",
        "decrypt --password-file -",
    ] {
        place.jwe(args).stdin("x").run().misused("from standard input together");
    }
    place.jwe("encrypt --password-file password plain -o password").run().misused("-o names");
}

#[test]
fn settings_that_do_not_fit() {
    let place = place();
    for p2c in ["999", "0", "4294967295"] {
        place
            .jwe(&format!("encrypt --password-file password --p2c {p2c}"))
            .run()
            .refused_saying("setup_key_parameter", &["p2c"]);
    }
    place.jwe("encrypt --password-file password --p2c 4294967296").run().misused("--p2c");
    for command in ["encrypt", "decrypt --allow-pbes2"] {
        place
            .jwe(&format!("{command} --password-file password --alg A256KW,dir"))
            .run()
            .refused_saying("key_alg_type", &["PBES2-HS512+A256KW"]);
    }
    let both = ALGS.join(",");
    let several = place.jwe(&format!("encrypt --password-file password --alg {both}"));
    several.run().refused("key_several_algs");
    // The hash of a password is not for everybody to read.
    let named = place.jwe("encrypt --password-file password --p2c 1000 --kid-thumbprint");
    named.run().refused("key_invalid_kid");
    place.jwe("keygen --alg PBES2-HS256+A128KW").run().misused("--password-file");
}

#[cfg(unix)]
#[test]
fn a_password_that_others_can_read_is_warned_about() {
    let place = place();
    place.set_mode("password", 0o644);
    let encrypt = place.jwe("encrypt --password-file password --p2c 1000").stdin("s3cret").run();
    encrypt.warned(&["password: holds a password, and its mode 0644"]);
}

#[test]
fn fields_with_a_password() {
    let place = place();
    let document = r#"{"a":"s3cret","b":"other"}"#;
    let fields = "--password-file password --field /a --field /b";
    let encrypted =
        place.jwe(&format!("fields encrypt {fields} --p2c 1000 --alg PBES2-HS256+A128KW"));
    let encrypted = encrypted.stdin(document).run().ok();
    let decrypt = |options: &str| {
        place.jwe(&format!("fields decrypt {fields} {options}")).stdin(&encrypted).run()
    };
    let alg = "--alg PBES2-HS256+A128KW";
    assert_eq!(decrypt(&format!("{alg} --allow-pbes2=1000")).ok_text(), document);
    decrypt(alg).refused_saying("pbes2_not_allowed", &["\"/a\"", "--allow-pbes2"]);
    assert_eq!(decrypt("--allow-pbes2 --try-keys").ok_text(), document);
    decrypt("--allow-pbes2").refused("key_several_algs");
}

#[test]
fn counts_that_would_keep_the_machine_busy() {
    let place = place();
    let token = |p2c: &str, p2s: &str| {
        let header =
            format!(r#"{{"alg":"PBES2-HS512+A256KW","enc":"A256GCM","p2s":"{p2s}","p2c":{p2c}}}"#);
        let part = |len: usize| base64url::encode(vec![0; len]);
        format!("{}.{}.{}.{}.{}", base64url::encode(header), part(40), part(12), part(6), part(16))
    };
    let salt = base64url::encode([7; 16]);
    for (p2c, code) in [
        ("0", "p2c_out_of_range"),
        ("1", "p2c_out_of_range"),
        ("999", "p2c_out_of_range"),
        ("1000001", "p2c_out_of_range"),
        ("2147483647", "p2c_out_of_range"),
        ("4294967296", "p2c_out_of_range"),
        ("9223372036854775808", "p2c_out_of_range"),
        ("-1", "header_member_type"),
        ("1e9", "header_member_type"),
        ("1000.5", "header_member_type"),
        ("\"1000\"", "header_member_type"),
        ("null", "header_member_type"),
        ("99999999999999999999999", "header_member_type"),
    ] {
        for (options, code) in [
            ("--allow-pbes2", code),
            ("", if code == "p2c_out_of_range" { "pbes2_not_allowed" } else { code }),
        ] {
            let started = Instant::now();
            let decrypt = place.jwe(&format!("decrypt --password-file password {options}"));
            let decrypt = decrypt.stdin(token(p2c, &salt)).within(Duration::from_secs(5));
            decrypt.run().refused(code);
            assert!(started.elapsed() < Duration::from_secs(1), "{p2c}: {:?}", started.elapsed());
        }
    }
    let short = base64url::encode([7; 7]);
    let decrypt = place.jwe("decrypt --password-file password --allow-pbes2");
    decrypt.stdin(token("1000", &short)).run().refused("header_key_parameter");
    let decrypt = place.jwe("decrypt --password-file password --allow-pbes2");
    decrypt.stdin(token("1000", &salt)).run().refused("decryption_failed");
}
