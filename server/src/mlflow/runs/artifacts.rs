//! A run's files by the run's id: `artifacts/list`, and `get-artifact`, from which `MLflow`'s pages load them.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use serde::Deserialize;

use super::lookup;
use crate::api::{ApiError, App};
use crate::mlflow::artifacts::root::{self, Listing};
use crate::mlflow::body::Query;
use crate::mlflow::check::required;
use crate::store::lineage;

/// A run, and a path below its artifacts. All of a listing is one page, whatever its token.
#[derive(Deserialize)]
pub(super) struct Of {
    run_id: Option<String>,
    run_uuid: Option<String>,
    path: Option<String>,
}

pub(super) async fn list(State(app): State<App>, Query(of): Query<Of>) -> Result<Json<Listing>, ApiError> {
    let uri = root_uri(&app, &lookup::id(of.run_id, of.run_uuid)?)?;
    Ok(Json(root::list(&app, uri, &of.path.unwrap_or_default()).await?))
}

pub(super) async fn download(
    State(app): State<App>,
    Query(of): Query<Of>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let file = required("path", of.path)?;
    let uri = root_uri(&app, &lookup::id(of.run_id, of.run_uuid)?)?;
    root::serve_file(&app, &uri, &file, &method, &headers).await
}

fn root_uri(app: &App, run_id: &str) -> Result<String, ApiError> {
    app.store.read_now(|tx| lineage::run_root(tx, run_id)?.ok_or_else(|| lookup::not_found(run_id)))
}
