//! `/health`: the registry is there, and its database answers.

use axum::Json;
use axum::extract::State;
use overhaul_client::api::Health;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiError, App};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default().routes(routes!(health))
}

/// Says that the registry is there, and that its database answers.
#[utoipa::path(
    get,
    path = "/health",
    operation_id = "get_health",
    tag = "registry",
    responses((status = 200, description = "It is well.", body = Health)),
)]
async fn health(State(app): State<App>) -> Result<Json<Health>, ApiError> {
    app.store.check()?;
    Ok(Json(Health { status: "ok".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }))
}
