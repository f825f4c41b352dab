//! A blob as an answer: `ETag`, conditions and one range (RFC 9110, sections 13 and 14).

use std::ops::Range;

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_RANGE, RANGE,
};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::TryStreamExt as _;
use overhaul_bundle::Sha256Digest;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{ApiError, App};
use overhaul_http::matches_none;

/// All but the characters that neither a URL nor RFC 8187 encodes.
pub(crate) const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'_').remove(b'-').remove(b'~');
/// What an ordinary file is called that is nothing but bytes.
pub(super) const BYTES: &str = "application/octet-stream";

/// A blob, and what whoever saves it needs to know.
pub(crate) struct File<'a> {
    pub(crate) digest: Sha256Digest,
    /// In bytes.
    pub(crate) size: u64,
    /// What it is to be saved as.
    pub(crate) name: &'a str,
    pub(crate) media_type: &'static str,
}

/// Answers with a blob, whose `ETag` is its digest.
pub(crate) async fn serve(
    app: &App,
    file: &File<'_>,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    let size = file.size;
    let etag = format!("\"{}\"", file.digest);
    if matches_none(headers, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, etag)]).into_response());
    }
    let common = [
        (ETAG, etag.clone()),
        (ACCEPT_RANGES, "bytes".to_owned()),
        (CONTENT_TYPE, file.media_type.to_owned()),
        (CONTENT_DISPOSITION, attachment(file.name)),
    ];
    // Ranges are defined for GET only (RFC 9110, section 14.2).
    let asked = if method == Method::GET { asked(headers, &etag, size) } else { Asked::Whole };
    let (status, range) = match asked {
        Asked::Whole => (StatusCode::OK, 0..size),
        Asked::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Asked::Nothing => {
            let whole = [(CONTENT_RANGE, format!("bytes */{size}"))];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, common, whole).into_response());
        }
    };
    let mut own = vec![(CONTENT_LENGTH, (range.end - range.start).to_string())];
    if status == StatusCode::PARTIAL_CONTENT {
        own.push((CONTENT_RANGE, format!("bytes {}-{}/{size}", range.start, range.end - 1)));
    }
    let body = if method == Method::HEAD {
        Body::empty()
    } else {
        let served = app.metrics.served().clone();
        Body::from_stream(app.blobs.stream(&file.digest, range).await?.inspect_ok(move |piece| {
            served.inc_by(piece.len() as u64);
        }))
    };
    let mut answer = (status, common, body).into_response();
    for (name, value) in own {
        // Digits, slashes and dashes are a valid header value.
        answer.headers_mut().insert(name, value.parse().map_err(anyhow::Error::from)?);
    }
    Ok(answer)
}

/// That a file is to be saved, and as what (RFC 6266): a name that is not plain ASCII is given as UTF-8, and once
/// more without what is not, for whoever reads only that.
fn attachment(name: &str) -> String {
    if name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&b)) {
        return format!("attachment; filename={name}");
    }
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ';
    let fallback: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    if fallback == name {
        return format!("attachment; filename=\"{name}\"");
    }
    let encoded = utf8_percent_encode(name, ENCODED);
    format!("attachment; filename=\"{fallback}\"; filename*=UTF-8''{encoded}")
}

/// What part of the file a request asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Whole,
    Part(Range<u64>),
    Nothing,
}

fn asked(headers: &HeaderMap, etag: &str, size: u64) -> Asked {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    // `If-Range` compares strongly: a range of another file than the one already held is no use.
    if text(IF_RANGE).is_some_and(|tag| tag != etag) {
        return Asked::Whole;
    }
    text(RANGE).map_or(Asked::Whole, |range| parse(range, size))
}

/// One byte range; what is no valid range, or more than one, is ignored, as section 14.2 allows.
fn parse(range: &str, size: u64) -> Asked {
    let number =
        |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
    let Some((first, last)) = range.strip_prefix("bytes=").and_then(|range| range.trim().split_once('-'))
    else {
        return Asked::Whole;
    };
    let part = match (first, last) {
        ("", last) => number(last).map(|count| size.saturating_sub(count)..size),
        (first, "") => number(first).map(|first| first..size),
        (first, last) => number(first)
            .zip(number(last))
            .filter(|(first, last)| first <= last)
            .map(|(first, last)| first..last.saturating_add(1).min(size)),
    };
    match part {
        None => Asked::Whole,
        Some(part) if part.start >= size || part.is_empty() => Asked::Nothing,
        Some(part) => Asked::Part(part),
    }
}

#[cfg(test)]
mod tests;
