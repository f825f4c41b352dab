//! `GET /health`: what runs, how it stands with the registry, what was refused.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use overhaul_bundle::{ModelName, Sha256Digest, VersionNumber};
use serde::Serialize;
use utoipa::ToSchema;

use crate::agent::{Agent, Probation, Status};
use crate::reports::ReportsStatus;

/// How the agent is.
#[derive(Serialize, ToSchema)]
pub(super) struct Health {
    /// `ok`, or `waiting` while there is no version to predict with.
    status: &'static str,
    /// The agent's release.
    version: &'static str,
    /// The version that answers.
    model: Option<ActiveModel>,
    /// How the first predictions of a new version go, until it has proven itself.
    probation: Option<Probation>,
    /// What waits to be reported to the registry; `null` where nothing is reported.
    reports: Option<ReportsStatus>,
    #[serde(flatten)]
    rest: Status,
}

/// The version that answers.
#[derive(Serialize, ToSchema)]
struct ActiveModel {
    /// The registered model.
    name: ModelName,
    /// Its number; `null` for a bundle that was never published.
    version: Option<VersionNumber>,
    /// Its architecture, such as `GRU`.
    model_type: String,
    /// Its bundle.
    bundle_sha256: Sha256Digest,
}

/// Says how the agent is; always with status 200, because it lives.
#[utoipa::path(
    get,
    path = "/health",
    operation_id = "get_health",
    tag = "agent",
    responses((status = 200, description = "What runs, how it stands with the registry, what was refused.", body = Health)),
)]
pub(super) async fn health(State(agent): State<Arc<Agent>>) -> Json<Health> {
    let model = agent.active().map(|active| ActiveModel {
        name: active.metadata().name.clone(),
        version: active.metadata().version,
        model_type: active.metadata().model_type.clone(),
        bundle_sha256: active.digest(),
    });
    Json(Health {
        status: if model.is_some() { "ok" } else { "waiting" },
        version: env!("CARGO_PKG_VERSION"),
        model,
        probation: agent.probation(),
        reports: agent.reports().status(),
        rest: agent.status(),
    })
}
