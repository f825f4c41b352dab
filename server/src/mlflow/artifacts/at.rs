//! The path of an artifact in a request's URL, decoded once and parsed.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

use crate::api::ApiError;
use crate::artifact_path::ArtifactPath;

/// The path of a file.
pub(super) struct At(pub(super) ArtifactPath);

/// The path of a file or of a folder, which may end in a slash.
pub(super) struct AtAny(pub(super) ArtifactPath);

impl<S: Send + Sync> FromRequestParts<S> for At {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Ok(Self(ArtifactPath::file(&text(parts, state).await?)?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for AtAny {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = ArtifactPath::folder(&text(parts, state).await?)?;
        path.map(Self).ok_or_else(|| ApiError::invalid("the path is empty; name a file or a folder"))
    }
}

async fn text<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<String, ApiError> {
    // MLflow's client does not encode the '?' of a file's name: the file would be kept under another name.
    if parts.uri.query().is_some() {
        return Err(ApiError::invalid(
            "the path of an artifact ends at its '?'; an artifact's name cannot have one, so rename it",
        ));
    }
    let params = RawPathParams::from_request_parts(parts, state)
        .await
        .map_err(|e| ApiError::invalid(format!("Invalid path: {e}; percent-encode it as UTF-8")))?;
    Ok(params.iter().find(|(name, _)| *name == "path").map_or_else(String::new, |(_, path)| path.to_owned()))
}
