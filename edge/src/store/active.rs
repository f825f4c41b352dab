//! `active.json`: which bundle ran last, and which one before it.

use overhaul_bundle::{Alias, ModelName, Sha256Digest, VersionNumber};
use serde::{Deserialize, Serialize};

/// The file's name in the data directory.
pub(super) const FILE: &str = "active.json";

/// What ran last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Active {
    /// The registered model.
    pub name: ModelName,
    /// The alias that was followed.
    pub alias: Alias,
    /// The version.
    pub version: VersionNumber,
    /// Its bundle.
    pub bundle_sha256: Sha256Digest,
    /// False while it is on probation.
    #[serde(default = "yes")]
    pub proven: bool,
    /// How often the agent started with it on probation and ended within a minute.
    #[serde(default)]
    pub short_lives: u32,
    /// The version before it, which stays on disk.
    #[serde(default)]
    pub previous: Option<Previous>,
}

/// The version before the one that ran last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    /// The version.
    pub version: VersionNumber,
    /// Its bundle.
    pub bundle_sha256: Sha256Digest,
}

impl Active {
    /// The record after going back to the version before.
    #[must_use]
    pub fn fallen_back(&self, to: &Previous) -> Self {
        Self {
            version: to.version,
            bundle_sha256: to.bundle_sha256,
            proven: true,
            short_lives: 0,
            previous: None,
            ..self.clone()
        }
    }
}

// An agent that wrote no such field knew no probation.
fn yes() -> bool {
    true
}
