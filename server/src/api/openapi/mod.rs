//! `/api/v1/openapi.json` and `/api/v1/docs`: what this API is like, for programs and for people.
//!
//! Each handler of the API is described where it stands, and is routed by that description: a route cannot be without
//! one.
//!
//! | module | holds |
//! | --- | --- |
//! | [`document`] | the descriptions as one document, with what holds for all of them |
//! | [`errors`] | the errors that many routes answer |
//! | [`conditions`] | the headers of conditional requests and of parts of files, in words |
//! | [`page`] | the page, which shows the document with Swagger UI |

use std::sync::OnceLock;

use axum::http::HeaderMap;
use axum::response::Response;
use overhaul_http::Fixed;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::conditions::IfNoneMatch;
use super::{ApiError, App, health, own_routes};

pub(super) mod conditions;
mod document;
mod errors;
mod page;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default().routes(routes!(show)).merge(page::routes())
}

/// Describes this API: this document.
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    operation_id = "get_openapi",
    tag = "registry",
    params(IfNoneMatch),
    responses((status = 200, description = "The description, as JSON.", body = Object)),
)]
async fn show(headers: HeaderMap) -> Result<Response, ApiError> {
    static DOCUMENT: OnceLock<Fixed> = OnceLock::new();
    if let Some(document) = DOCUMENT.get() {
        return Ok(document.answer(&headers));
    }
    let routes = own_routes().merge(health::routes());
    let json = document::json(routes.into_openapi()).map_err(anyhow::Error::from)?;
    Ok(DOCUMENT.get_or_init(|| Fixed::new("application/json", json.into())).answer(&headers))
}
