//! A published version's manifest and files.

use axum::Router;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use overhaul_bundle::{BundlePath, ModelName, Sha256Digest, VersionNumber};

use super::extract::Names;
use super::serve_file::{BYTES, File, matches_none, serve};
use super::{ApiError, App, lookup};
use crate::manifests;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/models/{name}/versions/{version}/manifest", get(manifest))
        .route("/api/v1/models/{name}/versions/{version}/files/{*path}", get(file))
}

/// The exact bytes that were published, whose digest is the bundle's identity.
async fn manifest(
    State(app): State<App>,
    Names((name, version)): Names<(ModelName, VersionNumber)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let digest = bundle(&app, &name, version)?;
    let bytes = manifests::bytes(&app.blobs, &digest).await?;
    let etag = format!("\"{digest}\"");
    if matches_none(&headers, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, etag)]).into_response());
    }
    Ok(([(ETAG, etag), (CONTENT_TYPE, "application/json".to_owned())], bytes).into_response())
}

async fn file(
    State(app): State<App>,
    Names((name, version, path)): Names<(ModelName, VersionNumber, BundlePath)>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let digest = bundle(&app, &name, version)?;
    let (manifest, _) = manifests::read(&app.blobs, &digest).await?;
    let Some(entry) = manifest.file(path.as_str()) else {
        let known = lookup::list(manifest.files.iter().map(|entry| &entry.path));
        return Err(ApiError::not_found(format!(
            "version {version} of {:?} has no file {path}; there are: {known}",
            name.as_str()
        )));
    };
    let name = path.as_str().rsplit('/').next().unwrap_or_default();
    let file = File { digest: entry.sha256, size: entry.size, name, media_type: BYTES };
    serve(&app, &file, &method, &headers).await
}

/// The bundle of a version, by the digest of its manifest.
fn bundle(app: &App, name: &ModelName, version: VersionNumber) -> Result<Sha256Digest, ApiError> {
    app.store.read_now(|tx| lookup::digest(tx, &lookup::model(tx, name)?, version))
}
