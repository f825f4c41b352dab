//! `/api/v1/blobs/{sha256}`: files by digest, in and out.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use overhaul_bundle::Sha256Digest;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::Names;
use super::openapi::conditions::{IfNoneMatch, Range, Served};
use super::serve_file::{BYTES, File, serve};
use super::{ApiError, App, upload};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default().routes(routes!(download, receive))
}

/// Sends a file by its digest.
///
/// `HEAD` asks whether it is here; one that nothing refers to yet is then kept as long as one that was just uploaded.
#[utoipa::path(
    get,
    path = "/api/v1/blobs/{sha256}",
    operation_id = "download_blob",
    tag = "files",
    params(("sha256" = Sha256Digest, Path), IfNoneMatch, Range),
    responses(Served, (status = 404, description = "There is no such file.")),
)]
async fn download(
    State(app): State<App>,
    Names((digest,)): Names<(Sha256Digest,)>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    // Whoever only asks whether it is here is about to publish what needs it: it is kept from `gc` till then.
    let asked = method == Method::HEAD;
    let size = if asked { app.blobs.refresh(&digest).await? } else { app.blobs.size(&digest).await? };
    let size =
        size.ok_or_else(|| ApiError::not_found(format!("there is no blob {digest}; upload it first")))?;
    let file = File { digest, size, name: &digest.to_string(), media_type: BYTES };
    serve(&app, &file, &method, &headers).await
}

/// An uploaded file.
#[derive(Serialize, ToSchema)]
struct Stored {
    /// Its digest.
    sha256: Sha256Digest,
    /// Its size in bytes.
    size: u64,
}

/// Takes a file, which is hashed as it comes.
#[utoipa::path(
    put,
    path = "/api/v1/blobs/{sha256}",
    operation_id = "upload_blob",
    tag = "files",
    params(("sha256" = Sha256Digest, Path)),
    request_body(content = String, content_type = BYTES, description = "The file. How long it may be is the registry's \
        `--max-blob-bytes`."),
    responses(
        (status = 200, description = "It was here already.", body = Stored),
        (status = 201, description = "It is here, and will be there after a power cut.", body = Stored),
    ),
)]
async fn receive(
    State(app): State<App>,
    Names((digest,)): Names<(Sha256Digest,)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let received = app.blobs.receive(&digest, upload::pieces(&app, &headers, body)?).await?;
    let status = if received.new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(Stored { sha256: digest, size: received.size })).into_response())
}
