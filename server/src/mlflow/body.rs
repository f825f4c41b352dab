//! JSON bodies and queries, parsed at the door: what does not fit is refused with the parameter's name.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::api::ApiError;
use crate::api::extract::{MAX_MLFLOW_JSON, json};

/// A JSON body. What `MLflow` does not know it ignores, as the real server does.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        // The real server answers 400 to a wrong type as well.
        let bytes = json(request, MAX_MLFLOW_JSON, ApiError::invalid).await?;
        let bytes = if bytes.is_empty() { Bytes::from_static(b"{}") } else { bytes };
        // A struct could be read from an array of its fields, too.
        if bytes.trim_ascii_start().starts_with(b"[") {
            return Err(ApiError::invalid("the body is an array; send a JSON object"));
        }
        let mut parser = serde_json::Deserializer::from_slice(&bytes);
        let value = serde_path_to_error::deserialize(&mut parser).map_err(|e| {
            // Problems of syntax have no parameter; the error says line and column.
            let path = e.path().to_string();
            let cause = e.into_inner();
            ApiError::invalid(if cause.is_data() && path != "." {
                format!("Invalid value for parameter '{path}': {cause}")
            } else {
                format!("the body is not the JSON that is asked for: {cause}")
            })
        })?;
        parser.end().map_err(|e| ApiError::invalid(format!("the body goes on after its JSON: {e}")))?;
        Ok(Self(value))
    }
}

/// The answer to a change of which there is nothing to tell.
#[derive(Serialize)]
pub(super) struct Done {}

/// The parameters of a query.
pub(super) struct Query<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let query = axum_extra::extract::Query::from_request_parts(parts, state).await;
        let query = query.map_err(|e| ApiError::invalid(format!("the query is not valid: {e}")))?;
        Ok(Self(query.0))
    }
}
