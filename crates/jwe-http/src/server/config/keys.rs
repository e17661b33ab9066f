//! The private keys, and what they decrypt.

use std::path::PathBuf;

use jwe_core::Enc;
use serde::Deserialize;

use super::values::Seconds;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct KeysConfig {
    pub(in crate::server) directory: PathBuf,
    #[serde(default = "default_enc")]
    accept_enc: Vec<EncName>,
    /// How often the directory is looked at.
    #[serde(default = "default_poll")]
    pub(in crate::server) poll_seconds: Seconds,
}

/// An `enc` by its name in RFC 7518 §5.1.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct EncName(pub(super) Enc);

impl TryFrom<String> for EncName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        name.parse().map(Self).map_err(|_| {
            let all: Vec<String> = Enc::ALL.iter().map(ToString::to_string).collect();
            format!("{name:?} is not an enc: write one of {}", all.join(", "))
        })
    }
}

fn default_enc() -> Vec<EncName> {
    vec![EncName(Enc::A256Gcm)]
}

fn default_poll() -> Seconds {
    Seconds::new(1)
}

impl KeysConfig {
    pub(super) fn new(directory: PathBuf) -> Self {
        Self { directory, accept_enc: default_enc(), poll_seconds: default_poll() }
    }

    /// Which content encryption is accepted.
    pub(in crate::server) fn accepted_enc(&self) -> Vec<Enc> {
        self.accept_enc.iter().map(|name| name.0).collect()
    }
}
