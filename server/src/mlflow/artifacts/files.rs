//! `artifacts/{path}`: files in and out.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::at::{At, AtAny};
use super::{media_type, tree};
use crate::api::serve_file::{File, serve};
use crate::api::{ApiError, App, Caller, upload};
use crate::store::artifacts::Artifact;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/artifacts/{*path}", get(download).put(receive).delete(delete))
}

async fn download(
    State(app): State<App>,
    At(path): At,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Artifact { sha256, size } = tree::file(&app, &path).await?;
    let file = File { digest: sha256, size, name: path.name(), media_type: media_type::of(path.name()) };
    serve(&app, &file, &method, &headers).await
}

/// The answer is empty, as the real server's.
async fn receive(
    State(app): State<App>,
    caller: Caller,
    At(path): At,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    tree::check_writable(&path)?;
    let received = app.blobs.receive_any(upload::pieces(&app, &headers, body)?).await?;
    let artifact = Artifact { sha256: received.digest, size: received.size };
    let by = app.by(caller);
    app.store.write(move |tx| tree::put(tx, &by, &path, &artifact)).await?;
    Ok(StatusCode::OK)
}

/// What is not there counts as deleted, as with the real server.
async fn delete(State(app): State<App>, caller: Caller, AtAny(path): AtAny) -> Result<Json<Value>, ApiError> {
    tree::check_writable(&path)?;
    let by = app.by(caller);
    app.store.write(move |tx| tree::delete(tx, &by, &path)).await?;
    Ok(Json(json!({})))
}
