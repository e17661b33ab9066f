//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use jwe::{Alg, Enc, Limits};
use jwe_fields::Selector;

/// Encrypts and decrypts values and fields of JSON documents as JSON Web Encryption (RFC 7516).
#[derive(Parser)]
#[command(name = "jwe", version, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  Make a key pair; publish the public half:
    jwe keygen --alg RSA-OAEP-256 --bits 3072 -o private.jwk
    jwe public private.jwk -o public.jwk

  Encrypt two fields of a request body with a key that an API publishes:
    jwe fields encrypt --key https://api.example/publickey --field /username --field /password body.json

  Decrypt them on the other side:
    jwe fields decrypt --key private.jwk --field /username --field /password body.json

Exit codes: 0 done, 1 refused or failed, 2 wrong usage.";

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Generate a key: private, with mode 0600, never replacing a file
    #[command(after_help = "\
Examples:
  jwe keygen --alg RSA-OAEP-256 --bits 3072 -o private.jwk
  jwe keygen --alg dir --enc A256GCM --kid shared-1 -o shared.jwk")]
    Keygen(Keygen),
    /// Print the public half of a private key, or of every key of a set
    #[command(after_help = "\
Examples:
  jwe public private.jwk
  jwe public --set private.jwk -o jwks.json
  jwe public --alg RSA-OAEP-256 --kid-thumbprint private.pem")]
    Public(Public),
    /// Encrypt or decrypt selected values of a JSON document, leaving every other byte as it is
    #[command(
        subcommand,
        after_help = "\
Examples:
  jwe fields encrypt --key public.jwk --field /username --field /password body.json
  jwe fields decrypt --key private.jwk --field /username --field /password body.json"
    )]
    Fields(Fields),
    /// Encrypt bytes to a token
    #[command(after_help = "\
Examples:
  printf s3cret | jwe encrypt --key public.jwk
  jwe encrypt --key public.pem --alg RSA-OAEP-256 --kid key-1 --enc A256CBC-HS512 report.pdf -o report.jwe")]
    Encrypt(Encrypt),
    /// Decrypt a token to bytes
    #[command(after_help = "\
Examples:
  jwe decrypt --key private.jwk < token
  jwe decrypt --key private.pem --alg RSA-OAEP-256 --kid key-1 --enc A256GCM,A256CBC-HS512 token -o report.pdf")]
    Decrypt(Decrypt),
    /// Show what a token says about itself; needs no key and checks nothing
    #[command(after_help = "Example:\n  jwe inspect < token")]
    Inspect(Inspect),
    /// Show which backend can do what, and whose code does it
    #[command(after_help = "Examples:\n  jwe backends\n  jwe backends --json")]
    Backends(Backends),
    /// Print a completion script for a shell
    #[command(after_help = "Example:\n  jwe completions bash > /etc/bash_completion.d/jwe")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write those of all commands to a folder
    #[command(
        after_help = "Examples:\n  jwe man > jwe.1\n  jwe man --dir /usr/local/share/man/man1"
    )]
    Man {
        /// The folder; without it the main page goes to standard output
        #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
        dir: Option<PathBuf>,
    },
}

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
pub(crate) struct KidArgs {
    /// The key's id: chooses from a set, and names a key that has none
    #[arg(long, value_name = "ID")]
    pub(crate) kid: Option<String>,
    /// Name the key by its thumbprint (RFC 7638)
    #[arg(long, conflicts_with = "kid")]
    pub(crate) kid_thumbprint: bool,
    /// Leave the key without a name
    #[arg(long, conflicts_with_all = ["kid", "kid_thumbprint"])]
    pub(crate) no_kid: bool,
}

#[derive(Args)]
pub(crate) struct KeyArgs {
    /// The key: a file (JWK, JWK set, PEM, DER) or an https URL (http for this machine only)
    #[arg(long, value_name = "FILE|URL", value_hint = ValueHint::FilePath)]
    pub(crate) key: String,
    #[command(flatten)]
    pub(crate) kid: KidArgs,
    /// The key management algorithm; needed where the key names none
    #[arg(long, value_name = "ALG", value_parser = alg)]
    pub(crate) alg: Option<Alg>,
    /// Don't look at the key's own alg, use and key_ops, for publishers that label it wrongly
    #[arg(long, requires = "alg")]
    pub(crate) ignore_key_usage: bool,
    /// The crypto library; without it, the first built in of aws-lc-rs, josekit and ring
    #[arg(long, value_name = "NAME")]
    pub(crate) backend: Option<String>,
    /// Certificates in PEM to trust instead of the public ones when the key is fetched
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) ca_file: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct EncArg {
    /// The content encryption algorithm
    #[arg(long, value_name = "ENC", value_parser = enc, default_value = "A256GCM")]
    pub(crate) enc: Enc,
}

#[derive(Args)]
pub(crate) struct AcceptArgs {
    /// The content encryption algorithms that are accepted, with commas between them
    #[arg(long, value_name = "ENC,…", value_parser = enc, value_delimiter = ',', default_value = "A256GCM")]
    pub(crate) enc: Vec<Enc>,
    /// Refuse tokens that name no key, even if there is just one
    #[arg(long, conflicts_with = "ignore_kid")]
    pub(crate) require_kid: bool,
    /// Don't look at the key that tokens name, if there is just one
    #[arg(long)]
    pub(crate) ignore_kid: bool,
    /// The longest token, in characters
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().max_token_len)]
    pub(crate) limit_token: usize,
    /// The longest protected header, in bytes of its JSON text, at most 8192
    #[arg(long, value_name = "BYTES", default_value_t = Limits::MAX_HEADER_LEN)]
    pub(crate) limit_header: usize,
}

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
pub(crate) struct Keygen {
    /// The algorithm that the key is for
    #[arg(long, value_name = "ALG", value_parser = alg)]
    pub(crate) alg: Alg,
    /// The length of an RSA key; 3072 without it
    #[arg(long, value_name = "BITS")]
    pub(crate) bits: Option<usize>,
    /// The content encryption algorithm of a key for dir, which gives its length; A256GCM without it
    #[arg(long, value_name = "ENC", value_parser = enc)]
    pub(crate) enc: Option<Enc>,
    /// The key's id; without it, its thumbprint (RFC 7638), or a random one for dir
    #[arg(long, value_name = "ID")]
    pub(crate) kid: Option<String>,
    /// The crypto library; without it, the first built in of aws-lc-rs, josekit and ring
    #[arg(long, value_name = "NAME")]
    pub(crate) backend: Option<String>,
    /// The file to create; standard output without it
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Public {
    /// The key: JWK, JWK set, PEM or DER; standard input for -
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) key: String,
    /// Print a JWK set, even of one key
    #[arg(long)]
    pub(crate) set: bool,
    /// Label the key with this alg, and "use":"enc"
    #[arg(long, value_name = "ALG", value_parser = alg)]
    pub(crate) alg: Option<Alg>,
    /// Name the key so
    #[arg(long, value_name = "ID")]
    pub(crate) kid: Option<String>,
    /// Name the key by its thumbprint (RFC 7638)
    #[arg(long, conflicts_with = "kid")]
    pub(crate) kid_thumbprint: bool,
    /// Write to a file, which appears only when it is whole
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Encrypt {
    #[command(flatten)]
    pub(crate) key: KeyArgs,
    #[command(flatten)]
    pub(crate) enc: EncArg,
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
    #[command(flatten)]
    pub(crate) files: FileArgs,
}

#[derive(Args)]
pub(crate) struct SelectArgs {
    /// A value: a JSON Pointer (/a/b) or a JSONPath ($.a[*].b); can be given several times
    #[arg(long = "field", value_name = "SELECTOR", required = true, value_parser = selector)]
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
    pub(crate) enc: EncArg,
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

#[derive(Args)]
pub(crate) struct Inspect {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) files: FileArgs,
}

#[derive(Args)]
pub(crate) struct Backends {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Print a Markdown table
    #[arg(long, conflicts_with = "json")]
    pub(crate) markdown: bool,
}

fn alg(name: &str) -> Result<Alg, String> {
    let names: Vec<&str> = Alg::ALL.iter().map(|alg| alg.name()).collect();
    name.parse().map_err(|_| format!("one of {}, exactly as written here", names.join(", ")))
}

fn enc(name: &str) -> Result<Enc, String> {
    let names: Vec<&str> = Enc::ALL.iter().map(|enc| enc.name()).collect();
    name.parse().map_err(|_| format!("one of {}, exactly as written here", names.join(", ")))
}

fn selector(text: &str) -> Result<Selector, String> {
    Selector::parse(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
