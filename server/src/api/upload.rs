//! A request's body on its way to the blobs, refused at once when it promises to be too long.

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use futures::{Stream, TryStreamExt as _};

use super::App;
use crate::blobs::BlobError;

/// The pieces of a body that may become a blob.
pub(crate) fn pieces(
    app: &App,
    headers: &HeaderMap,
    body: Body,
) -> Result<impl Stream<Item = Result<Bytes, BlobError>> + Unpin + use<>, BlobError> {
    let promised = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if promised.is_some_and(|length| length > app.blobs.max_bytes()) {
        return Err(BlobError::TooLarge { limit: app.blobs.max_bytes() });
    }
    let received = app.metrics.received().clone();
    Ok(body
        .into_data_stream()
        .inspect_ok(move |piece| {
            received.inc_by(piece.len() as u64);
        })
        .map_err(|e| BlobError::Broken(e.to_string())))
}
