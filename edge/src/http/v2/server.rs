//! `GET /v2`, `GET /v2/health/live`, `GET /v2/health/ready`: the server itself.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::agent::Agent;

/// What the server is.
#[derive(Serialize, ToSchema)]
pub(super) struct Server {
    /// `overhaul-edge`.
    name: &'static str,
    /// The agent's release.
    version: &'static str,
    /// `binary_tensor_data`.
    extensions: [&'static str; 1],
}

/// Whether the server lives.
#[derive(Serialize, ToSchema)]
pub(super) struct Live {
    /// `true`.
    live: bool,
}

/// Whether something can answer.
#[derive(Serialize, ToSchema)]
pub(super) struct Ready {
    /// As the status says.
    ready: bool,
}

/// Says what the server is.
#[utoipa::path(
    get,
    path = "/v2",
    operation_id = "v2_server",
    tag = "inference",
    responses((status = 200, description = "Its name, release and extensions.", body = Server)),
)]
pub(super) async fn metadata() -> Json<Server> {
    Json(Server {
        name: "overhaul-edge",
        version: env!("CARGO_PKG_VERSION"),
        extensions: ["binary_tensor_data"],
    })
}

/// Says that the server lives.
#[utoipa::path(
    get,
    path = "/v2/health/live",
    operation_id = "v2_live",
    tag = "inference",
    responses((status = 200, description = "It does.", body = Live)),
)]
pub(super) async fn live() -> Json<Live> {
    Json(Live { live: true })
}

/// Says whether a version is here to predict with.
#[utoipa::path(
    get,
    path = "/v2/health/ready",
    operation_id = "v2_ready",
    tag = "inference",
    responses(
        (status = 200, description = "One is.", body = Ready),
        (status = 503, description = "None is.", body = Ready),
    ),
)]
pub(super) async fn ready(State(agent): State<Arc<Agent>>) -> (StatusCode, Json<Ready>) {
    readiness(agent.active().is_some())
}

/// The answer to whether something is ready.
pub(super) fn readiness(ready: bool) -> (StatusCode, Json<Ready>) {
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Ready { ready }))
}
