//! What is counted, as the text of `/metrics`. Nothing of it is process-wide.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// The media type of the text.
pub(super) const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The bounds of times, in seconds.
const BOUNDS: [f64; 12] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabels, Histogram, Durations>,
    refused: Family<CodeLabels, Counter>,
    upstream_failures: Family<CodeLabels, Counter>,
    pub(super) connections: Gauge,
    pub(super) in_flight: Gauge,
    pub(super) key_reloads: Counter,
    pub(super) key_reload_failures: Counter,
    /// When the keys were last loaded, in seconds since 1970.
    pub(super) keys_loaded: Gauge<u64, AtomicU64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CodeLabels {
    code: String,
}

#[derive(Clone, Debug)]
struct Durations;

impl MetricConstructor<Histogram> for Durations {
    fn new_metric(&self) -> Histogram {
        Histogram::new(BOUNDS)
    }
}

impl Metrics {
    pub(super) fn new() -> Self {
        let mut registry = Registry::with_prefix("jwe");
        let requests = Family::default();
        registry.register("requests", "Requests answered", requests.clone());
        let durations = Family::new_with_constructor(Durations);
        registry.register(
            "request_duration_seconds",
            "Time from the head of a request to the end of its answer",
            durations.clone(),
        );
        let refused = Family::default();
        registry.register(
            "refused",
            "Requests refused, by the code of the problem",
            refused.clone(),
        );
        let upstream_failures = Family::default();
        registry.register(
            "upstream_failures",
            "Requests that the upstream did not answer, by the code of the problem",
            upstream_failures.clone(),
        );
        let connections = Gauge::default();
        registry.register("connections", "Open connections", connections.clone());
        let in_flight = Gauge::default();
        registry.register("requests_in_flight", "Requests at work", in_flight.clone());
        let key_reloads = Counter::default();
        registry.register("key_reloads", "Changed keys taken over", key_reloads.clone());
        let key_reload_failures = Counter::default();
        registry.register(
            "key_reload_failures",
            "Looks at the key directory that found it broken",
            key_reload_failures.clone(),
        );
        let keys_loaded = Gauge::default();
        registry.register(
            "keys_loaded_timestamp_seconds",
            "When the keys in use were loaded",
            keys_loaded.clone(),
        );
        Self {
            registry,
            requests,
            durations,
            refused,
            upstream_failures,
            connections,
            in_flight,
            key_reloads,
            key_reload_failures,
            keys_loaded,
        }
    }

    /// One request has been answered. `route` is one of few: a template, or a name of its own.
    pub(super) fn answered(&self, route: &str, status: u16, time: Duration) {
        let route = route.to_owned();
        self.requests.get_or_create(&RequestLabels { route: route.clone(), status }).inc();
        self.durations.get_or_create(&RouteLabels { route }).observe(time.as_secs_f64());
    }

    /// One request has been refused.
    pub(super) fn refused(&self, code: &str) {
        self.refused.get_or_create(&CodeLabels { code: code.to_owned() }).inc();
    }

    /// The upstream has failed.
    pub(super) fn upstream_failed(&self, code: &str) {
        self.upstream_failures.get_or_create(&CodeLabels { code: code.to_owned() }).inc();
    }

    /// The text of all.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        // A string takes everything.
        let _ = text::encode(&mut text, &self.registry);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_what_was_counted() {
        let metrics = Metrics::new();
        metrics.answered("/users/{id}", 422, Duration::from_millis(3));
        metrics.answered("/users/{id}", 422, Duration::from_millis(3));
        metrics.refused("decryption_failed");
        metrics.key_reload_failures.inc();
        let text = metrics.text();
        for line in [
            "jwe_requests_total{route=\"/users/{id}\",status=\"422\"} 2",
            "jwe_request_duration_seconds_bucket{le=\"0.0025\",route=\"/users/{id}\"} 0",
            "jwe_request_duration_seconds_bucket{le=\"0.005\",route=\"/users/{id}\"} 2",
            "jwe_refused_total{code=\"decryption_failed\"} 1",
            "jwe_key_reload_failures_total 1",
            "jwe_connections 0",
            "# EOF",
        ] {
            assert!(text.lines().any(|one| one == line), "{line}\n{text}");
        }
        // Nothing of it is process-wide.
        assert!(!Metrics::new().text().contains("decryption_failed"));
    }
}
