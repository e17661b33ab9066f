//! The command that finds out why a token can't be opened.

use clap::{Args, ValueEnum, ValueHint};
use jwe::{Alg, Enc};

use super::key_args::PassphraseArg;
use super::message_commands::FileArgs;
use super::values;

/// What the plaintext is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlaintextArg {
    /// The UTF-8 bytes of a text, without quotes
    Text,
    /// A JSON text
    Json,
    /// Any bytes
    Bytes,
}

#[derive(Args)]
pub(crate) struct Doctor {
    /// A key that the token may be for: a file (JWK, JWK set, PEM, DER, certificate); can be given
    /// several times. With a private key everything is examined, without one what everybody can see
    #[arg(long = "key", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) keys: Vec<String>,
    #[command(flatten)]
    pub(crate) passphrase: PassphraseArg,
    /// The key management algorithm that the recipient asks for
    #[arg(long, value_name = "ALG", value_parser = values::alg, default_value = "RSA-OAEP-256")]
    pub(crate) alg: Alg,
    /// The content encryption algorithms that it accepts, with commas between them
    #[arg(long, value_name = "ENC,…", value_parser = values::enc, value_delimiter = ',', default_value = "A256GCM")]
    pub(crate) enc: Vec<Enc>,
    /// It accepts tokens that name no key
    #[arg(long)]
    pub(crate) no_kid: bool,
    /// What it takes the plaintext for
    #[arg(long, value_enum, default_value_t = PlaintextArg::Text)]
    pub(crate) plaintext: PlaintextArg,
    /// The crypto library of the content encryption
    #[arg(long = "backend", value_name = "NAME")]
    pub(crate) backend: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) files: FileArgs,
}
