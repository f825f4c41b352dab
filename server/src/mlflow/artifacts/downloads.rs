//! `presigned/{path}`: a URL that needs no credentials, and `signed/files/…`, where it leads.
//!
//! The client then fetches ranges of it, several at a time. The URL names the blob, so all ranges are of one
//! file, whatever is uploaded under the path meanwhile.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use jiff::SignedDuration;
use overhaul_bundle::Sha256Digest;
use percent_encoding::utf8_percent_encode;
use serde::Serialize;
use serde_json::{Value, json};

use super::at::At;
use super::{ROOT, media_type, tree};
use crate::api::origin::Origin;
use crate::api::serve_file::{ENCODED, File, serve};
use crate::api::{ApiError, App};
use crate::mlflow::body::Query;
use crate::signer::Signature;
use crate::store::artifacts::Artifact;

/// How long a URL is good for; the client asks for another when it needs to.
const LIFE: SignedDuration = SignedDuration::from_mins(15);

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/presigned/{*path}", get(presign))
        .route("/signed/files/{sha256}/{size}/{name}", get(download))
}

#[derive(Serialize)]
struct Presigned {
    url: String,
    headers: Value,
    file_size: u64,
}

async fn presign(State(app): State<App>, origin: Origin, At(path): At) -> Result<Json<Presigned>, ApiError> {
    let Artifact { sha256, size } = tree::file(&app, &path).await?;
    let (digest, name) = (sha256.to_string(), path.name());
    let query = app.signer.sign(&["file", &digest, &size.to_string(), name], app.clock.now() + LIFE);
    let name = utf8_percent_encode(name, ENCODED);
    let url = format!("{}{ROOT}/signed/files/{digest}/{size}/{name}?{query}", origin.0);
    Ok(Json(Presigned { url, headers: json!({}), file_size: size }))
}

async fn download(
    State(app): State<App>,
    names: Result<Path<(String, String, String)>, PathRejection>,
    Query(signature): Query<Signature>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let no_file = || ApiError::invalid("the URL names no file; use it exactly as it was given");
    let Path((digest, size, name)) = names.map_err(|_| no_file())?;
    app.signer.check(&["file", &digest, &size, &name], &signature, app.clock.now())?;
    let (digest, size) = digest.parse::<Sha256Digest>().ok().zip(size.parse().ok()).ok_or_else(no_file)?;
    let file = File { digest, size, name: &name, media_type: media_type::of(&name) };
    serve(&app, &file, &method, &headers).await
}
