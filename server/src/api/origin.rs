//! Where whoever sent a request reaches this server: what URLs in answers begin with.

use axum::extract::FromRequestParts;
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::uri::Authority;

use super::{ApiError, App};

/// A scheme, a host and perhaps a path, such as `http://registry:5000`, without a slash at its end.
pub(crate) struct Origin(pub(crate) String);

impl FromRequestParts<App> for Origin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        if let Some(url) = &app.public_url {
            return Ok(Self(url.as_str().to_owned()));
        }
        let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let host = header(HOST.as_str()).and_then(|host| host.parse::<Authority>().ok());
        let host = host.or_else(|| parts.uri.authority().cloned()).ok_or_else(|| {
            ApiError::invalid(
                "the request has no valid Host header; send one, or start the server with --public-url",
            )
        })?;
        // A proxy that ends TLS says so; whoever lies gets a URL that does not work for himself.
        let secure = app.over_tls || header("x-forwarded-proto") == Some("https");
        let scheme = if secure { "https" } else { "http" };
        Ok(Self(format!("{scheme}://{host}")))
    }
}
