//! What went wrong, as an HTTP answer: `{"detail": "one line"}`.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::model::CallError;
use crate::sandbox::SandboxError;

/// An error's status and its one line.
pub(super) struct ApiError {
    status: StatusCode,
    detail: String,
}

#[derive(Serialize)]
struct Body {
    detail: String,
}

impl ApiError {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into() }
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "no such page; there are /health, /models and /predict/simple")
    }

    pub(super) fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "GET /health, GET /models or POST /predict/simple")
    }
}

impl From<CallError> for ApiError {
    fn from(error: CallError) -> Self {
        let status = match &error {
            CallError::Busy | CallError::Ending => StatusCode::SERVICE_UNAVAILABLE,
            CallError::Sandbox(SandboxError::Deadline(_)) => StatusCode::GATEWAY_TIMEOUT,
            CallError::Sandbox(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        if status.is_server_error() {
            tracing::warn!("a prediction failed: {error}");
        }
        Self::new(status, error.to_string())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status, Json(Body { detail: self.detail })).into_response()
    }
}
