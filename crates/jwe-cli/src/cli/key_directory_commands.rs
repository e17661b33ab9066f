//! The commands about a directory of keys: `keys init`, `list`, `rotate`, `retire`, `prune` and `token`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueHint};
use jwe::{Alg, Curve};

use super::key_args::BackendArg;
use super::values;

#[derive(Subcommand)]
pub(crate) enum KeyDirectory {
    /// Make the folder with a current and a next key pair
    #[command(after_help = "\
Examples:
  jwe keys init keys
  jwe keys init keys --alg ECDH-ES+A256KW --crv X25519")]
    Init {
        #[command(flatten)]
        folder: Folder,
        #[command(flatten)]
        new: NewKeyArgs,
    },
    /// Show the keys: id, algorithm, state and dates
    #[command(after_help = "Examples:\n  jwe keys list keys\n  jwe keys list keys --json")]
    List {
        #[command(flatten)]
        folder: Folder,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Make the next key the current one, and a new next one; the old one decrypts for a while
    #[command(after_help = "\
Examples:
  jwe keys rotate keys
  jwe keys rotate keys --overlap 7d --bits 4096

A server that watches the folder takes the keys over by itself. The overlap has to be longer than clients keep a
key, which the server tells them with max-age. Where a rotation was interrupted, this finishes it.")]
    Rotate {
        #[command(flatten)]
        folder: Folder,
        #[command(flatten)]
        new: NewKeyArgs,
        /// How long the key that was current decrypts on, such as 24h, 7d or 90s
        #[arg(long, value_name = "TIME", default_value = "24h", value_parser = values::duration)]
        overlap: Duration,
    },
    /// Have a key decrypt no longer: a retired one before its time, or the next one
    #[command(
        after_help = "Example:\n  jwe keys retire keys --kid 2DY4GPv2vVNCv3lR7jyKzUu6pRtpT6XRhpCNRAvEWIc"
    )]
    Retire {
        #[command(flatten)]
        folder: Folder,
        /// The id of the key
        #[arg(long, value_name = "ID")]
        kid: String,
    },
    /// Remove the files of retired keys whose time is over: nobody can open what is encrypted for them any more
    #[command(after_help = "Example:\n  jwe keys prune keys")]
    Prune {
        #[command(flatten)]
        folder: Folder,
    },
    /// Print a random bearer token for a caller of the server, and its hash for the configuration
    #[command(after_help = "Example:\n  jwe keys token")]
    Token {
        #[command(flatten)]
        backend: BackendArg,
    },
}

#[derive(Args)]
pub(crate) struct Folder {
    /// The folder
    #[arg(value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub(crate) path: PathBuf,
    #[command(flatten)]
    pub(crate) backend: BackendArg,
}

#[derive(Args)]
pub(crate) struct NewKeyArgs {
    /// The algorithm that new keys are for; without it, that of the current key, or RSA-OAEP-256
    #[arg(long, value_name = "ALG", value_parser = values::alg)]
    pub(crate) alg: Option<Alg>,
    /// The length of a new RSA key; without it, that of the current key, or 3072
    #[arg(long, value_name = "BITS")]
    pub(crate) bits: Option<usize>,
    /// The curve of a new key for ECDH-ES; without it, that of the current key, or P-256
    #[arg(long, value_name = "CURVE", value_parser = values::curve)]
    pub(crate) crv: Option<Curve>,
}
