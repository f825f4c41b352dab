//! Artifacts by the URI of the folder that they lie in, as a run or a logged model names it.

use axum::http::{HeaderMap, Method};
use axum::response::Response;
use percent_encoding::percent_decode_str;
use serde::Serialize;

use super::listing::FileInfo;
use super::{media_type, tree};
use crate::api::serve_file::{File, serve};
use crate::api::{ApiError, App};
use crate::artifact_path::ArtifactPath;
use crate::store::artifacts::Artifact;

/// The files of a root, or of a folder in it.
#[derive(Serialize)]
pub(in crate::mlflow) struct Listing {
    root_uri: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<FileInfo>,
}

/// What lies in a folder of a root, one level of it, by paths relative to the root; an empty folder is the root.
pub(in crate::mlflow) async fn list(app: &App, root_uri: String, folder: &str) -> Result<Listing, ApiError> {
    let folder = ArtifactPath::folder(folder)?;
    let root = path(&root_uri)?;
    let whole = folder.as_ref().map_or_else(|| Ok(root.clone()), |folder| root.join(folder.as_str()))?;
    let entries = tree::list(app, Some(whole)).await?.into_iter();
    let files = entries.map(|entry| FileInfo::below(folder.as_ref(), entry)).collect();
    Ok(Listing { root_uri, files })
}

/// A file of a root, by its path relative to the root.
pub(in crate::mlflow) async fn serve_file(
    app: &App,
    root_uri: &str,
    file: &str,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    let path = path(root_uri)?.join(ArtifactPath::file(file)?.as_str())?;
    let Artifact { sha256, size } = tree::file(app, &path).await?;
    let file = File { digest: sha256, size, name: path.name(), media_type: media_type::of(path.name()) };
    serve(app, &file, method, headers).await
}

/// The path of a root that this registry keeps.
fn path(root_uri: &str) -> Result<ArtifactPath, ApiError> {
    let elsewhere = || {
        ApiError::invalid(format!(
            "the artifacts lie in {root_uri:?}, which this registry does not open; ask that storage for them"
        ))
    };
    let path = root_uri.strip_prefix("mlflow-artifacts:/").ok_or_else(elsewhere)?;
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    let path = percent_decode_str(path).decode_utf8().map_err(|_| elsewhere())?;
    ArtifactPath::folder(&path)?.ok_or_else(elsewhere)
}
