//! `registered-models/set-tag` and `delete-tag`.

use axum::extract::State;
use axum::routing::{delete, post};
use axum::{Json, Router};
use serde::Deserialize;

use super::params::{find_model, model_name};
use super::tags;
use crate::api::{ApiError, App, Caller};
use crate::mlflow::body::{Body, Done};
use crate::store::model_tags::OF_MODELS;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/registered-models/set-tag", post(set))
        .route("/registered-models/delete-tag", delete(remove))
}

#[derive(Deserialize)]
struct Set {
    name: Option<String>,
    key: Option<String>,
    value: Option<String>,
}

async fn set(State(app): State<App>, caller: Caller, Body(asked): Body<Set>) -> Result<Json<Done>, ApiError> {
    let name = model_name("name", asked.name)?;
    let tag = tags::one(asked.key, asked.value)?;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let model = find_model(tx, &name)?;
            let before = OF_MODELS.value(tx, model.id, &tag.key)?.map(|value| tags::shown(&tag.key, &value));
            OF_MODELS.set(tx, model.id, &tag)?;
            let after = tags::shown(&tag.key, &tag.value);
            let change = by.did("set_tag", "model", &name).of_model(model.id, &name);
            change.from(before.as_ref()).to(Some(&after)).record(tx)?;
            Ok(Json(Done {}))
        })
        .await
}

#[derive(Deserialize)]
struct Delete {
    name: Option<String>,
    key: Option<String>,
}

async fn remove(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<Delete>,
) -> Result<Json<Done>, ApiError> {
    let name = model_name("name", asked.name)?;
    let key = tags::key(asked.key)?;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let model = find_model(tx, &name)?;
            if let Some(value) = OF_MODELS.delete(tx, model.id, &key)? {
                let change = by.did("delete_tag", "model", &name).of_model(model.id, &name);
                change.from(Some(&tags::shown(&key, &value))).record(tx)?;
            }
            Ok(Json(Done {}))
        })
        .await
}
