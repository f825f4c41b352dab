//! How a candidate compares with the version that answers, since the last report.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::agent::Agent;

type Number = Family<Candidate, Gauge<f64, AtomicU64>>;

pub(super) struct Shadowed {
    windows: Number,
    failures: Number,
    skipped: Number,
    mean: Number,
    p99: Number,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Candidate {
    version: u32,
}

impl Shadowed {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let mut family = |name: &str, help: &str| {
            let family = Number::default();
            registry.register(name, help, family.clone());
            family
        };
        Self {
            windows: family("shadow_windows", "Windows that the candidate predicted, since the last report"),
            failures: family("shadow_failures", "Windows that it failed, since the last report"),
            skipped: family("shadow_skipped", "Windows that it left out to stay within its budget"),
            mean: family("shadow_divergence_mean_cycles", "Mean distance of its RUL from what was answered"),
            p99: family("shadow_divergence_p99_cycles", "99 of 100 distances are not above it"),
        }
    }

    /// Takes over what there is to be told now.
    pub(super) fn set(&self, agent: &Agent) {
        let families = [&self.windows, &self.failures, &self.skipped, &self.mean, &self.p99];
        for family in families {
            family.clear();
        }
        let Some(found) = agent.shadow().and_then(|shadow| shadow.found()) else { return };
        let label = Candidate { version: super::number(found.candidate.version) };
        let counts = [found.windows, found.failures, found.skipped].map(|count| Some(count as f64));
        let distances = [found.divergence.map(|found| found.mean), found.divergence.map(|found| found.p99)];
        for (family, value) in families.into_iter().zip(counts.into_iter().chain(distances)) {
            if let Some(value) = value {
                family.get_or_create(&label).set(value);
            }
        }
    }
}
