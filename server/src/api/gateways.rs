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
use super::page::{self, Page};
use super::{ApiError, App};
use crate::store::gateways;

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
    let page = Page::of(asked.max_results)?;
    let after: Option<GatewayId> = page::after(asked.page_token)?;
    let mut entries = app
        .store
        .read(move |tx| Ok::<_, ApiError>(gateways::page(tx, after.as_ref(), page.look_for())?))
        .await?;
    let next_page_token = page.cut(&mut entries, |entry| entry.id.to_string());
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
