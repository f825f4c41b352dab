//! Names from paths and JSON from bodies, parsed at the door: a handler gets valid ones.

use std::str::FromStr;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use overhaul_bundle::names::InvalidName;
use serde::de::DeserializeOwned;

use super::error::ApiError;
use crate::blobs::IDLE;

/// The most bytes of a JSON body.
const MAX_JSON: usize = 64 << 10;
/// The most bytes of a JSON body of `MLflow`'s protocol, whose batches and dataset profiles are larger.
pub(crate) const MAX_MLFLOW_JSON: usize = 16 << 20;

/// The names in a path, in the path's order.
pub(super) struct Names<T>(pub(super) T);

/// A tuple of names.
pub(super) trait FromSegments: Sized {
    fn from_segments(segments: &[String]) -> Result<Self, ApiError>;
}

fn segment<T: FromStr<Err = InvalidName>>(segments: &[String], at: usize) -> Result<T, ApiError> {
    Ok(segments.get(at).map_or("", String::as_str).parse()?)
}

impl<A: FromStr<Err = InvalidName>> FromSegments for (A,) {
    fn from_segments(segments: &[String]) -> Result<Self, ApiError> {
        Ok((segment(segments, 0)?,))
    }
}

impl<A, B> FromSegments for (A, B)
where
    A: FromStr<Err = InvalidName>,
    B: FromStr<Err = InvalidName>,
{
    fn from_segments(segments: &[String]) -> Result<Self, ApiError> {
        Ok((segment(segments, 0)?, segment(segments, 1)?))
    }
}

impl<A, B, C> FromSegments for (A, B, C)
where
    A: FromStr<Err = InvalidName>,
    B: FromStr<Err = InvalidName>,
    C: FromStr<Err = InvalidName>,
{
    fn from_segments(segments: &[String]) -> Result<Self, ApiError> {
        Ok((segment(segments, 0)?, segment(segments, 1)?, segment(segments, 2)?))
    }
}

impl<S: Send + Sync, T: FromSegments> FromRequestParts<S> for Names<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let segments = RawPathParams::from_request_parts(parts, state).await.map_err(|e| {
            ApiError::invalid(format!("the path is not valid: {e}; percent-encode it as UTF-8"))
        })?;
        let segments: Vec<String> = segments.iter().map(|(_, value)| value.to_owned()).collect();
        T::from_segments(&segments).map(Self)
    }
}

/// A JSON body of at most so many bytes.
pub(super) struct JsonBody<T, const LIMIT: usize = MAX_JSON>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned, const LIMIT: usize> FromRequest<S> for JsonBody<T, LIMIT> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let bytes = json(request, LIMIT, ApiError::wrong_type).await?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|e| ApiError::invalid(format!("the body is not the JSON that is asked for: {e}")))
    }
}

/// The parameters of a query.
pub(super) struct Query<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let query = axum_extra::extract::Query::from_request_parts(parts, state).await;
        query
            .map(|query| Self(query.0))
            .map_err(|e| ApiError::invalid(format!("the query is not valid: {e}")))
    }
}

/// A whole body of at most `limit` bytes that calls itself JSON; `refuse` answers what calls itself otherwise.
pub(crate) async fn json(
    request: Request,
    limit: usize,
    refuse: fn(String) -> ApiError,
) -> Result<Bytes, ApiError> {
    // A page of another site can make a browser send a body, but not with this type.
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(refuse(format!("the body's Content-Type is {essence:?}; send application/json")));
    }
    read(request.into_body(), limit, "a JSON body").await
}

/// A whole body of at most `limit` bytes.
pub(super) async fn read(body: Body, limit: usize, what: &str) -> Result<Bytes, ApiError> {
    let mut body = body.into_data_stream();
    let mut bytes = BytesMut::new();
    loop {
        let stood_still = |_| ApiError::too_slow(format!("{what} did not arrive; send it again"));
        let Some(piece) = tokio::time::timeout(IDLE, body.next()).await.map_err(stood_still)? else {
            return Ok(bytes.freeze());
        };
        let piece = piece.map_err(|e| ApiError::invalid(format!("{what} broke off: {e}; send it again")))?;
        if bytes.len() + piece.len() > limit {
            return Err(ApiError::too_large(format!("{what} may have at most {limit} bytes")));
        }
        bytes.extend_from_slice(&piece);
    }
}
