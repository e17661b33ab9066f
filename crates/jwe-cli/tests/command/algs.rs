//! Every `alg` through the command, and which one of several a key is bound to.

use serde_json::{Value, json};

use crate::support::{Place, base64url, private_jwk, with};

/// The algorithms beside RSA, with what `keygen` makes a key with.
const ALGS: &[(&str, &[&str])] = &[
    ("A128KW", &[""]),
    ("A192KW", &[""]),
    ("A256KW", &[""]),
    ("A128GCMKW", &[""]),
    ("A192GCMKW", &[""]),
    ("A256GCMKW", &[""]),
    ("ECDH-ES", CURVES),
    ("ECDH-ES+A128KW", CURVES),
    ("ECDH-ES+A192KW", CURVES),
    ("ECDH-ES+A256KW", CURVES),
];
const CURVES: &[&str] = &["P-256", "P-384", "P-521", "X25519"];

fn oct(len: usize) -> Value {
    json!({ "kty": "oct", "k": base64url::encode(vec![7; len]) })
}

#[test]
fn every_alg_and_curve_of_every_backend() {
    let place = Place::new();
    let table = place.jwe("backends --json").run().ok_json();
    let lists = |backend: &Value, alg: &str, curve: &str, direction: &str| {
        let curve = if curve.is_empty() { Value::Null } else { curve.into() };
        backend["capabilities"].as_array().unwrap().iter().any(|line| {
            line["algorithm"] == alg && line["curve"] == curve && line["direction"] == direction
        })
    };
    let mut encrypted = 0;
    for (alg, curves) in ALGS {
        for curve in *curves {
            let crv = if curve.is_empty() { String::new() } else { format!("--crv {curve}") };
            let jwk = place.jwe(&format!("keygen --alg {alg} {crv}")).run().ok_json();
            assert_eq!((&jwk["alg"], &jwk["use"]), (&(*alg).into(), &"enc".into()));
            place.write_secret("key.jwk", jwk.to_string());
            let sends = if curve.is_empty() { "key.jwk" } else { "public.key" };
            if !curve.is_empty() {
                place.jwe("public key.jwk -o public.key").run().ok();
            }
            for backend in table["backends"].as_array().unwrap() {
                let name = backend["name"].as_str().unwrap();
                let encrypt = place.jwe(&format!("encrypt --key {sends} --backend {name}"));
                let ended = encrypt.stdin("s3cret").run();
                if !lists(backend, alg, curve, "encrypt") {
                    ended.refused_saying("backend_gap", &[name, alg, curve, "--backend"]);
                    continue;
                }
                encrypted += 1;
                let token = ended.ok();
                assert_eq!(
                    place.jwe("decrypt --key key.jwk").stdin(&token).run().ok(),
                    b"s3cret",
                    "{alg} {curve} {name}"
                );
                let decrypt =
                    place.jwe(&format!("decrypt --key key.jwk --backend {name}")).stdin(&token);
                if lists(backend, alg, curve, "decrypt") {
                    assert_eq!(decrypt.run().ok(), b"s3cret", "{alg} {curve} {name}");
                } else {
                    decrypt.run().refused_saying("backend_gap", &[name, alg, curve]);
                }
            }
        }
    }
    assert!(encrypted >= 22 + 12 + 5, "{encrypted}");
}

#[test]
fn each_key_is_for_its_own_alg_or_the_only_one_that_goes_with_it() {
    let place = Place::new();
    let set = "--alg RSA-OAEP-256,A256KW,ECDH-ES+A128KW";
    place.write_secret("oct.jwk", oct(32).to_string());
    let alg_of = |token: &[u8]| {
        let header = String::from_utf8(token.to_vec()).unwrap();
        let header = base64url::decode(header.split('.').next().unwrap());
        serde_json::from_slice::<Value>(&header).unwrap()["alg"].take()
    };
    for (key, alg) in [
        ("spki.pem", "RSA-OAEP-256"),
        ("private.jwk", "RSA-OAEP-256"),
        ("oct.jwk", "A256KW"),
        ("ec.pem", "ECDH-ES+A128KW"),
    ] {
        let token = place.jwe(&format!("encrypt --key {key} --no-kid {set}")).stdin("s3cret").run();
        let token = token.ok();
        assert_eq!(alg_of(&token), alg, "{key}");
        let key = if key == "spki.pem" { "pkcs8.pem" } else { key };
        let decrypt =
            |set: &str| place.jwe(&format!("decrypt --key {key} {set}")).stdin(&token).run();
        assert_eq!(decrypt(set).ok(), b"s3cret", "{key}");
        assert_eq!(decrypt(&format!("--alg {alg}")).ok(), b"s3cret", "{key}");
    }
    // Its own must be allowed.
    for command in ["encrypt", "decrypt"] {
        let refused =
            place.jwe(&format!("{command} --key private.jwk --alg RSA-OAEP,A256KW")).run();
        refused.refused_saying("key_alg_conflict", &["private.jwk", "\"RSA-OAEP-256\"", "none"]);
    }
    // None of them is for such a key: of another type, of another length.
    place.write_secret("long.jwk", oct(33).to_string());
    for (key, set) in [("pkcs8.pem", "A256KW,ECDH-ES"), ("long.jwk", "A256KW,RSA-OAEP,A128GCMKW")] {
        for command in ["encrypt --no-kid", "decrypt"] {
            place
                .jwe(&format!("{command} --key {key} --alg {set}"))
                .run()
                .refused_saying("key_alg_type", &[key]);
        }
    }
}

#[test]
fn of_several_algs_the_token_picks_one_that_is_allowed() {
    let place = Place::new();
    place.write_secret("oct.jwk", oct(32).to_string());
    let wraps = "A256KW,A256GCMKW,dir,A128KW,RSA-OAEP";
    // Whoever encrypts chooses.
    place
        .jwe(&format!("encrypt --key oct.jwk --no-kid --alg {wraps}"))
        .run()
        .refused_saying("key_several_algs", &["oct.jwk", "A256KW, A256GCMKW, dir: name one"]);
    for alg in ["A256KW", "A256GCMKW", "dir"] {
        let token = place.jwe(&format!("encrypt --key oct.jwk --no-kid --alg {alg}"));
        let token = token.stdin("s3cret").run().ok();
        let decrypt = |options: &str| {
            place.jwe(&format!("decrypt --key oct.jwk {options}")).stdin(&token).run()
        };
        assert_eq!(decrypt(&format!("--alg {wraps}")).ok(), b"s3cret", "{alg}");
        assert_eq!(decrypt(&format!("--try-keys --alg {wraps}")).ok(), b"s3cret", "{alg}");
        assert_eq!(decrypt(&format!("--kid k --ignore-kid --alg {wraps}")).ok(), b"s3cret");
        // One key stays one, however many algorithms it may be for.
        let named = place.jwe(&format!("encrypt --key oct.jwk --kid theirs --alg {alg}"));
        let named = named.stdin("s3cret").run().ok();
        for try_keys in ["", "--try-keys"] {
            let options = format!("--kid ours --ignore-kid {try_keys} --alg {wraps}");
            let command = format!("decrypt --key oct.jwk {options}");
            assert_eq!(place.jwe(&command).stdin(&named).run().ok(), b"s3cret", "{options}");
        }
        // A token widens nothing.
        let others: Vec<&str> =
            wraps.split(',').filter(|other| *other != alg && !other.starts_with("RSA")).collect();
        decrypt(&format!("--alg {}", others.join(",")))
            .refused_saying("alg_not_accepted", &["--alg"]);
        decrypt("").refused("key_missing_alg");
    }
    let rsa = "RSA-OAEP,RSA-OAEP-256,RSA-OAEP-512";
    for alg in ["RSA-OAEP", "RSA-OAEP-256", "RSA-OAEP-512", "RSA-OAEP-384"] {
        let token = place.jwe(&format!("encrypt --key spki.pem --kid k --alg {alg}"));
        let token = token.stdin("s3cret").run().ok();
        let decrypt =
            place.jwe(&format!("decrypt --key pkcs8.pem --kid k --alg {rsa}")).stdin(&token).run();
        if alg == "RSA-OAEP-384" {
            decrypt.refused("alg_not_accepted");
        } else {
            assert_eq!(decrypt.ok(), b"s3cret", "{alg}");
        }
        // The name counts first.
        let decrypt = place.jwe(&format!("decrypt --key pkcs8.pem --kid other --alg {rsa}"));
        decrypt.stdin(&token).run().refused("unknown_kid");
    }
    // A declared alg is never another one, whatever the token says.
    let other = with(private_jwk(), &json!({ "alg": "RSA-OAEP" }));
    place.write_secret("other.jwk", other.to_string());
    let token = place.token_of(b"s3cret");
    let decrypt = place.jwe(&format!("decrypt --key other.jwk --alg {rsa}"));
    decrypt.stdin(&token).run().refused("alg_not_accepted");
    let decrypt = place.jwe(&format!("decrypt --key other.jwk --ignore-key-usage --alg {rsa}"));
    assert_eq!(decrypt.stdin(&token).run().ok(), b"s3cret");
    place.jwe("decrypt --key private.jwk --alg RSA-OAEP-256,RSA1_5").run().misused("RSA1_5");
}

#[test]
fn a_document_has_many_tokens_and_none_picks_the_alg() {
    let place = Place::new();
    place.write_secret("oct.jwk", oct(32).to_string());
    let encrypt = |alg: &str| {
        let encrypt = place.jwe(&format!("encrypt --key oct.jwk --no-kid --alg {alg}"));
        encrypt.stdin("s3cret").run().ok_text().trim_end().to_owned()
    };
    let document = json!({ "a": encrypt("A256KW"), "b": encrypt("A256GCMKW") }).to_string();
    let decrypt = |options: &str| {
        let command = format!("fields decrypt --key oct.jwk --field /a --field /b {options}");
        place.jwe(&command).stdin(&document).run()
    };
    decrypt("--alg A256KW,A256GCMKW").refused_saying("key_several_algs", &["--try-keys"]);
    assert_eq!(
        decrypt("--alg A256KW,A256GCMKW --try-keys").ok_json(),
        json!({ "a": "s3cret", "b": "s3cret" })
    );
    decrypt("--alg A256KW").refused_saying("alg_not_accepted", &["\"/b\""]);
}

#[test]
fn who_sends_and_who_receives() {
    let place = Place::new();
    place.jwe("keygen --alg ECDH-ES --crv X25519 -o ec.jwk").run().ok();
    let encrypt = place.jwe("encrypt --key ec.jwk --apu Alice --apv Bob").stdin("s3cret");
    let token = encrypt.run().ok();
    let header = place.jwe("inspect --json").stdin(&token).run().ok_json();
    let text = |name: &str| {
        String::from_utf8(base64url::decode(header["header"][name].as_str().unwrap())).unwrap()
    };
    assert_eq!((text("apu"), text("apv")), ("Alice".to_owned(), "Bob".to_owned()));
    assert_eq!(place.jwe("decrypt --key ec.jwk").stdin(&token).run().ok(), b"s3cret");
    let document = r#"{"a":"s3cret"}"#;
    let fields = place.jwe("fields encrypt --key ec.jwk --apu Alice --field /a").stdin(document);
    let fields = fields.run().ok();
    let decrypt = place.jwe("fields decrypt --key ec.jwk --field /a").stdin(fields);
    assert_eq!(decrypt.run().ok_text(), document);
    for option in ["--apu a", "--apv a", "--apu a --zip", "--p2c 1000"] {
        for command in ["encrypt", "fields encrypt --field /a"] {
            let jwe = place.jwe(&format!("{command} --key public.jwk {option}")).stdin(document);
            jwe.run().misused(if option.contains("ap") { "ECDH-ES" } else { "passwords" });
        }
    }
    place.jwe("encrypt --key ec.jwk --apu").arg("").run().refused("setup_key_parameter");
    let long = "x".repeat(1025);
    place.jwe("encrypt --key ec.jwk --apv").arg(long).run().refused("setup_key_parameter");
}
