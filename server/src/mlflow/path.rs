//! The parameters in a path, decoded at the door.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::api::ApiError;

/// The parameters in a path, in the path's order.
pub(super) struct Path<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = axum::extract::Path::from_request_parts(parts, state).await;
        let invalid =
            |e| ApiError::invalid(format!("the path is not valid: {e}; percent-encode it as UTF-8"));
        Ok(Self(path.map_err(invalid)?.0))
    }
}
