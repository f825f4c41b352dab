//! What went wrong, as the protocol says it: `{"error": "one line"}`.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::agent::PredictError;
use crate::http::ApiError;

/// An error's status and its one line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct V2Error {
    status: StatusCode,
    error: String,
}

/// What an error says.
#[derive(Serialize, ToSchema)]
pub(super) struct V2ErrorBody {
    /// One line: what, which value, how to mend it.
    error: String,
}

impl V2Error {
    /// Something in the request is not valid.
    pub(super) fn invalid(error: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error: error.into() }
    }

    /// There is no such model, or version of it.
    pub(super) fn not_found(error: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, error: error.into() }
    }
}

impl From<PredictError> for V2Error {
    fn from(error: PredictError) -> Self {
        ApiError::from(error).into()
    }
}

impl From<ApiError> for V2Error {
    fn from(error: ApiError) -> Self {
        Self { status: error.status, error: error.detail }
    }
}

impl IntoResponse for V2Error {
    fn into_response(self) -> Response {
        (self.status, Json(V2ErrorBody { error: self.error })).into_response()
    }
}
