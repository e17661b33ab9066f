//! `jwe doctor`: names the cause when a token can't be opened. It works offline.

use jwe::Jwk;
use jwe_doctor::{Diagnosis, Examined, Expected, PlaintextForm, diagnose};
use serde_json::{Value, json};

use crate::cli::{Doctor, PlaintextArg};
use crate::failure::{Failure, escaped};
use crate::fetch;
use crate::input::{self, Limit};
use crate::keys;
use crate::output::{self, Secrecy};

pub(crate) fn run(args: &Doctor) -> Result<(), Failure> {
    let backend = keys::backend(args.backend.as_deref())?;
    let keys = read_keys(args)?;
    let files = &args.files;
    let input = input::read(files.input.as_deref(), Limit::of_input(files.limit_input))?;
    // One line end is how people store a token.
    let token = input.strip_suffix(b"\n").unwrap_or(&input);
    let token = token.strip_suffix(b"\r").unwrap_or(token);
    let expected = Expected::default()
        .with_alg(Some(args.alg))
        .with_enc(args.enc.iter().copied())
        .with_kid_required(!args.no_kid)
        .with_plaintext(match args.plaintext {
            PlaintextArg::Text => PlaintextForm::Text,
            PlaintextArg::Json => PlaintextForm::Json,
            PlaintextArg::Bytes => PlaintextForm::Bytes,
        })
        .with_max_token_len(files.limit_input);
    let diagnosis = diagnose(token, &keys, backend, &expected);
    let text = if args.json { as_json(&diagnosis) } else { as_text(&diagnosis) };
    output::write(files.output.as_deref(), text.as_bytes(), Secrecy::Public)?;
    match diagnosis.main() {
        None => Ok(()),
        Some(finding) => Err(Failure::new("token_wrong", finding.cause.code())),
    }
}

fn read_keys(args: &Doctor) -> Result<Vec<Jwk>, Failure> {
    let passphrase_file = args.passphrase.file.as_deref();
    let output = args.files.output.as_deref();
    if let Some(url) = args.keys.iter().find(|name| fetch::is_url(name)) {
        return Err(Failure::usage(format!(
            "{}: nothing is fetched here: save the key to a file and name that",
            fetch::shown(url)
        )));
    }
    let paths = || args.keys.iter().map(std::path::Path::new).chain(passphrase_file);
    let from_stdin = paths().map(Some).chain([args.files.input.as_deref()]);
    if from_stdin.filter(|path| input::is_stdin(*path)).count() > 1 {
        return Err(Failure::usage(
            "keys, passphrases and the token can't come from standard input together: name files",
        ));
    }
    for path in paths() {
        // A key is not replaced by what is said of a token.
        keys::check_key_files(&path.display().to_string(), [], output)?;
    }
    let passphrase = keys::passphrase(&args.passphrase)?;
    let mut all = Vec::new();
    for name in &args.keys {
        let set = keys::read(name, None, passphrase.as_ref())?;
        if set.keys().is_empty() {
            // Says why there is none.
            set.only().map_err(|error| Failure::from(error).about(name))?;
        }
        all.extend(set.keys().iter().cloned());
    }
    Ok(all)
}

fn as_json(diagnosis: &Diagnosis) -> String {
    let findings: Vec<Value> = diagnosis
        .findings
        .iter()
        .map(|finding| {
            json!({ "code": finding.cause.code(), "what": finding.what, "change": finding.change })
        })
        .collect();
    let report = json!({
        "right": diagnosis.is_right(),
        "examined": diagnosis.examined.code(),
        "findings": findings,
    });
    format!("{report:#}\n")
}

fn as_text(diagnosis: &Diagnosis) -> String {
    let mut text = String::new();
    for (finding, number) in diagnosis.findings.iter().zip(1..) {
        text += &format!(
            "{number}. {}: {}.\n   Change: {}.\n",
            finding.cause.code(),
            escaped(&finding.what),
            escaped(&finding.change)
        );
    }
    text += match (diagnosis.is_right(), diagnosis.examined) {
        (true, Examined::Content) => {
            "Nothing is wrong: it decrypts, and the plaintext is in form.\n"
        }
        (true, _) => {
            "Nothing wrong is to be seen from outside. Only the private key tells whether it decrypts.\n"
        }
        (false, Examined::Content) => "It was examined to the plaintext.\n",
        (false, Examined::EncryptedKey) => {
            "The encrypted key was opened; the content could not be.\n"
        }
        (false, Examined::Header) => {
            "The content was not opened: it takes the right private key and what is wrong above.\n"
        }
        (false, _) => "No more can be said of it before that is changed.\n",
    };
    text
}
