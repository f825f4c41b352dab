//! `GET /metrics`: what Prometheus scrapes.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use super::ApiError;
use crate::agent::Agent;

/// The type of the text (openmetrics.io).
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Tells Prometheus what it scrapes.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "get_metrics",
    tag = "agent",
    responses((status = 200, description = "All metrics.", body = String, content_type = OPEN_METRICS)),
)]
pub(super) async fn show(State(agent): State<Arc<Agent>>) -> Result<Response, ApiError> {
    let text = agent.metrics().text(&agent).map_err(|e| {
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, format!("the metrics cannot be written: {e}"))
    })?;
    Ok(([(CONTENT_TYPE, OPEN_METRICS)], text).into_response())
}
