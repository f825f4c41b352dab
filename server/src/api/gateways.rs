//! `/api/v1/gateways`: what the registry knows of each gateway that ever reported.

use axum::Json;
use axum::extract::State;
use overhaul_bundle::GatewayId;
use overhaul_client::api::{GatewayEntry, GatewayPage};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Names, Query};
use super::{ApiError, App};
use crate::store::gateways;

/// Gateways on a page, unless the request says another number.
const PAGE: u32 = 100;
/// The most gateways on a page.
const MAX_PAGE: u32 = 1000;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default().routes(routes!(list)).routes(routes!(show))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Gateways on a page; 100 unless it is said.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    max_results: Option<u32>,
    /// The `next_page_token` of the page before.
    page_token: Option<String>,
}

/// Lists the gateways that ever reported, by id.
#[utoipa::path(
    get,
    path = "/api/v1/gateways",
    operation_id = "list_gateways",
    tag = "gateways",
    params(Asked),
    responses((status = 200, description = "A page of gateways.", body = GatewayPage)),
)]
async fn list(State(app): State<App>, Query(asked): Query<Asked>) -> Result<Json<GatewayPage>, ApiError> {
    let size = page_size(asked.max_results, PAGE, MAX_PAGE)?;
    let after = asked.page_token.map(|token| token.parse::<GatewayId>().map_err(|_| bad_token(&token)));
    let after = after.transpose()?;
    // One more than is shown tells whether there is a next page.
    let mut entries =
        app.store.read(move |tx| Ok::<_, ApiError>(gateways::page(tx, after.as_ref(), size + 1)?)).await?;
    let more = entries.len() > size as usize;
    entries.truncate(size as usize);
    let next_page_token = entries.last().filter(|_| more).map(|entry| entry.id.to_string());
    Ok(Json(GatewayPage { gateways: entries, next_page_token }))
}

/// Says what is known of a gateway.
#[utoipa::path(
    get,
    path = "/api/v1/gateways/{gateway}",
    operation_id = "get_gateway",
    tag = "gateways",
    params(("gateway" = GatewayId, Path)),
    responses(
        (status = 200, description = "The gateway.", body = GatewayEntry),
        (status = 404, description = "No gateway of that id ever reported."),
    ),
)]
async fn show(
    State(app): State<App>,
    Names((gateway,)): Names<(GatewayId,)>,
) -> Result<Json<GatewayEntry>, ApiError> {
    let found = app.store.read_now(|tx| Ok::<_, ApiError>(gateways::find(tx, &gateway)?))?;
    found.map(Json).ok_or_else(|| unknown(&gateway))
}

/// 404: the gateway never reported.
pub(super) fn unknown(gateway: &GatewayId) -> ApiError {
    ApiError::not_found(format!(
        "no gateway {:?} ever reported here; `overhaul gateways list` shows those that did",
        gateway.as_str()
    ))
}

/// How many are to be on a page.
pub(super) fn page_size(asked: Option<u32>, usual: u32, most: u32) -> Result<u32, ApiError> {
    let size = asked.unwrap_or(usual);
    if (1..=most).contains(&size) {
        return Ok(size);
    }
    Err(ApiError::invalid(format!("max_results is {size}; use 1 to {most}")))
}

/// 400: no page has that token.
pub(super) fn bad_token(token: &str) -> ApiError {
    ApiError::invalid(format!("page_token {token:?} is not valid; send the next_page_token of an answer"))
}
