//! `artifacts?path=`: what lies in a folder, one level of it.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::tree;
use crate::api::{ApiError, App};
use crate::artifact_path::ArtifactPath;
use crate::mlflow::body::Query;
use crate::store::artifacts::Entry;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/artifacts", get(list))
}

#[derive(Deserialize)]
struct Of {
    #[serde(default)]
    path: String,
}

#[derive(Serialize)]
pub(super) struct Files {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<FileInfo>,
}

/// A file or a folder.
#[derive(Serialize)]
pub(super) struct FileInfo {
    path: String,
    is_dir: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_size: Option<u64>,
}

async fn list(State(app): State<App>, Query(of): Query<Of>) -> Result<Json<Files>, ApiError> {
    let entries = tree::list(&app, ArtifactPath::folder(&of.path)?).await?;
    Ok(Json(Files { files: entries.into_iter().map(|entry| FileInfo::below(None, entry)).collect() }))
}

impl FileInfo {
    /// What lies in a folder, by the folder's path and its own name.
    pub(super) fn below(folder: Option<&ArtifactPath>, entry: Entry) -> Self {
        let path = folder.map(|folder| format!("{folder}/{}", entry.name)).unwrap_or(entry.name);
        Self { path, is_dir: entry.size.is_none(), file_size: entry.size }
    }
}
