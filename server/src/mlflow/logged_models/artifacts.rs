//! `logged-models/{model_id}/artifacts/…`: a model's files, as `MLflow`'s pages ask for them.

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
use crate::mlflow::path::Path;

#[derive(Deserialize)]
pub(super) struct List {
    artifact_directory_path: Option<String>,
}

pub(super) async fn list(
    State(app): State<App>,
    Path(model_id): Path<String>,
    Query(asked): Query<List>,
) -> Result<Json<Listing>, ApiError> {
    let model = app.store.read(move |tx| lookup::active(tx, &model_id)).await?;
    let folder = asked.artifact_directory_path.unwrap_or_default();
    Ok(Json(root::list(&app, model.artifact_uri, &folder).await?))
}

#[derive(Deserialize)]
pub(super) struct Download {
    artifact_file_path: Option<String>,
}

pub(super) async fn download(
    State(app): State<App>,
    Path(model_id): Path<String>,
    Query(asked): Query<Download>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let file = required("artifact_file_path", asked.artifact_file_path)?;
    let model = app.store.read(move |tx| lookup::active(tx, &model_id)).await?;
    root::serve_file(&app, &model.artifact_uri, &file, &method, &headers).await
}
