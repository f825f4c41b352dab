//! The body of a request: bounded in bytes and in time.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::ApiError;

/// How long a body may take to arrive.
const TIME: Duration = Duration::from_secs(20);

/// A whole body of at most `MIB` mebibytes.
pub(super) struct Whole<const MIB: usize>(pub(super) Bytes);

impl<S: Sync, const MIB: usize> FromRequest<S> for Whole<MIB> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let most = MIB << 20;
        let too_large = || {
            let line =
                format!("the body has more than the {MIB} MiB that are taken here; send less at a time");
            ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, line)
        };
        let length =
            request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        // Told before it is sent: a client that waits for `100 Continue` need not send it.
        if length.is_some_and(|length: u64| length > most as u64) {
            return Err(too_large());
        }
        let body: Body = request.into_body();
        match tokio::time::timeout(TIME, Limited::new(body, most).collect()).await {
            Ok(Ok(collected)) => Ok(Self(collected.to_bytes())),
            Ok(Err(e)) if e.is::<LengthLimitError>() => Err(too_large()),
            Ok(Err(e)) => Err(ApiError::new(StatusCode::BAD_REQUEST, format!("the body broke off: {e}"))),
            Err(_) => {
                let line = format!("the body did not arrive within {} s; send it again", TIME.as_secs());
                Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, line))
            }
        }
    }
}
