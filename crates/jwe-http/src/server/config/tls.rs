//! TLS of the server.

use std::path::PathBuf;

use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct TlsConfig {
    /// The server's certificate and those between it and an authority, in PEM.
    pub(in crate::server) certificate: PathBuf,
    /// Its private key, in PEM.
    pub(in crate::server) key: PathBuf,
    /// The authorities of callers' certificates, in PEM.
    pub(in crate::server) client_authorities: Option<PathBuf>,
}
