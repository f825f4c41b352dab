//! `experiments/set-experiment-tag` and `experiments/delete-experiment-tag`.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::lookup;
use crate::api::{ApiError, App, Caller};
use crate::mlflow::body::{Body, Done};
use crate::mlflow::check::{MAX_KEY, key, length, required};
use crate::store::experiment_tags;
use crate::store::key_value::KeyValue;

/// The most characters of a tag's value.
const MAX_VALUE: usize = 20_000;

/// Refuses a tag that no experiment may have.
pub(super) fn check(tag: &KeyValue) -> Result<(), ApiError> {
    key("key", &tag.key)?;
    length("key", &tag.key, MAX_KEY)?;
    length("value", &tag.value, MAX_VALUE)
}

#[derive(Deserialize)]
pub(super) struct SetExperimentTag {
    experiment_id: Option<String>,
    key: Option<String>,
    value: Option<String>,
}

pub(super) async fn set(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<SetExperimentTag>,
) -> Result<Json<Done>, ApiError> {
    let id = lookup::id(request.experiment_id)?;
    let key = required("key", request.key)?;
    let tag = KeyValue { key, value: request.value.unwrap_or_default() };
    check(&tag)?;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            lookup::active(tx, id)?;
            let KeyValue { key, value } = &tag;
            let before = experiment_tags::find(tx, id, key)?.map(|before| format!("{key}={before}"));
            experiment_tags::set(tx, id, key, value)?;
            let change = by.did("set_tag", "experiment", &id);
            change.from(before.as_ref()).to(Some(&format!("{key}={value}"))).record(tx)?;
            Ok(Json(Done {}))
        })
        .await
}

#[derive(Deserialize)]
pub(super) struct DeleteExperimentTag {
    experiment_id: Option<String>,
    key: Option<String>,
}

pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<DeleteExperimentTag>,
) -> Result<Json<Done>, ApiError> {
    let id = lookup::id(request.experiment_id)?;
    let key = required("key", request.key)?;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            lookup::active(tx, id)?;
            let before = experiment_tags::remove(tx, id, &key)?.ok_or_else(|| {
                ApiError::not_found(format!("No tag with name: {key} in experiment with id {id}"))
            })?;
            let change = by.did("delete_tag", "experiment", &id);
            change.from(Some(&format!("{key}={before}"))).record(tx)?;
            Ok(Json(Done {}))
        })
        .await
}
