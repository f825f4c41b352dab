//! What is known beside the version that answers.

use jiff::Timestamp;
use overhaul_bundle::{Sha256Digest, VersionNumber};
use serde::{Deserialize, Serialize};

use crate::mqtt;

/// What is known beside the active model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Status {
    /// The registry, if one is followed.
    pub registry: Option<RegistryStatus>,
    /// The version that was refused last, until another one is activated.
    pub refused: Option<Refusal>,
    /// MQTT, if it is spoken.
    pub mqtt: Option<mqtt::Status>,
}

/// How it stands with the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RegistryStatus {
    /// Its URL.
    pub url: String,
    /// Whether the last question was answered; `None` before the first.
    pub reachable: Option<bool>,
    /// When it last answered.
    pub last_answer: Option<Timestamp>,
    /// What went wrong with the last question, if anything did.
    pub error: Option<String>,
}

/// A version that does not run here, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Refusal {
    /// Its number.
    pub version: Option<VersionNumber>,
    /// Its bundle.
    pub bundle_sha256: Sha256Digest,
    /// Why, in one line.
    pub reason: String,
    /// When it was tried last.
    pub at: Timestamp,
}
