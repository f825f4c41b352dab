//! `/health`: the registry is there, and its database answers.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use overhaul_client::api::Health;

use super::{ApiError, App};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/health", get(health))
}

async fn health(State(app): State<App>) -> Result<Json<Health>, ApiError> {
    app.store.check()?;
    Ok(Json(Health { status: "ok".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }))
}
