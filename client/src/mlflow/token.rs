//! The token that a tracking server knows its users by.

use reqwest::header::HeaderValue;

use super::MlflowError;

/// The variable that `MLflow`'s own client reads the token from.
pub const VARIABLE: &str = "MLFLOW_TRACKING_TOKEN";

/// A bearer token (RFC 6750). Its `Debug` does not show it, and it has no `Display`.
#[derive(Debug, Clone)]
pub struct Token(HeaderValue);

impl Token {
    /// A token that a header can carry.
    pub fn new(text: &str) -> Result<Self, MlflowError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(MlflowError::BadToken);
        }
        let mut value =
            HeaderValue::from_str(&format!("Bearer {text}")).map_err(|_| MlflowError::BadToken)?;
        // Keeps it out of every `Debug`, reqwest's own included.
        value.set_sensitive(true);
        Ok(Self(value))
    }

    pub(crate) fn header(&self) -> &HeaderValue {
        &self.0
    }
}
