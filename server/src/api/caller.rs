//! Who sends a request, as whoever checked its access token found out.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use overhaul_bundle::GatewayId;

/// Who sends a request; `None` where nobody is asked for a token.
#[derive(Debug, Clone, Default)]
pub struct Caller(pub Option<String>);

/// The gateway whose token a request carries.
#[derive(Debug, Clone)]
pub struct TokenGateway(pub GatewayId);

impl Caller {
    /// The name that a token gave, else the one that the request states.
    #[must_use]
    pub fn or(self, stated: &str) -> Self {
        Self(Some(self.0.unwrap_or_else(|| stated.to_owned())))
    }

    /// The name for the audit trail.
    pub fn into_name(self) -> String {
        self.0.unwrap_or_else(|| "anonymous".to_owned())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}
