//! `signed/parts/{upload}/{number}`: the parts of an upload, in any order, sent again at will.
//!
//! The URL is signed and needs no credentials, as the client sends none.

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header::ETAG;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::put;
use jiff::Timestamp;
use rusqlite::Connection;
use uuid::Uuid;

use super::ROOT;
use crate::api::origin::Origin;
use crate::api::{ApiError, App, upload};
use crate::blobs::BlobError;
use crate::mlflow::body::Query;
use crate::signer::Signature;
use crate::store::audit::By;
use crate::store::uploads::{self, Upload};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/signed/parts/{upload}/{number}", put(receive))
}

/// Where a part goes, until the URL ends.
pub(super) fn url(app: &App, origin: &Origin, upload: Uuid, number: u32, ends: Timestamp) -> String {
    let (upload, number) = (upload.simple().to_string(), number.to_string());
    let query = app.signer.sign(&["part", &upload, &number], ends);
    format!("{}{ROOT}/signed/parts/{upload}/{number}?{query}", origin.0)
}

async fn receive(
    State(app): State<App>,
    names: Result<Path<(String, String)>, PathRejection>,
    Query(signature): Query<Signature>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let no_part = || ApiError::invalid("the URL names no part of an upload; use it exactly as it was given");
    let Path((id, number)) = names.map_err(|_| no_part())?;
    let now = app.clock.now();
    app.signer.check(&["part", &id, &number], &signature, now)?;
    let (id, number) = Uuid::try_parse(&id).ok().zip(number.parse().ok()).ok_or_else(no_part)?;
    let limit = app.blobs.max_bytes();
    let most = app.store.read(move |tx| room(tx, &begun(tx, id)?, number, limit)).await?;
    let part = app.blobs.receive_part(id, number, most, upload::pieces(&app, &headers, body)?).await?;
    let recorded = app
        .store
        .write(move |tx| {
            let upload = begun(tx, id)?;
            if room(tx, &upload, number, limit)? < part.size {
                return Err(BlobError::TooLarge { limit }.into());
            }
            let before = uploads::parts(tx, id)?.into_iter().find(|before| before.number == number);
            uploads::put_part(tx, id, &part)?;
            let by = By { actor: upload.actor, at: now };
            let change = by.did("upload", "part", &number).within(&id.simple());
            change.from(before.map(|before| before.digest).as_ref()).to(Some(&part.digest)).record(tx)?;
            Ok(before)
        })
        .await;
    let (superfluous, answer) = match recorded {
        Ok(before) => {
            let etag = format!("\"{}\"", part.digest);
            (
                before.filter(|before| before.digest != part.digest),
                Ok((StatusCode::OK, [(ETAG, etag)]).into_response()),
            )
        }
        Err(error) => (Some(part), Err(error)),
    };
    if let Some(part) = superfluous
        && let Err(error) = app.blobs.remove_part(id, &part).await
    {
        tracing::warn!("a part that nobody needs stays until its upload ends: {error}");
    }
    answer
}

/// An upload that still takes parts.
fn begun(connection: &Connection, id: Uuid) -> Result<Upload, ApiError> {
    let upload = uploads::find(connection, id)?.filter(|upload| !upload.completed);
    upload.ok_or_else(|| {
        ApiError::not_found(format!("upload '{}' is over, or was given up; begin again", id.simple()))
    })
}

/// How many bytes a part may have, beside the others that have arrived.
fn room(connection: &Connection, upload: &Upload, number: u32, limit: u64) -> Result<u64, ApiError> {
    let parts = uploads::parts(connection, upload.id)?;
    let others: u64 = parts.iter().filter(|part| part.number != number).map(|part| part.size).sum();
    Ok(limit.saturating_sub(others))
}
