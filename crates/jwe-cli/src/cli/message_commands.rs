//! The commands about messages: `encrypt`, `decrypt`, `inspect` and `convert`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::key_args::KeyArgs;
use super::message_args::{AcceptArgs, RecipientsArg, WriteArgs};
use super::values::SerializationArg;

#[derive(Args)]
pub(crate) struct FileArgs {
    /// The input; standard input without it
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) input: Option<PathBuf>,
    /// Write to a file, which appears only when it is whole
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// The longest input, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 64 * 1024 * 1024)]
    pub(crate) limit_input: usize,
}

#[derive(Args)]
pub(crate) struct Encrypt {
    #[command(flatten)]
    pub(crate) key: KeyArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    /// The serialization; several recipients need general
    #[arg(long, value_enum, default_value_t = SerializationArg::Compact)]
    pub(crate) serialization: SerializationArg,
    /// Additional authenticated data, which everybody can read (RFC 7516 §2); not in compact
    #[arg(long, value_name = "TEXT", conflicts_with = "aad_file")]
    pub(crate) aad: Option<String>,
    /// The same from a file; standard input for -
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) aad_file: Option<PathBuf>,
    /// The typ of the header (RFC 7516 §4.1.11)
    #[arg(long, value_name = "TYPE")]
    pub(crate) typ: Option<String>,
    /// The cty of the header (RFC 7516 §4.1.12)
    #[arg(long, value_name = "TYPE")]
    pub(crate) cty: Option<String>,
    #[command(flatten)]
    pub(crate) files: FileArgs,
}

#[derive(Args)]
pub(crate) struct Decrypt {
    #[command(flatten)]
    pub(crate) key: KeyArgs,
    #[command(flatten)]
    pub(crate) accept: AcceptArgs,
    /// The serializations that are accepted, with commas between them
    #[arg(long, value_enum, value_delimiter = ',', default_value = "compact")]
    pub(crate) serialization: Vec<SerializationArg>,
    #[command(flatten)]
    pub(crate) recipients: RecipientsArg,
    #[command(flatten)]
    pub(crate) files: FileArgs,
}

#[derive(Args)]
pub(crate) struct Inspect {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) recipients: RecipientsArg,
    #[command(flatten)]
    pub(crate) files: FileArgs,
}

#[derive(Args)]
pub(crate) struct Convert {
    /// The serialization to write
    #[arg(long, value_enum)]
    pub(crate) to: SerializationArg,
    #[command(flatten)]
    pub(crate) recipients: RecipientsArg,
    #[command(flatten)]
    pub(crate) files: FileArgs,
}
