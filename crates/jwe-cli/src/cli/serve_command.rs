//! The command `serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::key_args::BackendArg;

#[derive(Args)]
pub(crate) struct Serve {
    /// The configuration; --print-example prints one
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["keys", "upstream", "routes", "fields", "mode", "key_url", "sandbox"])]
    pub(crate) config: Option<PathBuf>,
    /// Print a configuration with every member explained, and end
    #[arg(long, exclusive = true)]
    pub(crate) print_example: bool,
    /// The service that gets the requests, such as http://127.0.0.1:3000
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) upstream: Option<String>,
    /// The directory of the private keys, as `jwe keys init` makes one
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub(crate) keys: Option<PathBuf>,
    /// A route: methods and a path, such as 'PUT|POST /users/{id}/transfers/{tid}'
    #[arg(long = "route", value_name = "ROUTE", requires = "fields")]
    pub(crate) routes: Vec<String>,
    /// A field of these routes: a JSON Pointer (RFC 6901) or a JSONPath (RFC 9535)
    #[arg(long = "field", value_name = "PATH", requires = "routes")]
    pub(crate) fields: Vec<String>,
    /// What happens to the fields on their way
    #[arg(long, value_name = "MODE", default_value = "decrypt")]
    pub(crate) mode: ModeArg,
    /// Where the key to encrypt with is published
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url, required_if_eq("mode", "encrypt"))]
    pub(crate) key_url: Option<String>,
    /// Answer as the API would, without one, and tell what is right or wrong with each value; its key is made for it and ends with it
    #[arg(long, conflicts_with_all = ["upstream", "mode", "key_url", "keys"])]
    pub(crate) sandbox: bool,
    /// Where to listen, such as 127.0.0.1:8080; port 0 is one that is free
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// Listen beyond loopback without TLS, where something in front sees to that
    #[arg(long)]
    pub(crate) plain_beyond_loopback: bool,
    /// How much is logged: error, warn, info (with a line for each request) or debug
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub(crate) log: LogLevelArg,
    /// How a line of the log looks
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormatArg,
    #[command(flatten)]
    pub(crate) backend: BackendArg,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModeArg {
    /// Decrypted with --keys
    Decrypt,
    /// Encrypted with the key at --key-url
    Encrypt,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogLevelArg {
    Error,
    Warn,
    Info,
    Debug,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormatArg {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}
