//! The one error type that answers turn into: a status, `MLflow`'s code, and one line.

use std::error::Error;
use std::io;

use axum::Json;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{AppendHeaders, IntoResponse, Response};
use overhaul_bundle::BundleError;
use overhaul_bundle::names::InvalidName;
use overhaul_client::api::ErrorBody;

use crate::access::grant::GrantError;
use crate::artifact_path::InvalidArtifactPath;
use crate::blobs::BlobError;
use crate::filter::FilterError;
use crate::signer::Unsigned;
use crate::store::search::SearchError;

/// A request that was not done, and why.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl ApiError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// 400: something in the request is not valid.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID_PARAMETER_VALUE", message)
    }

    /// 401: nobody knows who asks.
    pub fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message)
    }

    /// 403: who asks may not do that.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "PERMISSION_DENIED", message)
    }

    /// 404: the thing is not here.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "RESOURCE_DOES_NOT_EXIST", message)
    }

    /// 409: the thing is here already, and another one; answered by this project's own API.
    pub fn exists(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "RESOURCE_ALREADY_EXISTS", message)
    }

    /// 400: the thing is here already, as `MLflow` answers it.
    pub fn already_exists(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "RESOURCE_ALREADY_EXISTS", message)
    }

    /// 413: the body has more bytes than it may.
    pub fn too_large(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "INVALID_PARAMETER_VALUE", message)
    }

    /// 415: the body's type is not the one asked for.
    pub fn wrong_type(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "INVALID_PARAMETER_VALUE", message)
    }

    /// 408: the body did not arrive.
    pub fn too_slow(message: impl Into<String>) -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "INVALID_PARAMETER_VALUE", message)
    }

    /// 503: too much is asked at once.
    pub fn busy() -> Self {
        let message = "the registry has as much to do as it takes on at a time; try again in a second";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "TEMPORARILY_UNAVAILABLE", message)
    }

    /// 404: there is no such path.
    pub fn no_endpoint(method: &Method, uri: &Uri) -> Self {
        let message = format!("there is no endpoint {method} {}; check the path", uri.path());
        Self::new(StatusCode::NOT_FOUND, "ENDPOINT_NOT_FOUND", message)
    }

    /// 405: the path is there, but not with this method.
    pub fn no_method(method: &Method, uri: &Uri) -> Self {
        let message = format!("{} does not take {method}; check the method", uri.path());
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "ENDPOINT_NOT_FOUND", message)
    }
}

impl From<InvalidName> for ApiError {
    fn from(error: InvalidName) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<FilterError> for ApiError {
    fn from(error: FilterError) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<InvalidArtifactPath> for ApiError {
    fn from(error: InvalidArtifactPath) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<Unsigned> for ApiError {
    fn from(error: Unsigned) -> Self {
        Self::forbidden(error.to_string())
    }
}

impl From<GrantError> for ApiError {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::Invalid(message) => Self::invalid(message),
            GrantError::Taken(message) => Self::exists(message),
            GrantError::NotFound(message) => Self::not_found(message),
            GrantError::Fault(error) => error.into(),
        }
    }
}

impl From<SearchError> for ApiError {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Invalid(message) => Self::invalid(message),
            SearchError::Fault(fault) => fault.into(),
        }
    }
}

impl From<BundleError> for ApiError {
    fn from(error: BundleError) -> Self {
        if error.is_fault() { anyhow::Error::from(error).into() } else { Self::invalid(error.to_string()) }
    }
}

impl From<BlobError> for ApiError {
    fn from(error: BlobError) -> Self {
        match &error {
            BlobError::WrongDigest { .. } | BlobError::Broken(_) => Self::invalid(error.to_string()),
            BlobError::TooLarge { .. } => Self::too_large(error.to_string()),
            BlobError::StoodStill => Self::too_slow(error.to_string()),
            BlobError::Store(_) | BlobError::Folder { .. } => anyhow::Error::from(error).into(),
        }
    }
}

impl From<anyhow::Error> for ApiError {
    /// A fault: its causes go to the log, not to whoever asked.
    fn from(error: anyhow::Error) -> Self {
        tracing::error!("{error:#}");
        if is_disk_full(error.as_ref()) {
            let message = "the registry's disk is full; free space under its data directory and try again";
            return Self::new(StatusCode::INSUFFICIENT_STORAGE, "INTERNAL_ERROR", message);
        }
        let message = "the registry failed; its log says why";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", message)
    }
}

fn is_disk_full(error: &(dyn Error + 'static)) -> bool {
    std::iter::successors(Some(error), |&e| e.source()).any(|e| {
        let io = e.downcast_ref::<io::Error>().map(io::Error::kind);
        let sqlite = e.downcast_ref::<rusqlite::Error>().and_then(rusqlite::Error::sqlite_error_code);
        matches!(io, Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
            || sqlite == Some(rusqlite::ErrorCode::DiskFull)
    })
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = ErrorBody { error_code: self.code.to_owned(), message: self.message };
        let answer = (self.status, Json(body));
        if self.status == StatusCode::UNAUTHORIZED {
            // With the second, a browser asks its user for the token (RFC 9110, section 11.6.1).
            let schemes = ["Bearer realm=\"overhaul\"", "Basic realm=\"overhaul\", charset=\"UTF-8\""];
            return (AppendHeaders(schemes.map(|scheme| (WWW_AUTHENTICATE, scheme))), answer).into_response();
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            return ([(RETRY_AFTER, "1")], answer).into_response();
        }
        answer.into_response()
    }
}
