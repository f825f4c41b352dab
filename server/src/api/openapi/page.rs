//! `/api/v1/docs`: the page that shows the description with Swagger UI, which is part of this program.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use anyhow::{Context as _, anyhow};
use axum::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{Html, IntoResponse, Response};
use bytes::Bytes;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::Config;

use super::conditions::IfNoneMatch;
use super::fixed::Fixed;
use crate::api::{ApiError, App};

/// What the page may do: show itself, in no frame, with files of this registry, which is all it may ask.
/// The pictures in its style sheet are data.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                           connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default().routes(routes!(page)).routes(routes!(file))
}

/// Shows this API in a browser.
#[utoipa::path(
    get,
    path = "/api/v1/docs",
    operation_id = "get_docs",
    tag = "registry",
    responses((status = 200, description = "A page.", body = String, content_type = "text/html")),
)]
async fn page() -> Response {
    let headers = [(CONTENT_SECURITY_POLICY, PAGE_POLICY), (REFERRER_POLICY, "no-referrer")];
    (headers, Html(include_str!("page.html"))).into_response()
}

/// A file of the page.
#[utoipa::path(
    get,
    path = "/api/v1/docs/{file}",
    operation_id = "get_docs_file",
    tag = "registry",
    params(("file" = String, Path, description = "Its name."), IfNoneMatch),
    responses(
        (status = 200, description = "A program or a style sheet.", body = String, content_type = "*/*"),
        (status = 404, description = "The page has no such file."),
    ),
)]
async fn file(method: Method, uri: Uri, headers: HeaderMap) -> Result<Response, ApiError> {
    static START: OnceLock<Fixed> = OnceLock::new();
    static PROGRAM: OnceLock<Fixed> = OnceLock::new();
    static STYLE: OnceLock<Fixed> = OnceLock::new();
    let file = match uri.path().rsplit('/').next() {
        Some("page.js") => {
            START.get_or_init(|| Fixed::new(JAVASCRIPT, Bytes::from_static(include_bytes!("page.js"))))
        }
        Some(name @ "swagger-ui-bundle.js") => swagger_ui(&PROGRAM, JAVASCRIPT, name)?,
        Some(name @ "swagger-ui.css") => swagger_ui(&STYLE, "text/css; charset=utf-8", name)?,
        _ => return Err(ApiError::no_endpoint(&method, &uri)),
    };
    Ok(file.answer(&headers))
}

/// A file of Swagger UI, which is compressed in this program.
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
