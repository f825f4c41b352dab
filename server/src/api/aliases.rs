//! `/api/v1/models/{name}/aliases/{alias}`: what an alias points at, and moving it.

use axum::Json;
use axum::extract::State;
use axum::http::header::ETAG;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use overhaul_bundle::{Alias, ModelName, Sha256Digest, VersionNumber};
use overhaul_client::api::{AliasTarget, HistoryEntry, MoveAlias};
use rusqlite::Connection;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::Caller;
use super::extract::{JsonBody, Names};
use super::openapi::conditions::IfNoneMatch;
use super::{ApiError, App, lookup};
use crate::alias;
use crate::store::aliases;
use overhaul_http::matches_none;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default().routes(routes!(show, point))
}

/// Says what an alias points at.
#[utoipa::path(
    get,
    path = "/api/v1/models/{name}/aliases/{alias}",
    operation_id = "get_alias",
    tag = "aliases",
    params(("name" = ModelName, Path), ("alias" = Alias, Path), IfNoneMatch),
    responses(
        (status = 200, description = "Its version and bundle.", body = AliasTarget),
        (status = 404, description = "There is no such model or alias, or its version has no bundle for gateways."),
    ),
)]
async fn show(
    State(app): State<App>,
    Names((name, alias)): Names<(ModelName, Alias)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let target = app.store.read_now(|tx| target(tx, name, alias))?;
    let etag = etag(target.version, &target.bundle_sha256);
    if matches_none(&headers, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, etag)]).into_response());
    }
    Ok(([(ETAG, etag)], Json(target)).into_response())
}

fn target(connection: &Connection, name: ModelName, alias: Alias) -> Result<AliasTarget, ApiError> {
    let model = lookup::model(connection, &name)?;
    let Some(version) = aliases::find(connection, model.id, &alias)? else {
        let known = lookup::list(aliases::all(connection, model.id)?.keys());
        let name = name.as_str();
        return Err(ApiError::not_found(format!(
            "{name:?} has no alias {alias:?}; there are: {known}",
            alias = alias.as_str()
        )));
    };
    let bundle_sha256 = lookup::digest(connection, &model, version)?;
    Ok(AliasTarget { name, alias, version, bundle_sha256 })
}

/// The same target, the same tag: an alias that moved away and back has not changed.
fn etag(version: VersionNumber, bundle: &Sha256Digest) -> String {
    format!("\"{version}-{bundle}\"")
}

/// Points an alias at a version, at once for everybody.
///
/// The alias is made when it is new. What it points at already is recorded as a move, too.
#[utoipa::path(
    put,
    path = "/api/v1/models/{name}/aliases/{alias}",
    operation_id = "move_alias",
    tag = "aliases",
    params(("name" = ModelName, Path), ("alias" = Alias, Path)),
    request_body = MoveAlias,
    responses(
        (status = 200, description = "The move, as it was recorded.", body = HistoryEntry),
        (status = 404, description = "There is no such model or version, or the version has no bundle for gateways."),
        (status = 415, description = "The body does not call itself `application/json`."),
    ),
)]
async fn point(
    State(app): State<App>,
    caller: Caller,
    Names((name, named)): Names<(ModelName, Alias)>,
    JsonBody(to): JsonBody<MoveAlias>,
) -> Result<Json<HistoryEntry>, ApiError> {
    alias::check_actor(&to.actor)?;
    alias::check_reason(to.reason.as_ref())?;
    let by = app.by(caller.or(&to.actor));
    app.store
        .write(move |tx| {
            let model = lookup::model(tx, &name)?;
            lookup::digest(tx, &model, to.version)?;
            let from = alias::point(tx, &by, &model, &named, to.version, to.reason.as_ref())?;
            let (actor, at) = (by.actor, by.at);
            Ok(Json(HistoryEntry { alias: named, from, to: to.version, actor, reason: to.reason, at }))
        })
        .await
}
