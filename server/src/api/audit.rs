//! `/api/v1/audit`: every change of the registry, newest first, for admins.

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use overhaul_client::api::AuditPage;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::Query;
use super::page::{self, Page};
use super::{ApiError, App};
use crate::store::audit::{self, Filter};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default().routes(routes!(list))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Only changes of things of this kind, such as `alias`.
    kind: Option<String>,
    /// Only changes of the thing of this name.
    subject: Option<String>,
    /// Only changes by whoever has this name.
    actor: Option<String>,
    /// Only changes at this time or later.
    since: Option<Timestamp>,
    /// Changes on a page; 100 unless it is said.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    max_results: Option<u32>,
    /// The `next_page_token` of the page before.
    page_token: Option<String>,
}

/// Lists changes of the registry, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/audit",
    operation_id = "list_changes",
    tag = "access",
    params(Asked),
    responses((status = 200, description = "A page of changes.", body = AuditPage)),
)]
async fn list(State(app): State<App>, Query(asked): Query<Asked>) -> Result<Json<AuditPage>, ApiError> {
    let Asked { kind, subject, actor, since, max_results, page_token } = asked;
    let page = Page::of(max_results)?;
    let filter = Filter { kind, subject, actor, since, before: page::after(page_token)? };
    let mut entries =
        app.store.read(move |tx| Ok::<_, ApiError>(audit::newest(tx, &filter, page.look_for())?)).await?;
    let next_page_token = page.cut(&mut entries, |entry| entry.id.to_string());
    Ok(Json(AuditPage { entries, next_page_token }))
}
