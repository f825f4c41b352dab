//! The address by which clients reach a server that stands behind something else.

use std::fmt;
use std::str::FromStr;

use axum::http::Uri;

/// A URL such as `https://registry.example.org/mlflow`, kept without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

/// What is no address of a server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no URL of a server; name one such as https://registry.example.org")]
pub struct InvalidPublicUrl(String);

impl PublicUrl {
    /// The URL, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its host, without the port.
    pub fn host(&self) -> String {
        let uri = self.0.parse::<Uri>().unwrap_or_default();
        uri.host().unwrap_or_default().to_owned()
    }
}

impl FromStr for PublicUrl {
    type Err = InvalidPublicUrl;

    fn from_str(text: &str) -> Result<Self, InvalidPublicUrl> {
        let uri = text.parse::<Uri>().ok();
        let uri = uri.filter(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.host().is_some_and(|host| !host.is_empty())
                && uri.query().is_none()
                && !text.contains(['#', '@'])
        });
        uri.map(|_| Self(text.trim_end_matches('/').to_owned()))
            .ok_or_else(|| InvalidPublicUrl(text.to_owned()))
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_address_of_a_server_is_taken() {
        for text in ["https://registry.example.org", "http://[::1]:5000", "https://example.org/mlflow/"] {
            assert_eq!(text.parse::<PublicUrl>().unwrap().as_str(), text.trim_end_matches('/'));
        }
        assert_eq!("https://example.org:1/mlflow".parse::<PublicUrl>().unwrap().host(), "example.org");
        for text in
            ["", "example.org", "ftp://example.org", "https://", "https://a@b", "http://a/?b", "http://a/#b"]
        {
            assert!(text.parse::<PublicUrl>().is_err(), "{text}");
        }
    }
}
