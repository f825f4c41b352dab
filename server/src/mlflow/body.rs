//! JSON bodies and queries, parsed at the door: what does not fit is refused with the parameter's name.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
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
        let text = str::from_utf8(&bytes).map_err(|e| ApiError::invalid(format!("{NOT_ASKED_FOR}: {e}")))?;
        let text = if text.is_empty() { "{}" } else { text };
        // A struct could be read from an array of its fields, too.
        if text.trim_start().starts_with('[') {
            return Err(ApiError::invalid("the body is an array; send a JSON object"));
        }
        // To keep track of where the parser is takes time, so that is done only where something is wrong.
        serde_json::from_str(text).map(Self).map_err(|cause| explain::<T>(text, &cause))
    }
}

const NOT_ASKED_FOR: &str = "the body is not the JSON that is asked for";

/// Why a text is not the JSON of a `T`, with the parameter's name.
fn explain<T: DeserializeOwned>(text: &str, cause: &serde_json::Error) -> ApiError {
    let mut parser = serde_json::Deserializer::from_str(text);
    let parsed: Result<T, _> = serde_path_to_error::deserialize(&mut parser);
    // Problems of syntax have no parameter; the error says line and column.
    let path = parsed.err().map(|e| e.path().to_string()).filter(|path| cause.is_data() && path != ".");
    ApiError::invalid(match path {
        Some(path) => format!("Invalid value for parameter '{path}': {cause}"),
        None => format!("{NOT_ASKED_FOR}: {cause}"),
    })
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
