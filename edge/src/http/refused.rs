//! `GET /refused`: the versions that this gateway took back. `DELETE /refused/{sha256}`: allows one again.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use overhaul_bundle::Sha256Digest;
use serde::Serialize;

use super::ApiError;
use crate::agent::{Agent, Refusal};

#[derive(Serialize)]
pub(super) struct Refused {
    /// Oldest first.
    refused: Vec<Refusal>,
}

#[derive(Serialize)]
pub(super) struct Allowed {
    /// The bundle that is tried again when the registry names it.
    allowed: Sha256Digest,
}

pub(super) async fn list(State(agent): State<Arc<Agent>>) -> Json<Refused> {
    Json(Refused { refused: agent.refusals().list() })
}

pub(super) async fn allow(
    State(agent): State<Arc<Agent>>,
    Path(digest): Path<String>,
) -> Result<Json<Allowed>, ApiError> {
    let digest: Sha256Digest =
        digest.parse().map_err(|e| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, format!("{e}")))?;
    let allowed = agent.refusals().allow(&digest).map_err(|e| {
        ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("that cannot be written, so nothing changed: {e}"),
        )
    })?;
    if allowed {
        Ok(Json(Allowed { allowed: digest }))
    } else {
        let line = format!("no version with bundle {digest} is refused; GET /refused lists them");
        Err(ApiError::new(StatusCode::NOT_FOUND, line))
    }
}
