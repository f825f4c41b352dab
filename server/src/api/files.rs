//! A published version's manifest and files.

use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use overhaul_bundle::{BundlePath, Manifest, ModelName, Sha256Digest, VersionNumber};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::Names;
use super::openapi::conditions::{IfNoneMatch, Range, Served};
use super::serve_file::{BYTES, File, serve};
use super::{ApiError, App, lookup};
use crate::manifests;
use overhaul_http::matches_none;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default().routes(routes!(manifest)).routes(routes!(file))
}

/// Sends a version's manifest.
///
/// These are the exact bytes that were published; their digest is the bundle's identity, and the `ETag`.
#[utoipa::path(
    get,
    path = "/api/v1/models/{name}/versions/{version}/manifest",
    operation_id = "get_manifest",
    tag = "files",
    params(("name" = ModelName, Path), ("version" = VersionNumber, Path), IfNoneMatch),
    responses(
        (status = 200, description = "The manifest.", body = Manifest),
        (status = 404, description = "There is no such model or version, or the version has no bundle for gateways."),
    ),
)]
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

/// Sends a file of a version.
#[utoipa::path(
    get,
    path = "/api/v1/models/{name}/versions/{version}/files/{*path}",
    operation_id = "download_file",
    tag = "files",
    params(
        ("name" = ModelName, Path),
        ("version" = VersionNumber, Path),
        ("path" = BundlePath, Path),
        IfNoneMatch,
        Range,
    ),
    responses(
        Served,
        (status = 404, description = "There is no such model, version or file, or the version has no bundle for gateways."),
    ),
)]
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
