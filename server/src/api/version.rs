//! `/version`: which release this is, and whose protocol it speaks.
//!
//! The real server answers its own version as plain text. Nothing in its client asks for that, and monitors that read
//! it want this program's release: both are here.

use axum::Json;
use overhaul_client::api::Version;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;

/// The release of `MLflow` whose protocol this server speaks.
const MLFLOW: &str = "3.17.2";

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default().routes(routes!(show))
}

/// Says which release this is, and whose protocol it speaks.
#[utoipa::path(
    get,
    path = "/version",
    operation_id = "get_version_of_registry",
    tag = "registry",
    responses((status = 200, description = "Both releases.", body = Version)),
)]
async fn show() -> Json<Version> {
    Json(Version { version: env!("CARGO_PKG_VERSION").to_owned(), mlflow: MLFLOW.to_owned() })
}
