//! Content that is part of this program, as an answer: fetched once, and again only from another release.

use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use overhaul_bundle::Sha256Digest;

/// Content, its type, and its `ETag`.
#[derive(Debug)]
pub struct Fixed {
    media_type: &'static str,
    bytes: Bytes,
    etag: String,
    gzip: bool,
}

impl Fixed {
    /// Content of a type.
    pub fn new(media_type: &'static str, bytes: Bytes) -> Self {
        let etag = format!("\"{}\"", Sha256Digest::of(&bytes));
        Self { media_type, bytes, etag, gzip: false }
    }

    /// The same; whether its bytes are compressed.
    pub(crate) fn compressed(self, gzip: bool) -> Self {
        Self { gzip, ..self }
    }

    /// The content, or that the request has it already.
    pub fn answer(&self, headers: &HeaderMap) -> Response {
        let common = [(ETAG, self.etag.as_str()), (CACHE_CONTROL, "no-cache")];
        if matches_none(headers, &self.etag) {
            return (StatusCode::NOT_MODIFIED, common).into_response();
        }
        let own = [(CONTENT_TYPE, self.media_type)];
        let mut answer = (common, own, self.bytes.clone()).into_response();
        if self.gzip {
            // Every browser takes it, and who names none takes any (RFC 9110, section 12.5.3).
            answer.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        answer
    }
}

/// Whether `If-None-Match` names this `ETag` (weak comparison), so that nothing need be sent.
pub fn matches_none(headers: &HeaderMap, etag: &str) -> bool {
    headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
    })
}
