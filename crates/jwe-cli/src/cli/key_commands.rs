//! The commands about keys: `keygen`, `public`, `thumbprint` and `key convert`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};
use jwe::{Alg, Curve, Enc};

use super::key_args::{BackendArg, LabelArgs, PassphraseArg};
use super::values;

#[derive(Args)]
pub(crate) struct Keygen {
    /// The algorithm that the key is for
    #[arg(long, value_name = "ALG", value_parser = values::alg)]
    pub(crate) alg: Alg,
    /// The length of an RSA key; 3072 without it
    #[arg(long, value_name = "BITS")]
    pub(crate) bits: Option<usize>,
    /// The curve of a key for ECDH-ES: P-256, P-384, P-521 or X25519; P-256 without it
    #[arg(long, value_name = "CURVE", value_parser = values::curve)]
    pub(crate) crv: Option<Curve>,
    /// The content encryption algorithm of a key for dir, which gives its length; A256GCM without it
    #[arg(long, value_name = "ENC", value_parser = values::enc)]
    pub(crate) enc: Option<Enc>,
    /// The key's id; without it, its thumbprint (RFC 7638), or a random one for a symmetric key
    #[arg(long, value_name = "ID")]
    pub(crate) kid: Option<String>,
    #[command(flatten)]
    pub(crate) backend: BackendArg,
    /// The file to create; standard output without it
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Public {
    /// The key: JWK, JWK set, PEM, DER or certificate; standard input for -
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) key: String,
    /// Print a JWK set, even of one key
    #[arg(long)]
    pub(crate) set: bool,
    #[command(flatten)]
    pub(crate) label: LabelArgs,
    #[command(flatten)]
    pub(crate) passphrase: PassphraseArg,
    /// Write to a file, which appears only when it is whole
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Thumbprint {
    /// The key: JWK, JWK set, PEM, DER or certificate; standard input for -
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) key: String,
    /// Print the SHA-256 of the SubjectPublicKeyInfo instead
    #[arg(long)]
    pub(crate) spki: bool,
    /// Print JSON: what each key says about itself, with both
    #[arg(long, conflicts_with = "spki")]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) passphrase: PassphraseArg,
}

#[derive(Subcommand)]
pub(crate) enum Key {
    /// Write a key in another format: its public half, unless --private is given
    #[command(after_help = "\
Examples:
  jwe key convert key.pem --to jwk --alg ECDH-ES+A256KW --kid-thumbprint
  jwe key convert private.jwk --to pkcs8 --private -o private.pem
  jwe key convert private.jwk --to pkcs8 --private --out-passphrase-file phrase -o private.pem
  jwe key convert certificate.pem --to spki")]
    Convert(KeyConvert),
}

#[derive(Args)]
pub(crate) struct KeyConvert {
    /// The key: JWK, JWK set of one key, PEM, DER or certificate; standard input for -
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) key: String,
    /// The format
    #[arg(long, value_enum)]
    pub(crate) to: KeyFormatArg,
    /// DER instead of PEM, for spki, pkcs8, sec1 and pkcs1
    #[arg(long)]
    pub(crate) der: bool,
    /// Write the private key, to a file with mode 0600 that is not there yet
    #[arg(long)]
    pub(crate) private: bool,
    #[command(flatten)]
    pub(crate) label: LabelArgs,
    #[command(flatten)]
    pub(crate) passphrase: PassphraseArg,
    /// Encrypt the private key with the passphrase in the first line of this file, for pkcs8, pem
    /// and der; standard input for -
    #[arg(long, value_name = "FILE", requires = "private", value_hint = ValueHint::FilePath)]
    pub(crate) out_passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) backend: BackendArg,
    /// Write to a file, which appears only when it is whole
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

/// A format in which a key is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyFormatArg {
    /// JSON Web Key (RFC 7517)
    Jwk,
    /// PEM: of a public key spki, of a private one pkcs8
    Pem,
    /// DER: of a public key spki, of a private one pkcs8
    Der,
    /// SubjectPublicKeyInfo (RFC 5280 §4.1), "PUBLIC KEY"
    Spki,
    /// PKCS #8 (RFC 5208 §5), "PRIVATE KEY" or "ENCRYPTED PRIVATE KEY"
    Pkcs8,
    /// SEC 1 (RFC 5915 §3), "EC PRIVATE KEY"
    Sec1,
    /// PKCS #1 (RFC 8017 §A.1), "RSA PUBLIC KEY" or "RSA PRIVATE KEY"
    Pkcs1,
}
