//! `GET /`: that the agent runs, as the registry guide's service says it.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// The answer.
#[derive(Serialize, ToSchema)]
pub(super) struct Root {
    /// `healthy`.
    status: &'static str,
    /// For people.
    message: &'static str,
    /// The agent's release.
    version: &'static str,
}

/// Says that the agent runs.
#[utoipa::path(
    get,
    path = "/",
    operation_id = "get_root",
    tag = "agent",
    responses((status = 200, description = "It does.", body = Root)),
)]
pub(super) async fn root() -> Json<Root> {
    Json(Root {
        status: "healthy",
        message: "overhaul-edge is running; /docs describes its API",
        version: env!("CARGO_PKG_VERSION"),
    })
}
