//! `/health`: the registry is there.

use axum::routing::get;
use axum::{Json, Router};
use overhaul_client::api::Health;

use super::App;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/health", get(health))
}

async fn health() -> Json<Health> {
    Json(Health { status: "ok".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() })
}
