//! `GET /refused`: the versions that this gateway took back. `DELETE /refused/{sha256}`: allows one again.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use overhaul_bundle::Sha256Digest;
use serde::Serialize;
use utoipa::ToSchema;

use super::ApiError;
use crate::agent::{Agent, Refusal};

/// The versions that this gateway took back.
#[derive(Serialize, ToSchema)]
pub(super) struct Refused {
    /// Oldest first.
    refused: Vec<Refusal>,
}

/// A version that may run again.
#[derive(Serialize, ToSchema)]
pub(super) struct Allowed {
    /// The bundle that is tried again when the registry names it.
    allowed: Sha256Digest,
}

/// Lists the versions that failed on probation, and do not run until they are allowed again.
#[utoipa::path(
    get,
    path = "/refused",
    operation_id = "list_refused",
    tag = "models",
    responses((status = 200, description = "Them.", body = Refused)),
)]
pub(super) async fn list(State(agent): State<Arc<Agent>>) -> Json<Refused> {
    Json(Refused { refused: agent.refusals().list() })
}

/// Allows a version again that failed on probation.
#[utoipa::path(
    delete,
    path = "/refused/{sha256}",
    operation_id = "allow_refused",
    tag = "models",
    params(("sha256" = Sha256Digest, Path, description = "Its bundle.")),
    responses(
        (status = 200, description = "It is tried again when the registry names it.", body = Allowed),
        (status = 404, description = "No such version is refused.", body = super::error::Body),
        (status = 422, description = "That is no digest.", body = super::error::Body),
    ),
)]
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
