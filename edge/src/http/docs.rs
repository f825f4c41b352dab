//! `GET /openapi.json` and `GET /docs`: what this API is like, for programs and for people.

use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use overhaul_http::{Fixed, page};
use utoipa::OpenApi as _;

use super::{ApiError, described, units};

/// What stands before the routes.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Overhaul gateway",
        description = "Predicts the remaining useful life of machines, in cycles. Every error is `{\"detail\": \"one line\"}`, \
                       but under `/v2`, where the Open Inference Protocol has `{\"error\": \"one line\"}`.",
        contact(),
        license(name = "Apache-2.0"),
    ),
    // Beside this document, wherever a proxy has put it.
    servers((url = ".", description = "This gateway")),
    tags(
        (name = "predictions", description = "From readings to remaining useful life"),
        (name = "units", description = "Each machine's readings, remaining useful life, trend and alert"),
        (name = "models", description = "The versions that are loaded, and those that were taken back"),
        (name = "inference", description = "The Open Inference Protocol, version 2"),
        (name = "agent", description = "The agent itself"),
    ),
)]
struct Frame;

/// Describes this API: this document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    operation_id = "get_openapi",
    tag = "agent",
    responses((status = 200, description = "The description, as JSON.", body = Object)),
)]
pub(super) async fn openapi(headers: HeaderMap) -> Result<Response, ApiError> {
    static DOCUMENT: OnceLock<Fixed> = OnceLock::new();
    if let Some(document) = DOCUMENT.get() {
        return Ok(document.answer(&headers));
    }
    let mut document = Frame::openapi();
    document.info.contact = None;
    document.merge(described().into_openapi());
    document.merge(units::routes().into_openapi());
    let json = serde_json::to_string(&document).map_err(|e| {
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, format!("the description failed: {e}"))
    })?;
    Ok(DOCUMENT.get_or_init(|| Fixed::new("application/json", json.into())).answer(&headers))
}

/// Shows this API in a browser.
#[utoipa::path(
    get,
    path = "/docs",
    operation_id = "get_docs",
    tag = "agent",
    responses((status = 200, description = "A page.", body = String, content_type = "text/html")),
)]
pub(super) async fn docs() -> Response {
    page::page("Overhaul gateway API")
}

/// A file of the page.
#[utoipa::path(
    get,
    path = "/docs/{file}",
    operation_id = "get_docs_file",
    tag = "agent",
    params(("file" = String, Path, description = "Its name.")),
    responses(
        (status = 200, description = "A program or a style sheet.", body = String, content_type = "*/*"),
        (status = 404, description = "The page has no such file.", body = super::error::Body),
    ),
)]
pub(super) async fn file(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, ApiError> {
    let file = page::file(&name).map_err(|e| {
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, format!("the page is broken: {e:#}"))
    })?;
    Ok(file.ok_or_else(ApiError::not_found)?.answer(&headers))
}
