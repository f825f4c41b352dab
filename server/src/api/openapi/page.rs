//! `/api/v1/docs`: the page that shows the description with Swagger UI, which is part of this program.

use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use overhaul_http::page;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::conditions::IfNoneMatch;
use crate::api::{ApiError, App};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default().routes(routes!(show)).routes(routes!(file))
}

/// Shows this API in a browser.
#[utoipa::path(
    get,
    path = "/api/v1/docs",
    operation_id = "get_docs",
    tag = "registry",
    responses((status = 200, description = "A page.", body = String, content_type = "text/html")),
)]
async fn show() -> Response {
    page::page("Overhaul registry API")
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
    let name = uri.path().rsplit('/').next().unwrap_or_default();
    let file = page::file(name)?.ok_or_else(|| ApiError::no_endpoint(&method, &uri))?;
    Ok(file.answer(&headers))
}
