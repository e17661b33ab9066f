//! What a server does: one TOML file, or the same put together in a program.

mod callers;
mod endpoints;
mod error;
mod keys;
mod limits;
mod publisher;
mod route;
mod tls;
mod upstream;
mod values;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

pub use error::ConfigError;

pub(super) use callers::{CallersConfig, TokenHash};
pub(super) use endpoints::{EndpointsConfig, MetricsAccess};
pub(super) use keys::KeysConfig;
pub(super) use limits::LimitsConfig;
pub(super) use publisher::PublisherConfig;
pub(super) use route::RouteConfig;
pub(super) use tls::TlsConfig;
pub(super) use upstream::{ForwardedHeaders, HostHeader, UpstreamConfig, UpstreamUrl};

use crate::FieldRoutes;

/// The commented configuration that is shipped as the example: its routes are those of an API that
/// aggregates bank accounts.
pub const EXAMPLE: &str = include_str!("example.toml");

/// What the server does with the fields of the routes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Mode {
    /// Decrypts them and hands the request on to the upstream.
    #[default]
    Decrypt,
    /// Encrypts them with a key that is fetched and hands the request on to the upstream.
    Encrypt,
    /// Answers itself, and says of each value what is right or wrong with it.
    Sandbox,
}

/// The configuration of a server. Whatever can be wrong with it without a look at files, keys or the
/// network is found when it is read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    #[serde(default = "default_listen")]
    pub(crate) listen: SocketAddr,
    #[serde(default)]
    pub(super) mode: Mode,
    #[serde(default)]
    pub(super) plain_beyond_loopback: bool,
    pub(super) upstream: Option<UpstreamConfig>,
    pub(super) keys: Option<KeysConfig>,
    pub(super) publisher: Option<PublisherConfig>,
    #[serde(default)]
    pub(super) callers: CallersConfig,
    pub(super) tls: Option<TlsConfig>,
    #[serde(default)]
    pub(super) endpoints: EndpointsConfig,
    #[serde(default)]
    pub(super) limits: LimitsConfig,
    #[serde(default, rename = "route")]
    pub(super) routes: Vec<RouteConfig>,
}

fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

impl Config {
    /// Reads a configuration; [`EXAMPLE`] is one with all of its members explained.
    ///
    /// # Errors
    /// [`ConfigError`], with the line: no TOML, a member that is unknown, missing or out of its range, a
    /// route that is no path or that two requests could share, or members that don't fit together.
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        let config: Self =
            toml::from_str(text).map_err(|error| ConfigError::parse(text, &error))?;
        config.check(text)?;
        Ok(config)
    }

    /// A server on `127.0.0.1:8080` that decrypts with the keys of a directory, in front of `upstream`,
    /// with every other setting at its default. Its routes are added with
    /// [`with_route`](Self::with_route).
    ///
    /// # Errors
    /// [`ConfigError`]: not the URL of a server.
    pub fn decrypting(keys: impl Into<PathBuf>, upstream: &str) -> Result<Self, ConfigError> {
        Ok(Self {
            upstream: Some(UpstreamConfig::new(upstream)?),
            keys: Some(KeysConfig::new(keys.into())),
            ..Self::empty(Mode::Decrypt)
        })
    }

    /// A server on `127.0.0.1:8080` that encrypts with the key that is published at `key_url`, on the way
    /// to `upstream`.
    ///
    /// # Errors
    /// [`ConfigError`]: not the URL of a server.
    pub fn encrypting(key_url: &str, upstream: &str) -> Result<Self, ConfigError> {
        Ok(Self {
            upstream: Some(UpstreamConfig::new(upstream)?),
            publisher: Some(PublisherConfig::new(key_url)),
            ..Self::empty(Mode::Encrypt)
        })
    }

    /// A sandbox on `127.0.0.1:8080`, with a key of its own that ends with it. Without a route of its
    /// own it has those of the [example](super::EXAMPLE).
    #[must_use]
    pub fn sandbox() -> Self {
        Self::empty(Mode::Sandbox)
    }

    fn empty(mode: Mode) -> Self {
        Self {
            listen: default_listen(),
            mode,
            plain_beyond_loopback: false,
            upstream: None,
            keys: None,
            publisher: None,
            callers: CallersConfig::default(),
            tls: None,
            endpoints: EndpointsConfig::default(),
            limits: LimitsConfig::default(),
            routes: Vec::new(),
        }
    }

    /// The same with one more route: `methods_and_path` as in `PUT|POST /users/{id}/transfers/{tid}`, and
    /// the JSON Pointers or JSONPaths of its fields.
    ///
    /// # Errors
    /// [`ConfigError`]: not so written, or a route that is there already.
    pub fn with_route<'a>(
        mut self,
        methods_and_path: &str,
        fields: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, ConfigError> {
        self.routes.push(RouteConfig::new(methods_and_path, fields)?);
        self.field_routes("")?;
        Ok(self)
    }

    /// The same at another address; port 0 is one that is free.
    #[must_use]
    pub fn with_listen(mut self, listen: SocketAddr) -> Self {
        self.listen = listen;
        self
    }

    /// The same, with leave to listen beyond loopback without TLS: where something else in front of it
    /// sees to that.
    #[must_use]
    pub fn plain_beyond_loopback(mut self) -> Self {
        self.plain_beyond_loopback = true;
        self
    }

    /// The same with the files that it names looked for in `folder`, unless they are absolute.
    #[must_use]
    pub fn relative_to(mut self, folder: &Path) -> Self {
        let place = |path: &mut PathBuf| *path = folder.join(&*path);
        self.keys.iter_mut().for_each(|keys| place(&mut keys.directory));
        self.upstream.iter_mut().filter_map(|upstream| upstream.ca_file.as_mut()).for_each(place);
        self.publisher.iter_mut().filter_map(|key| key.ca_file.as_mut()).for_each(place);
        if let Some(tls) = &mut self.tls {
            place(&mut tls.certificate);
            place(&mut tls.key);
            tls.client_authorities.iter_mut().for_each(place);
        }
        self
    }

    /// What it does.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether it has routes: without one, a proxy has nothing to do.
    #[must_use]
    pub fn has_routes(&self) -> bool {
        !self.routes.is_empty()
    }

    /// The routes, ready to be matched. `text` is what they were read from, for the lines of errors.
    pub(super) fn field_routes(&self, text: &str) -> Result<FieldRoutes, ConfigError> {
        let mut routes = FieldRoutes::new();
        for route in &self.routes {
            routes = route.add_to(routes, text)?;
        }
        Ok(routes)
    }

    /// Whether members fit together.
    fn check(&self, text: &str) -> Result<(), ConfigError> {
        let needs = |there: bool, what: &'static str| {
            if there { Ok(()) } else { Err(ConfigError::new(what)) }
        };
        match self.mode {
            Mode::Decrypt => {
                needs(self.upstream.is_some(), "mode \"decrypt\" needs [upstream] with its url")?;
                needs(self.keys.is_some(), "mode \"decrypt\" needs [keys] with their directory")?;
                needs(
                    self.publisher.is_none(),
                    "[publisher] is for mode \"encrypt\": remove it, or set the mode",
                )?;
            }
            Mode::Encrypt => {
                needs(self.upstream.is_some(), "mode \"encrypt\" needs [upstream] with its url")?;
                needs(
                    self.publisher.is_some(),
                    "mode \"encrypt\" needs [publisher] with its key_url",
                )?;
                needs(
                    self.keys.is_none(),
                    "[keys] is for decryption: remove it, or set mode = \"decrypt\"",
                )?;
            }
            Mode::Sandbox => {
                needs(
                    self.keys.is_none(),
                    "[keys] is for mode \"decrypt\": a sandbox makes a key of its own, as it tells what no recipient may",
                )?;
                needs(
                    self.upstream.is_none(),
                    "[upstream] is for the other modes: a sandbox answers by itself",
                )?;
                needs(
                    self.publisher.is_none(),
                    "[publisher] is for mode \"encrypt\": remove it, or set the mode",
                )?;
            }
        }
        needs(
            self.mode == Mode::Sandbox || self.has_routes(),
            "there is no [[route]], so that nothing would be decrypted or encrypted: add one",
        )?;
        needs(
            !self.callers.certificates
                || self.tls.as_ref().is_some_and(|tls| tls.client_authorities.is_some()),
            "callers.certificates needs [tls] with client_authorities, which issue the callers' certificates",
        )?;
        self.limits.check()?;
        self.field_routes(text).map(drop)
    }

    /// Whether the address is one that may be listened at as the configuration is.
    pub(crate) fn check_exposure(&self) -> Result<(), ConfigError> {
        if self.listen.ip().is_loopback() {
            return Ok(());
        }
        if self.tls.is_none() && !self.plain_beyond_loopback {
            return Err(ConfigError::with_code(
                "serve_plain_beyond_loopback",
                format!(
                    "{} can be reached from other machines, and without TLS whatever is between reads along: add \
                     [tls], listen at 127.0.0.1, or set plain_beyond_loopback = true where something in front \
                     sees to TLS",
                    self.listen
                ),
            ));
        }
        if !self.callers.any() {
            return Err(ConfigError::with_code(
                "serve_without_callers",
                format!(
                    "{} can be reached from other machines, and whoever may send anything can have it decrypted: \
                     add [callers] with tokens or certificates, or listen at 127.0.0.1",
                    self.listen
                ),
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
