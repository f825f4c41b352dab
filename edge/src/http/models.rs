//! `GET /models` and `GET /models/{version}`: the versions that are loaded, with all that is known of them.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use overhaul_bundle::{Metadata, Sha256Digest, VersionNumber};
use serde::Serialize;
use utoipa::ToSchema;

use super::ApiError;
use crate::agent::Agent;
use crate::model::Model;

/// The versions that are loaded.
#[derive(Serialize, ToSchema)]
pub(super) struct Models {
    /// How many.
    count: usize,
    /// The one that answers, then the one that stands by while the first is on probation.
    models: Vec<Entry>,
}

/// A version that is loaded.
#[derive(Serialize, ToSchema)]
pub(super) struct Entry {
    /// `answers`, or `stands_by`.
    state: &'static str,
    /// Its bundle.
    bundle_sha256: Sha256Digest,
    #[serde(flatten)]
    metadata: Metadata,
}

impl Entry {
    fn new(state: &'static str, model: &Model) -> Self {
        Self { state, bundle_sha256: model.digest(), metadata: model.metadata().clone() }
    }
}

fn entries(agent: &Agent) -> Vec<Entry> {
    let answers = agent.active().map(|model| Entry::new("answers", &model));
    let stands_by = agent.standing_by().map(|model| Entry::new("stands_by", &model));
    answers.into_iter().chain(stands_by).collect()
}

/// Lists the versions that are loaded.
#[utoipa::path(
    get,
    path = "/models",
    operation_id = "list_models",
    tag = "models",
    responses((status = 200, description = "None, one or two.", body = Models)),
)]
pub(super) async fn models(State(agent): State<Arc<Agent>>) -> Json<Models> {
    let models = entries(&agent);
    Json(Models { count: models.len(), models })
}

/// Tells what is known of a version that is loaded.
#[utoipa::path(
    get,
    path = "/models/{version}",
    operation_id = "get_model",
    tag = "models",
    params(("version" = u32, Path, description = "Its number.", minimum = 1)),
    responses(
        (status = 200, description = "What is known of it.", body = Entry),
        (status = 404, description = "It is not loaded here.", body = super::error::Body),
        (status = 422, description = "The version is no number.", body = super::error::Body),
    ),
)]
pub(super) async fn model(
    State(agent): State<Arc<Agent>>,
    Path(version): Path<String>,
) -> Result<Json<Entry>, ApiError> {
    let number: VersionNumber = version.parse().map_err(|_| {
        let line = format!("{version:?} is no version; send a number from 1");
        ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, line)
    })?;
    let loaded = entries(&agent);
    let running: Vec<String> =
        loaded.iter().filter_map(|entry| entry.metadata.version).map(|version| version.to_string()).collect();
    loaded.into_iter().find(|entry| entry.metadata.version == Some(number)).map(Json).ok_or_else(|| {
        let loaded =
            if running.is_empty() { "none is".to_owned() } else { format!("loaded: {}", running.join(", ")) };
        ApiError::new(StatusCode::NOT_FOUND, format!("Model version {number} not found here; {loaded}"))
    })
}
