//! `/api/v1/blobs/{sha256}`: files by digest, in and out.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use overhaul_bundle::Sha256Digest;
use serde::Serialize;

use super::extract::Names;
use super::serve_file::serve;
use super::{ApiError, App};
use crate::blobs::BlobError;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/api/v1/blobs/{sha256}", get(download).put(upload))
}

async fn download(
    State(app): State<App>,
    Names((digest,)): Names<(Sha256Digest,)>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let size = app.blobs.size(&digest).await?;
    let size =
        size.ok_or_else(|| ApiError::not_found(format!("there is no blob {digest}; upload it first")))?;
    serve(&app.blobs, &digest, size, &digest.to_string(), &method, &headers).await
}

#[derive(Serialize)]
struct Stored {
    sha256: Sha256Digest,
    size: u64,
}

async fn upload(
    State(app): State<App>,
    Names((digest,)): Names<(Sha256Digest,)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let promised = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if promised.is_some_and(|length| length > app.blobs.max_bytes()) {
        return Err(BlobError::TooLarge { limit: app.blobs.max_bytes() }.into());
    }
    let received = app.blobs.receive(&digest, body.into_data_stream()).await?;
    let status = if received.new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(Stored { sha256: digest, size: received.size })).into_response())
}
