//! Runs the examples as a user does: as programs with a pipe between them.

#![cfg(feature = "aws-lc-rs")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what is not as expected")]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use jwe::{Compact, Inspection, Limits, Serialization};
use serde_json::{Value, json};

/// What to do where a program is not there or does not do what its source says.
const BUILD: &str = "The examples may be missing or stale, as `--test examples` alone does not \
                     build them: run `cargo test -p jwe`, or `cargo build -p jwe --examples` first.";

/// `cargo test -p jwe` builds the examples before the tests run, in a folder beside theirs.
fn example(name: &str) -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let path = tests.parent().unwrap().parent().unwrap().join("examples").join(name);
    path.with_extension(std::env::consts::EXE_EXTENSION)
}

fn run(name: &str, input: &Value) -> Result<Value, String> {
    let program = example(name);
    let mut child = Command::new(&program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}\n{BUILD}", program.display()));
    child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    if output.status.success() {
        Ok(serde_json::from_slice(&output.stdout).unwrap())
    } else {
        Err(String::from_utf8(output.stderr).unwrap())
    }
}

fn encrypted(client: &str, values: &Value) -> Value {
    run(client, values).unwrap_or_else(|error| panic!("{client}: {error}\n{BUILD}"))
}

#[test]
fn what_the_clients_encrypt_the_api_decrypts() {
    let values = json!({"username": "john", "password": "s3cret – ünïcode 🔑", "pin": ""});
    for (client, enc) in [("encrypt_values", "A256GCM"), ("encrypt_values_cbc", "A256CBC-HS512")] {
        let encrypted = encrypted(client, &values);
        for (name, token) in encrypted.as_object().unwrap() {
            let message = Compact.parse(token.as_str().unwrap(), &Limits::default()).unwrap();
            let header =
                Inspection::of(&message, &Limits::default()).unwrap().recipients[0].header.clone();
            assert_eq!(
                (header.alg(), header.enc(), header.kid()),
                ("RSA-OAEP-256", enc, Some("demo-2026-11")),
                "{client} {name}"
            );
        }
        let decrypted = run("decrypt_values", &encrypted);
        assert_eq!(decrypted.as_ref(), Ok(&values), "{client}\n{BUILD}");
    }
}

#[test]
fn the_api_refuses_a_changed_token_without_a_reason() {
    let mut encrypted = encrypted("encrypt_values", &json!({"pin": "1234"}));
    let token = encrypted["pin"].as_str().unwrap().to_owned();
    let at = token.rfind('.').unwrap() + 1;
    let other = if token[at..].starts_with('A') { "B" } else { "A" };
    encrypted["pin"] = format!("{}{other}{}", &token[..at], &token[at + 1..]).into();
    let error = run("decrypt_values", &encrypted).unwrap_err();
    assert!(error.contains("pin: the message could not be decrypted"), "{error}");
}
