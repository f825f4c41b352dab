//! What Prometheus is told.
//!
//! | module | holds |
//! | --- | --- |
//! | `broker` | messages by connection and outcome |
//! | `features` | how readings compare with the training's |
//! | `requests` | requests by route, method and status, counted and timed |
//! | `shadow` | how a candidate compares with the version that answers |
//!
//! Labels have few values: routes are templates, versions are those that ran since the start.

mod broker;
mod features;
mod requests;
mod shadow;

use std::fmt;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use overhaul_bundle::VersionNumber;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::agent::Agent;
pub(crate) use requests::measure;

/// Bounds of a prediction's duration, in seconds.
const SECONDS: [f64; 12] = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.2, 1.0, 5.0];

/// The agent's metrics. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    requests: requests::Requests,
    mqtt: broker::Messages,
    predictions: Family<Predicted, Counter>,
    duration: Family<Version, Histogram, fn() -> Histogram>,
    version: Gauge,
    waiting: Gauge,
    failures: Gauge,
    refused: Gauge,
    reachable: Gauge,
    memory: Gauge,
    features: features::Features,
    shadow: shadow::Shadowed,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Version {
    version: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Predicted {
    version: u32,
    outcome: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::default();
        let requests = requests::Requests::register(registry.sub_registry_with_prefix("overhaul_edge_http"));
        let mqtt = broker::Messages::register(registry.sub_registry_with_prefix("overhaul_edge_mqtt"));
        let own = registry.sub_registry_with_prefix("overhaul_edge");
        own.register(
            "build",
            "The release of this agent",
            Info::new([("version", env!("CARGO_PKG_VERSION"))]),
        );
        let predictions = Family::default();
        own.register(
            "predictions",
            "Windows that a version predicted or failed; version 0 is a bundle without a number",
            predictions.clone(),
        );
        let duration: Family<Version, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(SECONDS));
        own.register_with_unit(
            "prediction_duration",
            "From a question to its answer, waiting included",
            Unit::Seconds,
            duration.clone(),
        );
        let mut gauge = |name: &str, help: &str| {
            let gauge = Gauge::default();
            own.register(name, help, gauge.clone());
            gauge
        };
        let version = gauge("model_version", "The version that answers; 0 without one");
        let waiting =
            gauge("probation_predictions_left", "Predictions until a new version has proven itself");
        let failures = gauge("probation_failures", "Predictions that a version on probation failed");
        let refused = gauge("refused_versions", "Versions that this gateway took back");
        let reachable = gauge("registry_reachable", "1 if the registry answered the last question");
        let memory = gauge("resident_memory_bytes", "Memory of this process");
        let features = features::Features::register(own);
        let shadow = shadow::Shadowed::register(own);
        Self(Arc::new(Inner {
            registry,
            requests,
            mqtt,
            predictions,
            duration,
            version,
            waiting,
            failures,
            refused,
            reachable,
            memory,
            features,
            shadow,
        }))
    }
}

impl Metrics {
    /// Windows were asked of a version.
    pub(crate) fn predicted(
        &self,
        version: Option<VersionNumber>,
        windows: u64,
        took: Duration,
        failed: bool,
    ) {
        let version = number(version);
        let outcome = if failed { "failed" } else { "predicted" };
        self.0.predictions.get_or_create(&Predicted { version, outcome }).inc_by(windows);
        self.0.duration.get_or_create(&Version { version }).observe(took.as_secs_f64());
    }

    /// A connection to a broker is there, or is not.
    pub(crate) fn mqtt_connected(&self, link: &'static str, is_connected: bool) {
        self.0.mqtt.connected(link, is_connected);
    }

    /// Messages came or went over a connection to a broker.
    pub(crate) fn mqtt_messages(&self, link: &'static str, outcome: &'static str, messages: u64) {
        self.0.mqtt.count(link, outcome, messages);
    }

    /// All metrics as OpenMetrics text.
    pub(crate) fn text(&self, agent: &Agent) -> Result<String, fmt::Error> {
        let inner = &self.0;
        let version = agent.active().and_then(|model| model.metadata().version);
        inner.version.set(i64::from(number(version)));
        let probation = agent.probation().unwrap_or_default();
        inner.waiting.set(probation.of.saturating_sub(probation.predictions) as i64);
        inner.failures.set(probation.failures as i64);
        inner.refused.set(agent.refusals().list().len() as i64);
        let registry = agent.status().registry;
        inner.reachable.set(i64::from(registry.is_some_and(|registry| registry.reachable == Some(true))));
        inner.memory.set(resident_memory());
        inner.features.set(agent);
        inner.shadow.set(agent);
        let mut text = String::new();
        encode(&mut text, &inner.registry)?;
        Ok(text)
    }
}

fn number(version: Option<VersionNumber>) -> u32 {
    version.map_or(0, VersionNumber::get)
}

/// Bytes of memory (the manual page `proc_pid_statm(5)`); 0 if the system does not say.
fn resident_memory() -> i64 {
    let statm = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: Option<i64> = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    pages.unwrap_or(0) * rustix::param::page_size() as i64
}
