//! Who publishes the key that is encrypted with.

use core::fmt;
use std::path::PathBuf;

use jwe_core::{Alg, Enc};
use serde::Deserialize;

use super::keys::EncName;

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct PublisherConfig {
    pub(in crate::server) key_url: String,
    #[serde(default = "default_alg")]
    alg: AlgName,
    #[serde(default = "default_enc")]
    enc: EncName,
    /// Certificates in PEM that are trusted instead of the public authorities.
    pub(in crate::server) ca_file: Option<PathBuf>,
}

/// Without the URL, in which a secret may be.
impl fmt::Debug for PublisherConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublisherConfig")
            .field("alg", &self.alg.0)
            .field("enc", &self.enc.0)
            .field("ca_file", &self.ca_file)
            .finish_non_exhaustive()
    }
}

/// An `alg` by its name in RFC 7518 §4.1.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
struct AlgName(Alg);

impl TryFrom<String> for AlgName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        name.parse().map(Self).map_err(|_| {
            let all: Vec<String> = Alg::ALL.iter().map(ToString::to_string).collect();
            format!("{name:?} is not an alg: write one of {}", all.join(", "))
        })
    }
}

fn default_alg() -> AlgName {
    AlgName(Alg::RsaOaep256)
}

fn default_enc() -> EncName {
    EncName(Enc::A256Gcm)
}

impl PublisherConfig {
    pub(super) fn new(key_url: &str) -> Self {
        Self { key_url: key_url.to_owned(), alg: default_alg(), enc: default_enc(), ca_file: None }
    }

    pub(in crate::server) fn alg(&self) -> Alg {
        self.alg.0
    }

    pub(in crate::server) fn enc(&self) -> Enc {
        self.enc.0
    }
}
