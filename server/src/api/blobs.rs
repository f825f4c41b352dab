//! `/api/v1/blobs/{sha256}`: files by digest, in and out.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use overhaul_bundle::Sha256Digest;
use serde::Serialize;

use super::extract::Names;
use super::serve_file::{BYTES, File, serve};
use super::{ApiError, App, upload};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/api/v1/blobs/{sha256}", get(download).put(receive))
}

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

#[derive(Serialize)]
struct Stored {
    sha256: Sha256Digest,
    size: u64,
}

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
