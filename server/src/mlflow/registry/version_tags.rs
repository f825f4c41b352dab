//! `model-versions/set-tag` and `delete-tag`.

use axum::extract::State;
use axum::routing::{delete, post};
use axum::{Json, Router};
use serde::Deserialize;

use super::params::Meant;
use super::tags;
use crate::api::{ApiError, App, Caller};
use crate::mlflow::body::{Body, Done};
use crate::store::deliveries;
use crate::store::model_tags::OF_VERSIONS;
use crate::webhooks::Event;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/model-versions/set-tag", post(set))
        .route("/model-versions/delete-tag", delete(remove))
}

#[derive(Deserialize)]
struct Set {
    name: Option<String>,
    version: Option<String>,
    key: Option<String>,
    value: Option<String>,
}

async fn set(State(app): State<App>, caller: Caller, Body(asked): Body<Set>) -> Result<Json<Done>, ApiError> {
    let meant = Meant::parse(asked.name, asked.version)?;
    let tag = tags::one(asked.key, asked.value)?;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let version = meant.find(tx)?;
            let before =
                OF_VERSIONS.value(tx, version.id, &tag.key)?.map(|value| tags::shown(&tag.key, &value));
            OF_VERSIONS.set(tx, version.id, &tag)?;
            let after = tags::shown(&tag.key, &tag.value);
            let change =
                by.did("set_tag", "version", &version.version).of_model(version.model_id, &meant.name);
            change.from(before.as_ref()).to(Some(&after)).record(tx)?;
            let (name, version) = (meant.name.as_str(), version.version);
            let event = Event::ModelVersionTagSet { name, version, key: &tag.key, value: &tag.value };
            deliveries::announce(tx, &event, by.at)?;
            Ok(Json(Done {}))
        })
        .await
}

#[derive(Deserialize)]
struct Delete {
    name: Option<String>,
    version: Option<String>,
    key: Option<String>,
}

async fn remove(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<Delete>,
) -> Result<Json<Done>, ApiError> {
    let meant = Meant::parse(asked.name, asked.version)?;
    let key = tags::key(asked.key)?;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let version = meant.find(tx)?;
            if let Some(value) = OF_VERSIONS.delete(tx, version.id, &key)? {
                let change =
                    by.did("delete_tag", "version", &version.version).of_model(version.model_id, &meant.name);
                change.from(Some(&tags::shown(&key, &value))).record(tx)?;
                let (name, version) = (meant.name.as_str(), version.version);
                deliveries::announce(tx, &Event::ModelVersionTagDeleted { name, version, key: &key }, by.at)?;
            }
            Ok(Json(Done {}))
        })
        .await
}
