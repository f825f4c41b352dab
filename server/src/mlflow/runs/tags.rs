//! `runs/set-tag` and `runs/delete-tag`.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::{log, lookup};
use crate::api::{ApiError, App, Caller};
use crate::mlflow::body::{Body, Done};
use crate::mlflow::check::required;
use crate::store::key_value::KeyValue;
use crate::store::run_tags;

#[derive(Deserialize)]
pub(super) struct SetTag {
    run_id: Option<String>,
    run_uuid: Option<String>,
    key: Option<String>,
    value: Option<String>,
}

pub(super) async fn set(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<SetTag>,
) -> Result<Json<Done>, ApiError> {
    let run_id = lookup::id(request.run_id, request.run_uuid)?;
    let key = required("key", request.key)?;
    let tag = log::tag("", KeyValue { key, value: request.value.unwrap_or_default() })?;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let run = lookup::active(tx, &run_id)?;
            let KeyValue { key, value } = &tag;
            let before = run_tags::find(tx, run.id, key)?.map(|before| format!("{key}={before}"));
            log::set_tag(tx, run, &tag)?;
            let change = by.did("set_tag", "run", &run_id).within(&run.experiment_id);
            change.from(before.as_ref()).to(Some(&format!("{key}={value}"))).record(tx)?;
            Ok(Json(Done {}))
        })
        .await
}

#[derive(Deserialize)]
pub(super) struct DeleteTag {
    run_id: Option<String>,
    key: Option<String>,
}

pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<DeleteTag>,
) -> Result<Json<Done>, ApiError> {
    let run_id = required("run_id", request.run_id)?;
    let key = required("key", request.key)?;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let run = lookup::active(tx, &run_id)?;
            let before = run_tags::remove(tx, run.id, &key)?.ok_or_else(|| {
                ApiError::not_found(format!("No tag with name: {key} in run with id {run_id}"))
            })?;
            let change = by.did("delete_tag", "run", &run_id).within(&run.experiment_id);
            change.from(Some(&format!("{key}={before}"))).record(tx)?;
            Ok(Json(Done {}))
        })
        .await
}
