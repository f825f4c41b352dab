//! `/api/v1/models/{name}/aliases/{alias}`: what an alias points at, and moving it.

use axum::extract::State;
use axum::http::header::ETAG;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use overhaul_bundle::{Alias, ModelName, Sha256Digest, VersionNumber};
use overhaul_client::api::{AliasTarget, HistoryEntry, MoveAlias};
use rusqlite::Connection;

use super::caller::Caller;
use super::extract::{JsonBody, Names};
use super::serve_file::matches_none;
use super::{ApiError, App, lookup};
use crate::store::aliases;

/// The most characters in the name of whoever moves an alias.
const MAX_ACTOR: usize = 200;
/// The most characters in the reason.
const MAX_REASON: usize = 2000;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/api/v1/models/{name}/aliases/{alias}", get(show).put(point))
}

async fn show(
    State(app): State<App>,
    Names((name, alias)): Names<(ModelName, Alias)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let target = app.store.read(move |tx| target(tx, name, alias)).await?;
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
    let bundle_sha256 = lookup::bundle(connection, &model, version)?.sha256;
    Ok(AliasTarget { name, alias, version, bundle_sha256 })
}

/// The same target, the same tag: an alias that moved away and back has not changed.
fn etag(version: VersionNumber, bundle: &Sha256Digest) -> String {
    format!("\"{version}-{bundle}\"")
}

async fn point(
    State(app): State<App>,
    caller: Caller,
    Names((name, alias)): Names<(ModelName, Alias)>,
    JsonBody(to): JsonBody<MoveAlias>,
) -> Result<Json<HistoryEntry>, ApiError> {
    check_text("actor", &to.actor, 1, MAX_ACTOR)?;
    check_text("reason", to.reason.as_deref().unwrap_or_default(), 0, MAX_REASON)?;
    let by = app.by(caller.or(&to.actor));
    app.store
        .write(move |tx| {
            let model = lookup::model(tx, &name)?;
            let version = lookup::bundle(tx, &model, to.version)?.version;
            let from = aliases::find(tx, model.id, &alias)?;
            aliases::point(tx, model.id, &alias, version)?;
            let change = by.did("set_alias", "alias", &alias).of_model(model.id, &name);
            change.from(from.as_ref()).to(Some(&version)).because(to.reason.as_ref()).record(tx)?;
            Ok(Json(HistoryEntry { alias, from, to: version, actor: by.actor, reason: to.reason, at: by.at }))
        })
        .await
}

/// Text for people: one line, so that a terminal shows it as it is.
fn check_text(what: &str, text: &str, least: usize, most: usize) -> Result<(), ApiError> {
    let length = text.chars().count();
    if (least..=most).contains(&length) && !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err(ApiError::invalid(format!(
        "{what} has {length} characters or a control character; use {least} to {most} characters in one line"
    )))
}
