//! The page that shows an OpenAPI document with Swagger UI, which is part of the program.
//!
//! The page lies at `docs`, its files under `docs/`, the document beside it at `openapi.json`.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use anyhow::{Context as _, anyhow};
use axum::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use axum::response::{Html, IntoResponse, Response};
use bytes::Bytes;
use utoipa_swagger_ui::Config;

use crate::Fixed;

/// What the page may do: show itself, in no frame, with files of this server, which is all it may ask.
/// The pictures in its style sheet are data.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                           connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// The page under a title.
pub fn page(title: &str) -> Response {
    let headers = [(CONTENT_SECURITY_POLICY, PAGE_POLICY), (REFERRER_POLICY, "no-referrer")];
    (headers, Html(include_str!("page.html").replace("TITLE", title))).into_response()
}

/// A file of the page by its name; `None` if it has no such file.
pub fn file(name: &str) -> anyhow::Result<Option<&'static Fixed>> {
    static START: OnceLock<Fixed> = OnceLock::new();
    static PROGRAM: OnceLock<Fixed> = OnceLock::new();
    static STYLE: OnceLock<Fixed> = OnceLock::new();
    let start = || Fixed::new(JAVASCRIPT, Bytes::from_static(include_bytes!("page.js")));
    Ok(match name {
        "page.js" => Some(START.get_or_init(start)),
        "swagger-ui-bundle.js" => Some(swagger_ui(&PROGRAM, JAVASCRIPT, name)?),
        "swagger-ui.css" => Some(swagger_ui(&STYLE, "text/css; charset=utf-8", name)?),
        _ => None,
    })
}

/// A file of Swagger UI, which is compressed in the program.
fn swagger_ui(
    kept: &'static OnceLock<Fixed>,
    media_type: &'static str,
    name: &str,
) -> anyhow::Result<&'static Fixed> {
    if let Some(file) = kept.get() {
        return Ok(file);
    }
    let found = utoipa_swagger_ui::serve(name, Arc::new(Config::default()));
    let file = found.map_err(|e| anyhow!("{e}"))?.with_context(|| format!("Swagger UI has no {name}"))?;
    let bytes = match file.bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    };
    Ok(kept.get_or_init(|| Fixed::new(media_type, bytes).compressed(file.gzpipped)))
}
