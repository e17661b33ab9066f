//! The keys of a message, and what is chosen about each.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use jwe::Alg;

use super::values;

#[derive(Args)]
pub(crate) struct KidArgs {
    /// The key's id: chooses from a set, and names a key that has none
    #[arg(long, value_name = "ID")]
    pub(crate) kid: Option<String>,
    /// Name the key by its thumbprint (RFC 7638)
    #[arg(long, conflicts_with = "kid")]
    pub(crate) kid_thumbprint: bool,
    /// Name the key by the SHA-256 of its SubjectPublicKeyInfo
    #[arg(long, conflicts_with_all = ["kid", "kid_thumbprint"])]
    pub(crate) kid_spki: bool,
    /// Leave the key without a name
    #[arg(long, conflicts_with_all = ["kid", "kid_thumbprint", "kid_spki"])]
    pub(crate) no_kid: bool,
}

/// Keys and a password, at least one of them.
#[derive(Args)]
#[group(required = true, multiple = true)]
pub(crate) struct KeySourceArgs {
    /// A key: a file (JWK, JWK set, PEM, DER, certificate) or an https URL (http for this machine
    /// only); can be given several times
    #[arg(long = "key", value_name = "FILE|URL", value_hint = ValueHint::FilePath)]
    pub(crate) keys: Vec<String>,
    /// A file whose first line is a password, for the PBES2 algorithms; standard input for -
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) password_file: Option<PathBuf>,
}

impl KeySourceArgs {
    /// How many keys and passwords are named.
    pub(crate) fn count(&self) -> usize {
        self.keys.len() + usize::from(self.password_file.is_some())
    }
}

#[derive(Args)]
pub(crate) struct KeyArgs {
    #[command(flatten)]
    pub(crate) source: KeySourceArgs,
    #[command(flatten)]
    pub(crate) kid: KidArgs,
    /// The key management algorithms that are allowed, with commas between them; needed where a key
    /// names none
    #[arg(long, value_name = "ALG,…", value_parser = values::alg, value_delimiter = ',')]
    pub(crate) alg: Vec<Alg>,
    /// Don't look at the key's own alg, use and key_ops, for publishers that label it wrongly
    #[arg(long, requires = "alg")]
    pub(crate) ignore_key_usage: bool,
    #[command(flatten)]
    pub(crate) passphrase: PassphraseArg,
    #[command(flatten)]
    pub(crate) backend: BackendArg,
    /// Certificates in PEM to trust instead of the public ones when the key is fetched
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) ca_file: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct BackendArg {
    /// The crypto library; without it, the first built in of aws-lc-rs, josekit and ring
    #[arg(long = "backend", value_name = "NAME")]
    pub(crate) name: Option<String>,
}

#[derive(Args)]
pub(crate) struct PassphraseArg {
    /// A file whose first line is the passphrase of encrypted private keys; standard input for -
    #[arg(long = "passphrase-file", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,
}

/// What a published JWK says about itself.
#[derive(Args)]
pub(crate) struct LabelArgs {
    /// Label the key with this alg, and "use":"enc"
    #[arg(long, value_name = "ALG", value_parser = values::alg)]
    pub(crate) alg: Option<Alg>,
    /// Name the key so
    #[arg(long, value_name = "ID")]
    pub(crate) kid: Option<String>,
    /// Name the key by its thumbprint (RFC 7638)
    #[arg(long, conflicts_with = "kid")]
    pub(crate) kid_thumbprint: bool,
    /// Name the key by the SHA-256 of its SubjectPublicKeyInfo
    #[arg(long, conflicts_with_all = ["kid", "kid_thumbprint"])]
    pub(crate) kid_spki: bool,
}
