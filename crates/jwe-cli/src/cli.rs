//! The command line.

mod bench_args;
mod doctor_command;
mod field_commands;
mod key_args;
mod key_commands;
mod key_directory_commands;
mod message_args;
mod message_commands;
mod record_args;
mod serve_command;
mod values;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};

pub(crate) use bench_args::Bench;
pub(crate) use doctor_command::{Doctor, PlaintextArg};
pub(crate) use field_commands::{
    AlreadyEncryptedArg, ClearArg, EncodingArg, Fields, FieldsDecrypt, FieldsEncrypt, MissingArg,
    NonStringArg, SelectArgs, ShareCekArg,
};
pub(crate) use key_args::{KeyArgs, KidArgs, LabelArgs, PassphraseArg};
pub(crate) use key_commands::{Key, KeyConvert, KeyFormatArg, Keygen, Public, Thumbprint};
pub(crate) use key_directory_commands::{KeyDirectory, NewKeyArgs};
pub(crate) use message_args::{AcceptArgs, ContentBackendArg, WriteArgs};
pub(crate) use message_commands::{Convert, Decrypt, Encrypt, FileArgs, Inspect};
pub(crate) use record_args::{CompressArg, FieldFileArgs, FormatArg, FormatArgs, RecordArgs};
pub(crate) use serve_command::{LogFormatArg, LogLevelArg, ModeArg, Serve};
pub(crate) use values::SerializationArg;

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

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 done with rejected records, 128 and the
number of the signal if one stopped a stream of records.";

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Generate a key: private, with mode 0600, never replacing a file
    #[command(after_help = "\
Examples:
  jwe keygen --alg RSA-OAEP-256 --bits 3072 -o private.jwk
  jwe keygen --alg ECDH-ES+A256KW --crv X25519 -o private.jwk
  jwe keygen --alg A256KW --kid shared-1 -o shared.jwk
  jwe keygen --alg dir --enc A256GCM -o shared.jwk")]
    Keygen(Keygen),
    /// Print the public half of a private key, or of every key of a set
    #[command(after_help = "\
Examples:
  jwe public private.jwk
  jwe public --set private.jwk -o jwks.json
  jwe public --alg RSA-OAEP-256 --kid-thumbprint private.pem")]
    Public(Public),
    /// Print the thumbprint of a key (RFC 7638, SHA-256), or of every key of a set
    #[command(after_help = "\
Examples:
  jwe thumbprint public.jwk
  jwe thumbprint --spki certificate.pem
  jwe thumbprint --json jwks.json")]
    Thumbprint(Thumbprint),
    /// Write keys in other formats
    #[command(
        subcommand,
        after_help = "\
Examples:
  jwe key convert private.pem --to jwk
  jwe key convert private.jwk --to pkcs8 --private -o private.pem"
    )]
    Key(Key),
    /// Manage the private keys of a server: a folder with a current key, the next one and those that were
    #[command(
        subcommand,
        after_help = "\
Examples:
  jwe keys init keys
  jwe keys rotate keys --overlap 24h
  jwe keys list keys"
    )]
    Keys(KeyDirectory),
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
  jwe encrypt --key public.pem --alg RSA-OAEP-256 --kid key-1 --enc A256CBC-HS512 report.pdf -o report.jwe
  jwe encrypt --password-file password report.pdf -o report.jwe
  jwe encrypt --serialization general --key anna.jwk --key otto.jwk --aad 'case 7' report.pdf")]
    Encrypt(Encrypt),
    /// Decrypt a token to bytes
    #[command(after_help = "\
Examples:
  jwe decrypt --key private.jwk < token
  jwe decrypt --key private.pem --alg RSA-OAEP-256 --kid key-1 --enc A256GCM,A256CBC-HS512 token -o report.pdf
  jwe decrypt --password-file password --allow-pbes2 report.jwe -o report.pdf
  jwe decrypt --key otto.jwk --serialization compact,general message.json")]
    Decrypt(Decrypt),
    /// Write a message in another serialization; needs no key
    #[command(after_help = "\
Examples:
  jwe convert --to flattened < token
  jwe convert --to compact message.json")]
    Convert(Convert),
    /// Show what a token says about itself; needs no key and checks nothing
    #[command(after_help = "Example:\n  jwe inspect < token")]
    Inspect(Inspect),
    /// Serve: decrypt fields of requests in front of a service, encrypt them on the way to one, or be a sandbox
    #[command(after_help = "\
Examples:
  jwe keys init keys
  jwe serve --keys keys --upstream http://127.0.0.1:3000 --route 'POST /users/{id}/connections' --field /login \
--field /password
  jwe serve --print-example > jwe-serve.toml
  jwe serve --config jwe-serve.toml
  jwe serve --mode encrypt --key-url https://api.example/publickey --upstream https://api.example \
--route 'POST /users/{id}/connections' --field /password
  jwe serve --sandbox

The first line of standard output is the URL at which it listens. The log goes to standard error. SIGTERM
and SIGINT end it when all that was taken on is done, with exit code 0; 1 if that took too long.")]
    Serve(Box<Serve>),
    /// Find out why a token can't be opened, and what its sender has to change; works offline
    #[command(after_help = "\
Examples:
  jwe doctor --key private.jwk < token
  jwe doctor --key public.jwk --enc A256GCM,A256CBC-HS512 token
  jwe doctor --json token

The first finding is the main cause. The exit code is 0 where nothing is wrong, and 1 otherwise. It tells
apart what no recipient may tell apart, so nothing that others can send tokens to should call it.

The JSON has the members right, examined (text, header, encrypted_key or content: how far it could be
examined) and findings: each has code, what and change.")]
    Doctor(Doctor),
    /// Show which backend can do what, and whose code does it
    #[command(after_help = "Examples:\n  jwe backends\n  jwe backends --json")]
    Backends(Backends),
    /// Measure the backends on this machine: import, encryption and decryption
    #[command(after_help = "\
Examples:
  jwe bench
  jwe bench --bits 2048 --size 16,4096 --seconds 10 --svg backends.svg
  jwe bench --alg ECDH-ES+A256KW --crv P-256,X25519 --enc A128GCM --json
  jwe bench --key private.pem --alg RSA-OAEP --backend ring,aws-lc-rs

The backends take turns, a millisecond each, so that whatever else the machine does hits them alike.
Times are medians with their 95 % confidence intervals. An import begins with a JWK that was read.

The JSON has the members version, optimized, machine (cpu, cpus, os, arch), alg, enc, backends (name,
and whose code does the work: alg_encrypt, alg_decrypt, enc), notes, and groups: each has operation, key,
key_bits or curve, plaintext_bytes, base, rounds and results. A result has backend and either
unavailable (why) or seconds, operations_per_second, ratio (to the speed of base) and, from 1024 bytes
on, mebibytes_per_second, each with median, low and high.")]
    Bench(Bench),
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

#[derive(Args)]
pub(crate) struct Backends {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Print a Markdown table
    #[arg(long, conflicts_with = "json")]
    pub(crate) markdown: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
