//! `jwe serve`: a server that decrypts fields in front of a service, encrypts them on the way to one, or
//! is a sandbox.

mod log;
mod signals;

use std::path::Path;

use jwe_http::server::{Config, ConfigError, EXAMPLE, Mode, Server, ServerCrypto, ServerError};

use crate::cli::{ModeArg, Serve};
use crate::failure::Failure;
use crate::input::{self, Limit};
use crate::output::{self, Secrecy};
use crate::{fetch, keys};

/// The longest configuration in bytes.
const MAX_CONFIG_LEN: usize = 1024 * 1024;

pub(crate) fn run(args: &Serve) -> Result<(), Failure> {
    if args.print_example {
        return output::write(None, EXAMPLE.as_bytes(), Secrecy::Public);
    }
    let config = config(args)?;
    let backend = keys::backend(args.backend.name.as_deref())?;
    let crypto = ServerCrypto::new(backend, fetch::provider_of(backend));
    let failed = |error: std::io::Error| {
        Failure::new("serve_runtime", format!("the system refuses threads: {error}"))
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(failed)?;
    log::start(args.log, args.log_format)?;
    let outcome = runtime.block_on(serve(config, crypto));
    // A thread that still works for a request that was cut off is not waited for.
    runtime.shutdown_background();
    outcome
}

async fn serve(config: Config, crypto: ServerCrypto) -> Result<(), Failure> {
    if config.mode() == Mode::Sandbox {
        tracing::warn!(
            "a sandbox tells its clients what is wrong with a value: no real secret may be sent to it"
        );
    }
    // Signals that come from now on are not lost.
    let signals = signals::Signals::listen()
        .map_err(|error| Failure::new("signals", format!("signals can't be handled: {error}")))?;
    let server = Server::bind(config, crypto).await?;
    let url = server.url()?;
    output::write(None, format!("{url}\n").as_bytes(), Secrecy::Public)?;
    tracing::info!(%url, "listening");
    Ok(server.run(signals.first()).await?)
}

fn config(args: &Serve) -> Result<Config, Failure> {
    let config = match &args.config {
        Some(path) => {
            let about = |failure: Failure| failure.about(&path.display().to_string());
            let limit = Limit::of_keys(MAX_CONFIG_LEN);
            let text = input::read(Some(path), limit).map_err(about)?;
            let text = std::str::from_utf8(&text)
                .map_err(|_| about(Failure::new("config", "is no text: name a TOML file")))?;
            let config = Config::from_toml(text).map_err(|error| about(error.into()))?;
            config.relative_to(path.parent().unwrap_or(Path::new("")))
        }
        None => shorthand(args)?,
    };
    let config = match args.listen {
        Some(listen) => config.with_listen(listen),
        None => config,
    };
    Ok(if args.plain_beyond_loopback { config.plain_beyond_loopback() } else { config })
}

fn shorthand(args: &Serve) -> Result<Config, Failure> {
    let needs = |what: &str| {
        Failure::usage(format!("without --config, {what}; --print-example prints a configuration"))
    };
    let mut config = if args.sandbox {
        Config::sandbox()
    } else {
        let upstream = args.upstream.as_ref().ok_or_else(|| needs("there has to be --upstream"))?;
        match (args.mode, &args.keys, &args.key_url) {
            (ModeArg::Decrypt, Some(keys), None) => Config::decrypting(keys, upstream)?,
            (ModeArg::Encrypt, None, Some(key_url)) => Config::encrypting(key_url, upstream)?,
            (ModeArg::Decrypt, ..) => {
                return Err(needs("decryption needs --keys, and no --key-url"));
            }
            (ModeArg::Encrypt, ..) => {
                return Err(needs("encryption needs --key-url, and no --keys"));
            }
        }
    };
    for route in &args.routes {
        config = config.with_route(route, args.fields.iter().map(String::as_str))?;
    }
    if !args.sandbox && !config.has_routes() {
        return Err(needs("there has to be --route with --field"));
    }
    Ok(config)
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<ServerError> for Failure {
    fn from(error: ServerError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}
