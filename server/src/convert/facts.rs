//! What the registry knows of a version that is to become a bundle.

use std::collections::BTreeMap;

use jiff::Timestamp;
use overhaul_bundle::manifest::ComponentEntry;
use overhaul_bundle::{ModelName, VersionNumber};
use serde::{Deserialize, Serialize};

/// What the registry knows of a version that is to become a bundle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The registered model.
    pub name: ModelName,
    /// The version's number.
    pub version: VersionNumber,
    /// When the version was made.
    pub at: Timestamp,
    /// The last values of the run's metrics, those that are finite.
    pub metrics: BTreeMap<String, f64>,
    /// The run's parameters.
    pub params: BTreeMap<String, String>,
    /// The component that gateways run it with.
    pub component: ComponentEntry,
}

impl Facts {
    /// The first of some metrics that was logged.
    pub fn metric(&self, names: &[&str]) -> Option<f64> {
        names.iter().find_map(|&name| self.metrics.get(name).copied())
    }

    /// The first of some parameters that was logged and reads as what is asked for.
    pub fn param<T: std::str::FromStr>(&self, names: &[&str]) -> Option<T> {
        names.iter().find_map(|&name| self.params.get(name)?.parse().ok())
    }
}
