//! The bodies of the registry's requests and answers, as both sides of the wire use them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use overhaul_bundle::{Alias, Metadata, ModelName, Sha256Digest, VersionNumber};
use serde::{Deserialize, Serialize};

mod access;
mod events;
mod reports;

pub use access::{AuditEntry, AuditPage, CreatedToken, NewToken, Role, TokenEntry, TokenList};
pub use events::{
    Activated, Alert, Cause, Coverage, Divergence, DropReason, Dropped, Event, FeatureQuantiles,
    FeatureStatistics, FellBack, Latency, PredictionSummary, Refused, RulQuantiles, Shadow, SinglePrediction,
    Started, Statistics, UnitDivergence, VersionId, Weight,
};
pub use reports::{
    GatewayEntry, GatewayPage, GatewayRefusal, Report, ReportBatch, ReportEntry, ReportPage, ReportsAccepted,
};

/// `GET /health`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Health {
    /// `ok`.
    pub status: String,
    /// The registry's release, such as `0.1.0`.
    pub version: String,
}

/// `GET /version`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Version {
    /// The registry's release, such as `0.1.0`.
    pub version: String,
    /// The release of `MLflow` whose protocol it speaks, such as `3.17.2`.
    pub mlflow: String,
}

/// A version number that was handed out and will never be handed out again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReservedVersion {
    /// The registered model.
    pub name: ModelName,
    /// The number.
    pub version: VersionNumber,
}

/// A registered model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegisteredModel {
    /// Its name.
    pub name: ModelName,
    /// When its first version number was asked for.
    pub created_at: Timestamp,
    /// The highest published version; `None` while none is published.
    pub latest_version: Option<VersionNumber>,
    /// Where each alias points.
    pub aliases: BTreeMap<Alias, VersionNumber>,
}

/// `GET /api/v1/models`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelList {
    /// All registered models, by name.
    pub models: Vec<RegisteredModel>,
}

/// A version as it was published; it never changes, only the aliases that point at it do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublishedVersion {
    /// The registered model.
    pub name: ModelName,
    /// The version's number.
    pub version: VersionNumber,
    /// The bundle's identity: the digest of its manifest's bytes.
    pub bundle_sha256: Sha256Digest,
    /// When the registry took it.
    pub published_at: Timestamp,
    /// The aliases that point at it now, in alphabetical order.
    pub aliases: Vec<Alias>,
    /// The bundle's `metadata.json`.
    pub metadata: Metadata,
}

/// `GET /api/v1/models/{name}/versions`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VersionList {
    /// All published versions, lowest number first.
    pub versions: Vec<PublishedVersion>,
}

/// What an alias points at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AliasTarget {
    /// The registered model.
    pub name: ModelName,
    /// The alias.
    pub alias: Alias,
    /// The version it points at.
    pub version: VersionNumber,
    /// That version's bundle: the digest of its manifest's bytes.
    pub bundle_sha256: Sha256Digest,
}

/// The body that moves an alias.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MoveAlias {
    /// The version to point at; it must be published.
    pub version: VersionNumber,
    /// Who moves it: 1 to 200 characters, none of them a control character.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200, example = "ann"))]
    pub actor: String,
    /// Why: at most 2000 characters.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 2000, example = "lowest RMSE on FD001"))]
    pub reason: Option<String>,
}

/// One move of an alias, recorded for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryEntry {
    /// The alias.
    pub alias: Alias,
    /// Where it pointed before; `None` when it was new.
    pub from: Option<VersionNumber>,
    /// Where it points since.
    pub to: VersionNumber,
    /// Who moved it.
    pub actor: String,
    /// Why, in the mover's words.
    pub reason: Option<String>,
    /// When, by the registry's clock.
    pub at: Timestamp,
}

/// `GET /api/v1/models/{name}/history`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct History {
    /// All moves of the model's aliases, newest first.
    pub history: Vec<HistoryEntry>,
}

/// The body of every answer that is an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorBody {
    /// `MLflow`'s code, such as `RESOURCE_DOES_NOT_EXIST`.
    #[cfg_attr(feature = "openapi", schema(example = "RESOURCE_DOES_NOT_EXIST"))]
    pub error_code: String,
    /// What was wrong, with the value and the mend.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "\"Pump 3\" has no alias \"production\"; there are: none")
    )]
    pub message: String,
}
