//! `/version`: which release this is, and whose protocol it speaks.
//!
//! The real server answers its own version as plain text. Nothing in its client asks for that, and monitors that read
//! it want this program's release: both are here.

use axum::routing::get;
use axum::{Json, Router};
use overhaul_client::api::Version;

use super::App;

/// The release of `MLflow` whose protocol this server speaks.
const MLFLOW: &str = "3.17.2";

pub(super) fn routes() -> Router<App> {
    Router::new().route("/version", get(show))
}

async fn show() -> Json<Version> {
    Json(Version { version: env!("CARGO_PKG_VERSION").to_owned(), mlflow: MLFLOW.to_owned() })
}
