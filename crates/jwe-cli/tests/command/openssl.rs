//! Keys that the `openssl` command makes and reads.

use std::process::{Command, Output};

use crate::support::{Place, has, skipped};

/// Runs `openssl` in the place, with arguments that have spaces between them.
fn openssl(place: &Place, args: &str) -> Output {
    let mut command = Command::new("openssl");
    command.args(args.split_ascii_whitespace()).current_dir(place.path("")).output().unwrap()
}

#[track_caller]
fn made(place: &Place, args: &str) {
    let output = openssl(place, args);
    assert!(output.status.success(), "{args}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Whether there is an `openssl` of version 3.
fn is_there() -> bool {
    if !has("openssl") {
        skipped("openssl is not there");
        return false;
    }
    let version = Command::new("openssl").arg("version").output().unwrap().stdout;
    let is_3 = version.starts_with(b"OpenSSL 3.");
    if !is_3 {
        skipped(&format!("this is no OpenSSL 3: {}", String::from_utf8_lossy(&version).trim()));
    }
    is_3
}

const KINDS: &[(&str, &str)] = &[
    ("RSA -pkeyopt rsa_keygen_bits:2048", "RSA-OAEP-256"),
    ("EC -pkeyopt ec_paramgen_curve:P-256", "ECDH-ES+A256KW"),
    ("EC -pkeyopt ec_paramgen_curve:P-384", "ECDH-ES+A256KW"),
    ("EC -pkeyopt ec_paramgen_curve:P-521", "ECDH-ES"),
    ("X25519", "ECDH-ES"),
];

#[test]
fn what_openssl_makes_is_read() {
    if !is_there() {
        return;
    }
    let place = Place::new();
    place.write_secret("phrase", "correct horse\n");
    for (kind, alg) in KINDS {
        made(&place, &format!("genpkey -algorithm {kind} -out key.pem"));
        made(&place, "pkey -in key.pem -pubout -out public.pem");
        made(&place, "pkey -in key.pem -outform DER -out key.der");
        made(&place, "pkey -in key.pem -pubout -outform DER -out public.der");
        made(&place, "pkey -in key.pem -aes-256-cbc -passout file:phrase -out encrypted.key");
        made(
            &place,
            "pkcs8 -topk8 -in key.pem -scrypt -outform DER -passout file:phrase -out encrypted.der",
        );
        for file in ["key.pem", "key.der", "encrypted.key", "encrypted.der"] {
            place.set_mode(file, 0o600);
        }
        let named = format!("--alg {alg} --kid-thumbprint");
        for public in ["public.pem", "public.der"] {
            let encrypt = place.jwe(&format!("encrypt --key {public} {named}"));
            let token = encrypt.stdin("s3cret").run().ok();
            for private in ["key.pem", "key.der"] {
                let decrypt = place.jwe(&format!("decrypt --key {private} {named}"));
                assert_eq!(decrypt.stdin(&token).run().ok(), b"s3cret", "{kind} {private}");
            }
            for private in ["encrypted.key", "encrypted.der"] {
                let decrypt = format!("decrypt --key {private} --passphrase-file phrase {named}");
                assert_eq!(place.jwe(&decrypt).stdin(&token).run().ok(), b"s3cret", "{kind}");
            }
        }
    }
}

#[test]
fn what_is_written_is_read_by_openssl() {
    if !is_there() {
        return;
    }
    let place = Place::new();
    place.write_secret("phrase", "correct horse\n");
    for (at, (kind, _)) in KINDS.iter().enumerate() {
        made(&place, &format!("genpkey -algorithm {kind} -out key.pem"));
        place.set_mode("key.pem", 0o600);
        let text = |file: &str, more: &str| {
            let output = openssl(&place, &format!("pkey -in {file} -noout -text {more}"));
            assert!(output.status.success(), "{kind} {file} {more}");
            output.stdout
        };
        let private = text("key.pem", "");
        assert!(!private.is_empty());
        let mut formats = vec!["pkcs8", "pem", "der"];
        formats.extend(match at {
            0 => Some("pkcs1"),
            4 => None,
            _ => Some("sec1"),
        });
        for format in formats {
            let new = format!("{at}-{format}");
            let convert = format!("key convert key.pem --private --to {format} -o {new}");
            place.jwe(&convert).run().ok();
            let form = if format == "der" { "-inform DER" } else { "" };
            assert_eq!(text(&new, form), private, "{kind} {format}");
        }
        place.jwe(&format!("key convert key.pem --to spki -o {at}-spki")).run().ok();
        let read = openssl(&place, &format!("pkey -pubin -in {at}-spki -pubout"));
        assert!(read.status.success(), "{kind}");
        assert_eq!(read.stdout, openssl(&place, "pkey -in key.pem -pubout").stdout, "{kind}");
        let encrypt = "key convert key.pem --private --to pkcs8 --out-passphrase-file phrase";
        place.jwe(&format!("{encrypt} -o {at}-encrypted")).run().ok();
        let new = format!("{at}-encrypted");
        assert_eq!(text(&new, "-passin file:phrase"), private, "{kind} encrypted");
    }
}
