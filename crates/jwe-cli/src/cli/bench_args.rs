//! The command `bench`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};
use jwe::{Alg, Curve, Enc};

use super::key_args::PassphraseArg;
use super::values;

#[derive(Args)]
pub(crate) struct Bench {
    /// The key management algorithm; without it, that of --key, or RSA-OAEP-256
    #[arg(long, value_name = "ALG", value_parser = values::alg)]
    pub(crate) alg: Option<Alg>,
    /// The content encryption algorithm
    #[arg(long, value_name = "ENC", value_parser = values::enc, default_value_t = Enc::A256Gcm)]
    pub(crate) enc: Enc,
    /// The lengths of the RSA keys that are made, with commas between them; 2048,3072,4096 without it
    #[arg(long, value_name = "BITS,…", value_delimiter = ',')]
    pub(crate) bits: Vec<usize>,
    /// The curves of the keys that are made for ECDH-ES, with commas between them; P-256 without it
    #[arg(long, value_name = "CURVE,…", value_delimiter = ',', value_parser = values::curve)]
    pub(crate) crv: Vec<Curve>,
    /// The lengths of the plaintexts in bytes, with commas between them
    #[arg(long, value_name = "BYTES,…", value_delimiter = ',', value_parser = size, default_value = "16,1024,65536")]
    pub(crate) size: Vec<usize>,
    /// The crypto libraries, with commas between them; ratios are to the first. Without it, all that
    /// are built in
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub(crate) backend: Vec<String>,
    /// A private key to measure with instead of new ones: a file (JWK, PEM, DER); can be given several
    /// times
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["bits", "crv"])]
    pub(crate) key: Vec<String>,
    #[command(flatten)]
    pub(crate) passphrase: PassphraseArg,
    /// About how many seconds to measure, all together; making the keys comes on top
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "30")]
    pub(crate) seconds: Duration,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Print Markdown tables
    #[arg(long, conflicts_with = "json")]
    pub(crate) markdown: bool,
    /// Draw a chart to a file, which appears only when it is whole
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) svg: Option<PathBuf>,
}

/// The longest plaintext that is measured, in bytes.
const MAX_SIZE: usize = 64 * 1024 * 1024;
/// The longest run, in seconds.
const MAX_SECONDS: f64 = 86_400.0;

fn size(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(size) if size <= MAX_SIZE => Ok(size),
        _ => Err(format!("a number of bytes up to {MAX_SIZE}")),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| (0.0..=MAX_SECONDS).contains(seconds));
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|time| !time.is_zero())
        .ok_or_else(|| format!("a number of seconds, more than 0 and up to {MAX_SECONDS}"))
}
