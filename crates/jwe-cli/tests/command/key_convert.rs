//! `jwe key convert`.

use serde_json::{Value, json};

use crate::support::{PRIVATE_MEMBERS, Place, THUMBPRINT, private_jwk, public_jwk, with};

/// A place with a key on each curve, in files `P-256.jwk` and so on.
fn place() -> Place {
    let place = Place::new();
    for curve in ["P-256", "P-384", "P-521", "X25519"] {
        place.jwe(&format!("keygen --alg ECDH-ES --crv {curve} -o {curve}.jwk")).run().ok();
    }
    place
}

fn json_of(place: &Place, name: &str) -> Value {
    serde_json::from_slice(&place.read(name)).unwrap()
}

fn bare(jwk: &Value) -> Value {
    with(jwk.clone(), &json!({ "kid": null, "alg": null, "use": null, "key_ops": null }))
}

#[test]
fn private_keys_come_back_from_every_format() {
    let place = place();
    for (file, formats) in [
        ("private.jwk", &["pem", "der", "pkcs8", "pkcs8 --der", "pkcs1", "pkcs1 --der"][..]),
        ("P-256.jwk", &["pem", "der", "pkcs8", "sec1", "sec1 --der"][..]),
        ("P-384.jwk", &["pem", "der", "sec1"][..]),
        ("P-521.jwk", &["pem", "der", "sec1"][..]),
        ("X25519.jwk", &["pem", "der", "pkcs8 --der"][..]),
    ] {
        let jwk = json_of(&place, file);
        for format in formats {
            let convert = format!("key convert {file} --private --to {format} -o new");
            assert_eq!(place.jwe(&convert).run().ok(), b"", "{convert}");
            #[cfg(unix)]
            assert_eq!(place.mode("new"), 0o600, "{convert}");
            let back = place.jwe("key convert new --private --to jwk").run().ok_json();
            assert_eq!(back, bare(&jwk), "{convert}");
            std::fs::remove_file(place.path("new")).unwrap();
        }
    }
}

/// A private half beside somebody else's public half is no key: written without the latter, as PKCS #8
/// has X25519, it would be another one.
#[test]
fn halves_that_do_not_belong_together_are_refused() {
    let place = place();
    for curve in ["P-256", "X25519"] {
        let key = json_of(&place, &format!("{curve}.jwk"));
        place.jwe(&format!("keygen --alg ECDH-ES --crv {curve} -o other.jwk")).run().ok();
        let other = json_of(&place, "other.jwk");
        std::fs::remove_file(place.path("other.jwk")).unwrap();
        place.write_secret("mixed.jwk", with(key, &json!({ "d": other["d"] })).to_string());
        for command in [
            "key convert mixed.jwk --private --to pkcs8",
            "public mixed.jwk",
            "thumbprint mixed.jwk",
        ] {
            place.jwe(command).run().refused("key_rejected");
        }
    }
}

#[test]
fn without_private_nothing_private_is_written() {
    let place = place();
    for file in ["private.jwk", "pkcs8.pem", "P-256.jwk", "P-521.jwk", "X25519.jwk", "ec.pem"] {
        let secrets: Vec<String> = if file == "pkcs8.pem" || file == "ec.pem" {
            let jwk = place.jwe(&format!("key convert {file} --private --to jwk")).run().ok_json();
            vec![jwk["d"].as_str().unwrap().to_owned()]
        } else {
            vec![json_of(&place, file)["d"].as_str().unwrap().to_owned()]
        };
        for format in ["jwk", "pem", "der", "spki", "spki --der"] {
            let output = place.jwe(&format!("key convert {file} --to {format}")).run().ok();
            let text = String::from_utf8_lossy(&output).into_owned();
            assert!(!text.contains("PRIVATE"), "{file} {format}");
            place.write("public.out", &output);
            let jwk = place.jwe("key convert public.out --to jwk").run().ok_json();
            assert!(PRIVATE_MEMBERS.iter().all(|member| jwk.get(*member).is_none()));
            for secret in &secrets {
                let der = crate::support::base64url::decode(secret);
                assert!(!text.contains(secret.as_str()));
                assert!(!output.windows(der.len()).any(|window| window == der), "{file} {format}");
            }
            let private = place.jwe("key convert public.out --private --to jwk").run();
            private.refused("export_private_needed");
        }
    }
    for format in ["pkcs8", "sec1"] {
        let convert = place.jwe(&format!("key convert private.jwk --to {format}"));
        convert.run().misused("--private");
    }
    let pkcs1 = place.jwe("key convert private.jwk --to pkcs1").run().ok();
    assert_eq!(pkcs1, place.read("pkcs1-public.pem"));
}

#[test]
fn the_files_are_those_of_openssl() {
    let place = Place::new();
    for (options, file) in [
        ("--to spki", "spki.pem"),
        ("--to pem", "spki.pem"),
        ("--to spki --der", "spki.der"),
        ("--to der", "spki.der"),
        ("--to pkcs1", "pkcs1-public.pem"),
        ("--to pkcs1 --der", "pkcs1-public.der"),
        ("--to pkcs8 --private", "pkcs8.pem"),
        ("--to pem --private", "pkcs8.pem"),
        ("--to der --private", "pkcs8.der"),
        ("--to pkcs1 --private", "pkcs1.pem"),
        ("--to pkcs1 --der --private", "pkcs1.der"),
    ] {
        let output = place.jwe(&format!("key convert private.jwk {options}")).run().ok();
        assert_eq!(output, place.read(file), "{options}");
    }
}

#[test]
fn labels_are_for_jwk() {
    let place = Place::new();
    let jwk = place
        .jwe("key convert spki.pem --to jwk --alg RSA-OAEP-512 --kid-thumbprint")
        .run()
        .ok_json();
    assert_eq!(
        (&jwk["alg"], &jwk["use"], &jwk["kid"]),
        (&"RSA-OAEP-512".into(), &"enc".into(), &THUMBPRINT.into())
    );
    let same = place.jwe("key convert private.jwk --to jwk").run().ok_json();
    assert_eq!(same, public_jwk());
    let same = place.jwe("key convert private.jwk --to jwk --private").run().ok_json();
    assert_eq!(same, private_jwk());
    for label in ["--alg RSA-OAEP", "--kid a", "--kid-thumbprint", "--kid-spki"] {
        let convert = place.jwe(&format!("key convert spki.pem --to pem {label}"));
        convert.run().misused("--to jwk");
    }
    place.jwe("key convert spki.pem --to jwk --alg ECDH-ES").run().refused("key_alg_type");
    place.jwe("key convert spki.pem --to jwk --kid").arg("a\nb").run().refused("key_invalid_kid");
    // A key that names its alg needs none named.
    place
        .jwe("key convert pkcs8.pem --to jwk --private --alg RSA-OAEP-256 --kid k -o named.jwk")
        .run()
        .ok();
    let token = place.jwe("encrypt --key named.jwk").stdin("s3cret").run().ok();
    assert_eq!(place.jwe("decrypt --key named.jwk").stdin(token).run().ok(), b"s3cret");
}

#[test]
fn a_format_that_does_not_go_with_the_key() {
    let place = place();
    for (options, code) in [
        ("private.jwk --to sec1 --private", "export_key_type"),
        ("P-256.jwk --to pkcs1 --private", "export_key_type"),
        ("P-256.jwk --to pkcs1", "export_key_type"),
        ("X25519.jwk --to sec1 --private", "export_key_type"),
    ] {
        place.jwe(&format!("key convert {options}")).run().refused_saying(code, &[".jwk: "]);
    }
    for (options, part) in [
        ("--to spki --private", "--to pkcs8"),
        ("--to jwk --der", "--der"),
        ("--to pem --der", "--der"),
        ("--to jwk --private --out-passphrase-file p", "--out-passphrase-file"),
        ("--to sec1 --private --out-passphrase-file p", "--out-passphrase-file"),
        ("--to pkcs8 --out-passphrase-file p", "--private"),
    ] {
        place.jwe(&format!("key convert P-256.jwk {options}")).run().misused(part);
    }
    place.jwe("keygen --alg A256KW -o shared.jwk").run().ok();
    let shared = json_of(&place, "shared.jwk");
    place.jwe("key convert shared.jwk --to jwk").run().refused("key_no_public_half");
    let same = place.jwe("key convert shared.jwk --to jwk --private").run().ok_json();
    assert_eq!(same, shared);
    place
        .jwe("key convert shared.jwk --to pem --private")
        .run()
        .refused_saying("export_symmetric", &["--to jwk --private"]);
    let set = json!({ "keys": [private_jwk(), shared] }).to_string();
    place.write_secret("set.jwks", set);
    place.jwe("key convert set.jwks --to jwk").run().refused("key_ambiguous");
}

#[test]
fn passphrases_in_and_out() {
    let place = place();
    place.write_secret("phrase", "correct horse\n");
    place.write_secret("wrong", "wrong horse\n");
    for (file, formats) in [
        ("private.jwk", &["pkcs8"][..]),
        ("P-256.jwk", &["pkcs8", "pem", "der", "pkcs8 --der"]),
        ("X25519.jwk", &["pem"]),
    ] {
        let jwk = json_of(&place, file);
        for (at, format) in formats.iter().enumerate() {
            let new = format!("new-{at}");
            let convert =
                format!("key convert {file} --private --to {format} --out-passphrase-file phrase");
            place.jwe(&format!("{convert} -o {new}")).run().ok();
            let is_pem = place.read(&new).starts_with(b"-----BEGIN ENCRYPTED PRIVATE KEY-----");
            assert_eq!(is_pem, at < 2, "{format}");
            let back = |options: &str| {
                place.jwe(&format!("key convert {new} --to jwk --private {options}")).run()
            };
            if at == 0 {
                back("").refused_saying("key_encrypted", &[&new, "--passphrase-file"]);
                back("--passphrase-file wrong").refused("encrypted_key_decryption_failed");
            }
            assert_eq!(back("--passphrase-file phrase").ok_json(), bare(&jwk), "{format}");
            std::fs::remove_file(place.path(&new)).unwrap();
        }
    }
    // Whatever reads a key reads such a one.
    place
        .jwe("key convert private.jwk --private --to pem --out-passphrase-file phrase -o new.pem")
        .run()
        .ok();
    let token = place.token_of(b"s3cret");
    let key = "--key new.pem --passphrase-file phrase --alg RSA-OAEP-256 --kid throw-away-1";
    assert_eq!(place.jwe(&format!("decrypt {key}")).stdin(&token).run().ok(), b"s3cret");
    place.jwe(&format!("encrypt {key}")).stdin("s3cret").run().ok();
    let document = json!({ "a": token.trim_end() }).to_string();
    let fields = place.jwe(&format!("fields decrypt --field /a {key}")).stdin(document);
    assert_eq!(fields.run().ok_json(), json!({ "a": "s3cret" }));
    let public = place.jwe("public new.pem --passphrase-file phrase").run().ok_json();
    assert_eq!(public, bare(&public_jwk()));
    let thumbprint = place.jwe("thumbprint new.pem --passphrase-file -").stdin("correct horse");
    assert_eq!(thumbprint.run().ok_text().trim_end(), THUMBPRINT);
    place.jwe("public new.pem").run().refused("key_encrypted");

    place.write_secret("empty", "\n");
    place.jwe("public new.pem --passphrase-file empty").run().refused("password_empty");
    let empty = "key convert private.jwk --private --to pem --out-passphrase-file empty";
    place.jwe(empty).run().refused("password_empty");
    place
        .jwe("public private.jwk --passphrase-file phrase")
        .run()
        .warned(&["private.jwk: holds a private key that is not encrypted"]);
    place.jwe("public spki.pem --passphrase-file phrase").run().ok();
    for args in [
        "public - --passphrase-file -",
        "key convert - --private --to pem --out-passphrase-file -",
        "key convert new.pem --passphrase-file - --private --to pem --out-passphrase-file -",
    ] {
        place.jwe(args).stdin("x").run().misused("from standard input together");
    }
}

#[test]
fn a_private_key_replaces_no_file() {
    let place = Place::new();
    place.write("old", "old");
    let convert = place.jwe("key convert private.jwk --to pem --private -o old");
    convert.run().refused_saying("output_exists", &["old"]);
    assert_eq!(place.read("old"), b"old");
    place.jwe("key convert private.jwk --to pem -o old").run().ok();
    assert_eq!(place.read("old"), place.read("spki.pem"));
    let printed = place.jwe("key convert private.jwk --to pem --private -o -").run().ok();
    assert_eq!(printed, place.read("pkcs8.pem"));
    for options in ["--to pem -o private.jwk", "--to pem --private -o private.jwk"] {
        place.jwe(&format!("key convert private.jwk {options}")).run().misused("-o names");
    }
}
