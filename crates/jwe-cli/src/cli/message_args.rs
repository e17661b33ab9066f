//! How messages are written, and which of them are accepted.

use clap::Args;
use jwe::{Decrypter, Enc, Limits};

use super::values;

/// The `p2c` up to which `--allow-pbes2` alone allows passwords.
const MAX_P2C: &str = "1000000";

/// Which library does the content.
#[derive(Args)]
pub(crate) struct ContentBackendArg {
    /// The crypto library of the content encryption, if not that of the key: for large values one
    /// may be faster with keys, and another with content
    #[arg(id = "content_backend", long = "content-backend", value_name = "NAME")]
    pub(crate) name: Option<String>,
}

/// How a message is written.
#[derive(Args)]
pub(crate) struct WriteArgs {
    #[command(flatten)]
    pub(crate) content_backend: ContentBackendArg,
    /// The content encryption algorithm
    #[arg(long, value_name = "ENC", value_parser = values::enc, default_value = "A256GCM")]
    pub(crate) enc: Enc,
    /// Compress before encrypting (RFC 7516 §4.1.3): the length then tells something of the content
    #[arg(long)]
    pub(crate) zip: bool,
    /// Who sends, for ECDH-ES (RFC 7518 §4.6.1.2)
    #[arg(long, value_name = "TEXT")]
    pub(crate) apu: Option<String>,
    /// Who receives, for ECDH-ES (RFC 7518 §4.6.1.3)
    #[arg(long, value_name = "TEXT")]
    pub(crate) apv: Option<String>,
    /// The iterations of a password's key (RFC 7518 §4.8.1.2), at least 1000; 600000 without it
    #[arg(long, value_name = "N")]
    pub(crate) p2c: Option<u32>,
}

/// Which messages are accepted.
#[derive(Args)]
pub(crate) struct AcceptArgs {
    #[command(flatten)]
    pub(crate) content_backend: ContentBackendArg,
    /// The content encryption algorithms that are accepted, with commas between them
    #[arg(long, value_name = "ENC,…", value_parser = values::enc, value_delimiter = ',', default_value = "A256GCM")]
    pub(crate) enc: Vec<Enc>,
    /// Refuse tokens that name no key, even if there is just one
    #[arg(long, conflicts_with = "ignore_kid")]
    pub(crate) require_kid: bool,
    /// Don't look at the key that tokens name, if there is just one
    #[arg(long)]
    pub(crate) ignore_kid: bool,
    /// Try every key that a token may be for, where keys have no id or share one
    #[arg(long)]
    pub(crate) try_keys: bool,
    /// Accept tokens for a password, of at most so many iterations; 1000000 without a number
    #[arg(
        long,
        value_name = "MAX_P2C",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = MAX_P2C
    )]
    pub(crate) allow_pbes2: Option<u32>,
    /// Accept compressed content (RFC 7516 §4.1.3)
    #[arg(long)]
    pub(crate) zip: bool,
    /// The longest content after decompression, in bytes; a longer one can't be decrypted
    #[arg(long, value_name = "BYTES", requires = "zip", default_value_t = Decrypter::DEFAULT_MAX_INFLATED)]
    pub(crate) limit_inflated: usize,
    /// Accept tokens whose crit names this header member: you see to what it means (RFC 7516
    /// §4.1.13); can be given several times
    #[arg(long, value_name = "NAME")]
    pub(crate) understand: Vec<String>,
    /// The longest token, in characters
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().max_token_len)]
    pub(crate) limit_token: usize,
    /// The longest protected header, in bytes of its JSON text, at most 8192
    #[arg(long, value_name = "BYTES", default_value_t = Limits::MAX_HEADER_LEN)]
    pub(crate) limit_header: usize,
}

#[derive(Args)]
pub(crate) struct RecipientsArg {
    /// The most recipients of a message in the general serialization
    #[arg(long, value_name = "N", default_value_t = Limits::default().max_recipients)]
    pub(crate) limit_recipients: usize,
}
