//! How the readings since the last report compare with the training's, by feature.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::sync::atomic::AtomicU64;

use crate::agent::Agent;

type Shares = Family<Feature, Gauge<f64, AtomicU64>>;

pub(super) struct Features {
    stability: Shares,
    mean: Shares,
    missing: Shares,
    wild: Shares,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Feature {
    feature: String,
}

impl Features {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let mut family = |name: &str, help: &str| {
            let family = Shares::default();
            registry.register(name, help, family.clone());
            family
        };
        Self {
            stability: family(
                "feature_stability_index",
                "Population stability index against the training's values, since the last report",
            ),
            mean: family(
                "feature_mean",
                "Mean of the values since the last report, in the feature's own unit",
            ),
            missing: family(
                "feature_missing_ratio",
                "Share of readings that lacked the value, since the last report",
            ),
            wild: family(
                "feature_wild_ratio",
                "Share of readings whose value lay far outside of the training's, since the last report",
            ),
        }
    }

    /// Takes over what there is to be told now.
    pub(super) fn set(&self, agent: &Agent) {
        let families = [&self.stability, &self.mean, &self.missing, &self.wild];
        for family in families {
            family.clear();
        }
        let statistics = agent.active().and_then(|model| agent.drift().statistics(&model, None));
        for found in statistics.into_iter().flat_map(|statistics| statistics.features) {
            let label = Feature { feature: found.name };
            let values = [found.psi, found.mean, Some(found.imputed), Some(found.wild)];
            for (family, value) in families.into_iter().zip(values) {
                if let Some(value) = value {
                    family.get_or_create(&label).set(value);
                }
            }
        }
    }
}
