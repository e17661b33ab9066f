//! The commands `fields encrypt` and `fields decrypt`.

use clap::{Args, Subcommand, ValueEnum};
use jwe_fields::Selector;

use super::key_args::KeyArgs;
use super::message_args::{AcceptArgs, WriteArgs};
use super::record_args::{FieldFileArgs, FormatArgs, RecordArgs};
use super::values;

#[derive(Subcommand)]
pub(crate) enum Fields {
    /// Replace each selected value by a token
    #[command(after_help = "\
Examples:
  jwe fields encrypt --key public.jwk --field /username --field /password body.json
  jwe fields encrypt --key public.jwk --field '$.users[*].iban' < users.json
  jwe fields encrypt --key public.jwk --encoding json --field /address body.json
  jwe fields encrypt --key public.jwk --field /pin --pad 64 --bind --record-id-at /id body.json
  jwe fields encrypt --key public.jwk --field /iban customers.ndjson -o encrypted.ndjson.zst \\
    --rejects rejects.ndjson --checkpoint encrypted.checkpoint
  jwe fields encrypt --key public.jwk --column iban customers.csv -o encrypted.csv")]
    Encrypt(FieldsEncrypt),
    /// Replace each selected token by its value
    #[command(after_help = "\
Examples:
  jwe fields decrypt --key private.jwk --field /username --field /password body.json
  jwe fields decrypt --key private.jwk --field /iban encrypted.ndjson.zst -o customers.ndjson")]
    Decrypt(FieldsDecrypt),
}

#[derive(Args)]
pub(crate) struct SelectArgs {
    /// A value: a JSON Pointer (/a/b) or a JSONPath ($.a[*].b); can be given several times
    #[arg(long = "field", value_name = "SELECTOR", value_parser = values::selector)]
    pub(crate) fields: Vec<Selector>,
    /// A column of csv, by its name in the first row; can be given several times
    #[arg(long = "column", value_name = "NAME")]
    pub(crate) columns: Vec<String>,
    /// What a selector means that selects nothing, or an empty cell of csv
    #[arg(long, value_enum, default_value_t = MissingArg::Error)]
    pub(crate) missing: MissingArg,
    /// What is encrypted of a value
    #[arg(long, value_enum, default_value_t = EncodingArg::Text)]
    pub(crate) encoding: EncodingArg,
    /// Texts are padded to a multiple of so many bytes, 1 to 4096, so that short ones have one length.
    /// Both sides need the same
    #[arg(long, value_name = "BYTES")]
    pub(crate) pad: Option<usize>,
    /// Each value is bound to its field: found in another one, it is refused. Both sides need the same
    #[arg(long)]
    pub(crate) bind: bool,
    /// With --bind, values are bound to this id of their record as well; for one whole document
    #[arg(long, value_name = "TEXT")]
    pub(crate) record_id: Option<String>,
    /// With --bind, values are bound as well to the id that stands in each record, in clear: at this
    /// JSON Pointer, or in this column of csv
    #[arg(long, value_name = "POINTER|COLUMN")]
    pub(crate) record_id_at: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum MissingArg {
    /// Refuse the document; an empty cell is a value like any other
    Error,
    /// Go on; an empty cell stays empty
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
pub(crate) enum ShareCekArg {
    /// Each value has a content key of its own
    None,
    /// The values of one document share a content key
    Document,
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
    /// Which values share a content key, and so one key operation, which is most of the time. RFC
    /// 7516 §5.1 has one for each message. Equal encrypted keys show which values were encrypted
    /// together, and whoever is given the content key of one can decrypt the others
    #[arg(long, value_enum, default_value_t = ShareCekArg::None)]
    pub(crate) share_cek: ShareCekArg,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
    #[command(flatten)]
    pub(crate) files: FieldFileArgs,
    #[command(flatten)]
    pub(crate) records: RecordArgs,
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
    pub(crate) format: FormatArgs,
    #[command(flatten)]
    pub(crate) files: FieldFileArgs,
    #[command(flatten)]
    pub(crate) records: RecordArgs,
}
