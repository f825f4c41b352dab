//! `registered-models/alias`: where an alias points, and moving it.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use overhaul_bundle::Alias;
use serde::Deserialize;

use super::entity::OneVersion;
use super::params::{Meant, find_model, model_name};
use crate::alias;
use crate::api::{ApiError, App, Caller};
use crate::mlflow::body::{Body, Done, Query};
use crate::mlflow::check::required;
use crate::store::model_versions;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/registered-models/alias", get(show).post(set).delete(remove))
}

#[derive(Deserialize)]
struct Asked {
    name: Option<String>,
    alias: Option<String>,
}

async fn show(State(app): State<App>, Query(asked): Query<Asked>) -> Result<Json<OneVersion>, ApiError> {
    let name = model_name("name", asked.name)?;
    let alias = required("alias", asked.alias)?;
    let latest = alias.eq_ignore_ascii_case("latest");
    if !Alias::is_reserved(&alias) {
        alias.parse::<Alias>()?;
    }
    app.store.read_now(|tx| {
        let version = if latest {
            model_versions::newest(tx, &name)?
        } else {
            model_versions::by_alias(tx, &name, &alias)?
        };
        if let Some(version) = version {
            return Ok(Json(OneVersion::of(tx, version)?));
        }
        find_model(tx, &name)?;
        Err(if latest {
            ApiError::not_found(format!("Latest version not found for model {name}."))
        } else {
            ApiError::invalid(format!("Registered model alias {alias} not found."))
        })
    })
}

/// `actor` and `reason` are this registry's own, for its history.
#[derive(Deserialize)]
struct Set {
    name: Option<String>,
    alias: Option<String>,
    version: Option<String>,
    actor: Option<String>,
    reason: Option<String>,
}

async fn set(State(app): State<App>, caller: Caller, Body(asked): Body<Set>) -> Result<Json<Done>, ApiError> {
    let meant = Meant::parse(asked.name, asked.version)?;
    let alias: Alias = required("alias", asked.alias)?.parse()?;
    let caller = stated(caller, asked.actor.as_deref())?;
    alias::check_reason(asked.reason.as_ref())?;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let version = meant.find(tx)?;
            let model = find_model(tx, &meant.name)?;
            alias::point(tx, &by, &model, &alias, version.version, asked.reason.as_ref())?;
            Ok(Json(Done {}))
        })
        .await
}

#[derive(Deserialize)]
struct Delete {
    name: Option<String>,
    alias: Option<String>,
    actor: Option<String>,
    reason: Option<String>,
}

async fn remove(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<Delete>,
) -> Result<Json<Done>, ApiError> {
    let name = model_name("name", asked.name)?;
    let alias = required("alias", asked.alias)?;
    // Nothing is ever kept under a reserved name, so there is nothing to remove.
    let alias = if Alias::is_reserved(&alias) { None } else { Some(alias.parse::<Alias>()?) };
    let caller = stated(caller, asked.actor.as_deref())?;
    alias::check_reason(asked.reason.as_ref())?;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let model = find_model(tx, &name)?;
            if let Some(alias) = alias {
                alias::remove(tx, &by, &model, &alias, asked.reason.as_ref())?;
            }
            Ok(Json(Done {}))
        })
        .await
}

/// The caller, by the name that the request states where no token gave one.
fn stated(caller: Caller, actor: Option<&str>) -> Result<Caller, ApiError> {
    let Some(actor) = actor else { return Ok(caller) };
    alias::check_actor(actor)?;
    Ok(caller.or(actor))
}
