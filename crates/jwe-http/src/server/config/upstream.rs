//! Where requests go.

use std::path::PathBuf;

use http::Uri;
use http::uri::{Authority, Scheme};
use serde::Deserialize;

use super::error::ConfigError;
use super::values::Seconds;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct UpstreamConfig {
    pub(in crate::server) url: UpstreamUrl,
    /// Certificates in PEM that are trusted instead of the public authorities.
    pub(in crate::server) ca_file: Option<PathBuf>,
    /// What `Host` says; by default `keep` in front of a service, and `upstream` on the way to one.
    pub(in crate::server) host: Option<HostHeader>,
    /// What the upstream is told about the client; by default `replace` in front of a service, and
    /// `remove` on the way to one.
    pub(in crate::server) forwarded: Option<ForwardedHeaders>,
    #[serde(default = "default_connect")]
    pub(in crate::server) connect_seconds: Seconds,
    #[serde(default = "default_response")]
    pub(in crate::server) response_seconds: Seconds,
}

fn default_connect() -> Seconds {
    Seconds::new(5)
}

fn default_response() -> Seconds {
    Seconds::new(60)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::server) enum HostHeader {
    /// What the client sent.
    Keep,
    /// The upstream's host and port.
    Upstream,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::server) enum ForwardedHeaders {
    /// The client's address, host and scheme, as they are seen here; what came is dropped.
    Replace,
    /// The client's address is appended to what came, which is believed.
    Append,
    /// None.
    Remove,
}

impl UpstreamConfig {
    pub(super) fn new(url: &str) -> Result<Self, ConfigError> {
        Ok(Self {
            url: UpstreamUrl::try_from(url.to_owned()).map_err(ConfigError::new)?,
            ca_file: None,
            host: None,
            forwarded: None,
            connect_seconds: default_connect(),
            response_seconds: default_response(),
        })
    }
}

/// `http://` or `https://` with a host, and nothing behind it: paths are kept as they come.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(in crate::server) struct UpstreamUrl {
    pub(in crate::server) scheme: Scheme,
    pub(in crate::server) authority: Authority,
}

impl TryFrom<String> for UpstreamUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || {
            // It is not repeated: a password may be in it.
            "the upstream's url is not http:// or https:// with a host and perhaps a port, such as \
             http://127.0.0.1:3000, without user name, path and query"
                .to_owned()
        };
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let parts = uri.into_parts();
        let bare = parts.path_and_query.is_none_or(|path| path == "/");
        match (parts.scheme, parts.authority) {
            (Some(scheme), Some(authority))
                if bare
                    && (scheme == Scheme::HTTP || scheme == Scheme::HTTPS)
                    && !authority.as_str().contains('@')
                    && !authority.host().is_empty() =>
            {
                Ok(Self { scheme, authority })
            }
            _ => Err(wrong()),
        }
    }
}
