//! The commands `fields encrypt` and `fields decrypt`.

use clap::{Args, Subcommand, ValueEnum};
use jwe_fields::Selector;

use super::key_args::KeyArgs;
use super::message_args::{AcceptArgs, WriteArgs};
use super::message_commands::FileArgs;
use super::values;

#[derive(Subcommand)]
pub(crate) enum Fields {
    /// Replace each selected value by a token
    #[command(after_help = "\
Examples:
  jwe fields encrypt --key public.jwk --field /username --field /password body.json
  jwe fields encrypt --key public.jwk --field '$.users[*].iban' < users.json
  jwe fields encrypt --key public.jwk --encoding json --field /address body.json")]
    Encrypt(FieldsEncrypt),
    /// Replace each selected token by its value
    #[command(after_help = "\
Example:
  jwe fields decrypt --key private.jwk --field /username --field /password body.json")]
    Decrypt(FieldsDecrypt),
}

#[derive(Args)]
pub(crate) struct SelectArgs {
    /// A value: a JSON Pointer (/a/b) or a JSONPath ($.a[*].b); can be given several times
    #[arg(long = "field", value_name = "SELECTOR", required = true, value_parser = values::selector)]
    pub(crate) fields: Vec<Selector>,
    /// What a selector means that selects nothing
    #[arg(long, value_enum, default_value_t = MissingArg::Error)]
    pub(crate) missing: MissingArg,
    /// What is encrypted of a value
    #[arg(long, value_enum, default_value_t = EncodingArg::Text)]
    pub(crate) encoding: EncodingArg,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum MissingArg {
    /// Refuse the document
    Error,
    /// Go on
    Skip,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum EncodingArg {
    /// The text of a string, without quotes and escapes
    Text,
    /// The JSON text of any value, subtrees too
    Json,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum NonStringArg {
    /// Refuse the document
    Refuse,
    /// Encrypt the JSON text of numbers and booleans; they come back as strings
    JsonText,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum AlreadyEncryptedArg {
    /// Refuse the document
    Refuse,
    /// Leave the value as it is
    Leave,
    /// Encrypt the token
    Again,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ClearArg {
    /// Refuse the document
    Refuse,
    /// Leave the value as it is
    Leave,
}

#[derive(Args)]
pub(crate) struct FieldsEncrypt {
    #[command(flatten)]
    pub(crate) key: KeyArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// What happens to a number or a boolean under --encoding text
    #[arg(long, value_enum, default_value_t = NonStringArg::Refuse)]
    pub(crate) non_string: NonStringArg,
    /// What happens to a value that is a token already
    #[arg(long, value_enum, default_value_t = AlreadyEncryptedArg::Refuse)]
    pub(crate) already_encrypted: AlreadyEncryptedArg,
    #[command(flatten)]
    pub(crate) files: FileArgs,
}

#[derive(Args)]
pub(crate) struct FieldsDecrypt {
    #[command(flatten)]
    pub(crate) key: KeyArgs,
    #[command(flatten)]
    pub(crate) accept: AcceptArgs,
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// What happens to a value that is no token
    #[arg(long, value_enum, default_value_t = ClearArg::Refuse)]
    pub(crate) clear_value: ClearArg,
    #[command(flatten)]
    pub(crate) files: FileArgs,
}
