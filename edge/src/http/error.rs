//! What went wrong, as an HTTP answer: `{"detail": "one line"}`.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::agent::PredictError;
use crate::model::CallError;
use crate::readings::json::BodyError;
use crate::sandbox::SandboxError;

/// An error's status and its one line.
pub(super) struct ApiError {
    pub(super) status: StatusCode,
    pub(super) detail: String,
}

/// What an error says.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Body {
    /// One line: what, which value, how to mend it.
    detail: String,
}

impl ApiError {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into() }
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "no such page; /docs lists what there is")
    }

    pub(super) fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "this page does not take that method; /docs lists what there is",
        )
    }
}

/// The status of a prediction that was not made.
pub(super) fn status(error: &PredictError) -> StatusCode {
    match error {
        PredictError::NoModel | PredictError::Call(CallError::Busy | CallError::Ending) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        PredictError::Call(CallError::Sandbox(SandboxError::Deadline(_))) => StatusCode::GATEWAY_TIMEOUT,
        PredictError::Call(CallError::Sandbox(_)) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl From<PredictError> for ApiError {
    fn from(error: PredictError) -> Self {
        let status = status(&error);
        if matches!(error, PredictError::Call(_)) {
            tracing::warn!("a prediction failed: {error}");
        }
        Self::new(status, error.to_string())
    }
}

impl From<BodyError> for ApiError {
    fn from(error: BodyError) -> Self {
        let status = match &error {
            BodyError::NotJson(_) => StatusCode::BAD_REQUEST,
            BodyError::Window(_) => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self::new(status, error.to_string())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status, Json(Body { detail: self.detail })).into_response()
    }
}
