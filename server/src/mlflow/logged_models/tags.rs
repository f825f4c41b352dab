//! `logged-models/{model_id}/tags`.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::params::shown;
use super::{MAX_KEY, lookup};
use crate::api::{ApiError, App, Caller};
use crate::mlflow::body::{Body, Done};
use crate::mlflow::check::length;
use crate::mlflow::pair::{self, Pair};
use crate::mlflow::path::Path;
use crate::store::key_value::KeyValue;
use crate::store::logged_model_tags;

#[derive(Deserialize)]
pub(super) struct Set {
    tags: Option<Vec<Pair>>,
}

pub(super) async fn set(
    State(app): State<App>,
    caller: Caller,
    Path(model_id): Path<String>,
    Body(request): Body<Set>,
) -> Result<Json<Done>, ApiError> {
    let tags = parse(request.tags)?;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let model = lookup::any(tx, &model_id)?;
            for tag in &tags {
                logged_model_tags::set(tx, model.id, tag)?;
            }
            let change = by.did("set_tags", "logged_model", &model_id).within(&model.experiment_id);
            change.to(Some(&shown(&tags))).record(tx)?;
            Ok(Json(Done {}))
        })
        .await
}

pub(super) async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path((model_id, key)): Path<(String, String)>,
) -> Result<Json<Done>, ApiError> {
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let model = lookup::any(tx, &model_id)?;
            let value = logged_model_tags::remove(tx, model.id, &key)?.ok_or_else(|| {
                let message = format!("No tag with key '{key}' found for model with ID '{model_id}'.");
                ApiError::not_found(message)
            })?;
            let change = by.did("delete_tag", "logged_model", &model_id).within(&model.experiment_id);
            change.from(Some(&format!("{key}={value}"))).record(tx)?;
            Ok(Json(Done {}))
        })
        .await
}

/// The tags of a request; of a key that is there twice the last value counts.
pub(super) fn parse(tags: Option<Vec<Pair>>) -> Result<Vec<KeyValue>, ApiError> {
    let tags = pair::all("tags", tags)?;
    tags.iter().try_for_each(|tag| length("tags.key", &tag.key, MAX_KEY))?;
    Ok(tags)
}
