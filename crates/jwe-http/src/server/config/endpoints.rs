//! The server's own endpoints beside the published keys.

use serde::Deserialize;

/// Who may read the metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::server) enum MetricsAccess {
    /// The callers of `[callers]`; everybody where there are none, which is on loopback only.
    #[default]
    Callers,
    /// Everybody.
    Everybody,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::server) struct EndpointsConfig {
    /// Where liveness is answered; an empty text leaves the path to the upstream.
    pub(in crate::server) health: String,
    /// Where the metrics are; an empty text leaves the path to the upstream.
    pub(in crate::server) metrics: String,
    pub(in crate::server) metrics_for: MetricsAccess,
}

impl Default for EndpointsConfig {
    fn default() -> Self {
        Self {
            health: "/healthz".to_owned(),
            metrics: "/metrics".to_owned(),
            metrics_for: MetricsAccess::default(),
        }
    }
}
