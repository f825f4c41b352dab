//! `GET /health`: what runs, how it stands with the registry, what was refused.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use overhaul_bundle::{ModelName, Sha256Digest, VersionNumber};
use serde::Serialize;

use crate::agent::{Agent, Probation, Status};

/// The answer, always with status 200: the agent lives.
#[derive(Serialize)]
pub(super) struct Health {
    /// `ok`, or `waiting` while there is no version to predict with.
    status: &'static str,
    /// The agent's release.
    version: &'static str,
    /// The version that answers.
    model: Option<ActiveModel>,
    /// How the first predictions of a new version go, until it has proven itself.
    probation: Option<Probation>,
    #[serde(flatten)]
    rest: Status,
}

#[derive(Serialize)]
struct ActiveModel {
    name: ModelName,
    version: Option<VersionNumber>,
    model_type: String,
    bundle_sha256: Sha256Digest,
}

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
        rest: agent.status(),
    })
}
