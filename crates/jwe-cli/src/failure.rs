//! How the command ends when it does not do what was asked.

use std::fmt;
use std::process::ExitCode;

use jwe::{
    DecryptError, EncryptError, ExportError, GenerateError, ImportError, Malformed, SetupError,
};
use jwe_core::shown;
use jwe_encrypted_key::EncryptedKeyError;
use jwe_fields::records::StreamError;
use jwe_fields::{FieldError, SettingsError};
use jwe_http::KeyDirectoryError;

/// What is printed on standard error, and the exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    code: &'static str,
    text: String,
    exit_code: u8,
    hint: Option<&'static str>,
}

impl Failure {
    /// Refused or failed: exit code 1.
    pub(crate) fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, text: text.into(), exit_code: 1, hint: hint(code) }
    }

    /// Called wrongly: exit code 2.
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self { exit_code: 2, ..Self::new("usage", text) }
    }

    /// The same with more behind it.
    pub(crate) fn and(mut self, text: &str) -> Self {
        self.text = format!("{}; {text}", self.text);
        self
    }

    /// The stable name for programs.
    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    /// The same with another exit code.
    pub(crate) fn with_exit_code(self, exit_code: u8) -> Self {
        Self { exit_code, ..self }
    }

    /// The same with another hint than that for the code.
    pub(crate) fn with_hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// The same about a named thing, such as a file.
    pub(crate) fn about(mut self, subject: &str) -> Self {
        self.text = format!("{subject}: {}", self.text);
        self
    }

    /// What is wrong, without the code and the hint.
    pub(crate) fn reason(&self) -> &str {
        &self.text
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.exit_code)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error[{}]: {}", self.code, escaped(&self.text))?;
        match self.hint {
            Some(hint) => write!(f, "\n  try: {hint}"),
            None => Ok(()),
        }
    }
}

/// The text with every character escaped that could deceive a reader: names of files and URLs are
/// in it as they were given.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if shown::deceives(character) {
            safe.extend(character.escape_unicode());
        } else {
            safe.push(character);
        }
    }
    safe
}

/// What to change on the command line, for errors that a flag can answer.
fn hint(code: &str) -> Option<&'static str> {
    Some(match code {
        "usage" => "--help behind the command",
        "key_missing_alg" => "--alg RSA-OAEP-256, or whichever algorithm the key is for",
        "key_missing_kid" => "--kid ID, --kid-thumbprint, --kid-spki, or --no-kid",
        "key_several_algs" => {
            "--alg with one of them, a key that names its alg (`jwe key convert --to jwk --alg ALG`), or for \
             `jwe fields decrypt` --try-keys"
        }
        "key_encrypted" => "--passphrase-file FILE",
        "key_usage" | "key_alg_conflict" => {
            "another key; if the publisher labels this one wrongly, --ignore-key-usage with --alg"
        }
        "key_ambiguous" => "--kid ID, with the id of the key to use",
        "key_no_such_kid" => "--kid with the id of a key that is there",
        "key_private_needed" => "--key with the file of the private key",
        "backend_gap" => "--backend with another name; `jwe backends` shows what each can do",
        "enc_not_accepted" => {
            "--enc with the enc of the token, if you accept it; `jwe inspect` shows it"
        }
        "alg_not_accepted" => {
            "`jwe inspect` to see the token's alg; --alg with it, if you accept it and the key names no alg"
        }
        "serialization_not_accepted" => {
            "--serialization with the one of the message, if you accept it; `jwe inspect` shows it"
        }
        "zip_not_allowed" => "--zip, if you accept compressed content",
        "pbes2_not_allowed" => "--allow-pbes2, if you accept tokens for a password",
        "p2c_out_of_range" => {
            "--allow-pbes2=MAX_P2C, if you accept that much work; `jwe inspect` shows the p2c"
        }
        "crit_not_understood" => {
            "--bind, if `jwe fields encrypt` was given it; --understand NAME for each name of crit, if you see to \
             what it means"
        }
        "not_bound" => {
            "the same without --bind, if you accept values that anybody could have moved here"
        }
        "bound_elsewhere" => {
            "the --field or --column, --record-id and --record-id-at of the sender; `jwe inspect` shows what a token \
             is bound to"
        }
        "plaintext_not_padded" => "--pad with the number of the sender, or without it",
        "plaintext_not_utf8" => "--pad with the number of the sender, if it pads",
        "record_id_missing" => "--record-id-at with the place of the id in each record",
        "too_many_recipients" => "--limit-recipients N, if you expect that many",
        "unknown_kid" => {
            "`jwe inspect` to see the token's kid; --kid to name the key so, or --ignore-kid for a key without a name"
        }
        "missing_kid" => "--key with the file of one key, or --try-keys, without --require-kid",
        "setup_ambiguous_kid" => "keys with an id each, or --try-keys",
        "export_symmetric" => "--to jwk --private",
        "generation_length" => "--bits with one of these lengths",
        "generation_not_offered" => {
            "--backend with another name; `jwe backends` shows which generate"
        }
        "part_length" => "`jwe inspect`, which tells the length of each part",
        "token_wrong" => "the change that the report names, in the client that made the token",
        "segment_count" | "base64url" => "the token alone, as its sender made it, on one line",
        "token_too_long" => "--limit-token BYTES, if you expect tokens that long",
        "header_too_long" => "a higher --limit-header, if it was lowered; 8192 is the most",
        "field_missing" => "the pointer as it stands in the document, or --missing skip",
        "field_already_encrypted" => "--already-encrypted leave|again, if that is what you want",
        "field_not_encrypted" => "--clear-value leave, if this value need not be encrypted",
        "document_grows_too_long" => "--limit-input BYTES, if you expect documents that long",
        "plaintext_not_json" => "--encoding text, if the sender encrypts texts",
        "setup_cek_length" | "setup_declared_enc" => "--enc with the one that the key is for",
        "field_not_string" => "--encoding json, which takes values of every kind",
        "record_too_long" => "--limit-record BYTES, if you expect records that long",
        "column_missing" => {
            "--column with the name as it stands in the first row, and --delimiter CHAR, if it is no comma"
        }
        "row_cell_count" => "--delimiter CHAR, if the file has another one",
        "stream_not_array" => "--format with the one that the input has",
        "input_changed" => {
            "the input that the run was begun with, or without the checkpoint to begin anew"
        }
        "records_rejected" => {
            "`jq -r '.input // empty'` on them, to get the records back and mend them; input_base64 has those that are no text"
        }
        "serve_listen" => "--listen with another address; port 0 is one that is free",
        "serve_plain_beyond_loopback" => {
            "[tls] in the configuration; --plain-beyond-loopback where something in front of it sees to TLS"
        }
        "serve_without_callers" => {
            "[callers] in the configuration; `jwe serve --print-example` explains it"
        }
        _ => return None,
    })
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<KeyDirectoryError> for Failure {
    fn from(error: KeyDirectoryError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<SetupError> for Failure {
    fn from(error: SetupError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<EncryptError> for Failure {
    fn from(error: EncryptError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<Malformed> for Failure {
    fn from(error: Malformed) -> Self {
        DecryptError::from(error).into()
    }
}

impl From<DecryptError> for Failure {
    fn from(error: DecryptError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<GenerateError> for Failure {
    fn from(error: GenerateError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<EncryptedKeyError> for Failure {
    fn from(error: EncryptedKeyError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<FieldError> for Failure {
    fn from(error: FieldError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<StreamError> for Failure {
    fn from(error: StreamError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        match error {
            SettingsError::Setup(error) => error.into(),
            error => Self::usage(error.to_string()),
        }
    }
}
