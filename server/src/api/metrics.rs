//! `/metrics`: what Prometheus scrapes.

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiError, App};
use crate::metrics::Counts;
use crate::store::{model_versions, registered_models};

/// The type of the text (openmetrics.io).
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default().routes(routes!(show))
}

/// Tells Prometheus what it scrapes.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "get_metrics",
    tag = "registry",
    responses((status = 200, description = "All metrics.", body = String, content_type = OPEN_METRICS)),
)]
async fn show(State(app): State<App>) -> Result<Response, ApiError> {
    let count = |tx: &rusqlite::Connection| {
        Ok::<_, ApiError>(Counts {
            models: registered_models::count(tx)?,
            versions: model_versions::count(tx)?,
        })
    };
    let text = app.metrics.text(app.store.read(count).await?, &app.store)?;
    Ok(([(CONTENT_TYPE, OPEN_METRICS)], text).into_response())
}
