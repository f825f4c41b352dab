//! `POST logged-models/{model_id}/params`.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::change::check_same;
use super::{MAX_KEY, lookup};
use crate::api::{ApiError, App, Caller};
use crate::mlflow::body::{Body, Done};
use crate::mlflow::check::length;
use crate::mlflow::pair::{self, Pair};
use crate::mlflow::path::Path;
use crate::store::key_value::KeyValue;
use crate::store::logged_model_params;

#[derive(Deserialize)]
pub(super) struct Log {
    model_id: Option<String>,
    params: Option<Vec<Pair>>,
}

pub(super) async fn log(
    State(app): State<App>,
    caller: Caller,
    Path(model_id): Path<String>,
    Body(request): Body<Log>,
) -> Result<Json<Done>, ApiError> {
    check_same(&model_id, request.model_id)?;
    let params = parse(request.params)?;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let model = lookup::any(tx, &model_id)?;
            for param in &params {
                if let Some(other) = logged_model_params::log(tx, model.id, param)? {
                    return Err(differs(param, &other));
                }
            }
            let change = by.did("log_params", "logged_model", &model_id).within(&model.experiment_id);
            change.to(Some(&shown(&params))).record(tx)?;
            Ok(Json(Done {}))
        })
        .await
}

/// The params of a request.
pub(super) fn parse(params: Option<Vec<Pair>>) -> Result<Vec<KeyValue>, ApiError> {
    let params = pair::all("params", params)?;
    params.iter().try_for_each(|param| length("params.key", &param.key, MAX_KEY))?;
    Ok(params)
}

/// That a param has another value already.
pub(super) fn differs(param: &KeyValue, is: &str) -> ApiError {
    let KeyValue { key, value } = param;
    ApiError::invalid(format!(
        "param {key:?} is {is:?} and cannot become {value:?}: params never change; log another key, or a tag"
    ))
}

/// The keys of pairs, for the audit trail.
pub(super) fn shown(pairs: &[KeyValue]) -> String {
    pairs.iter().map(|pair| pair.key.as_str()).collect::<Vec<_>>().join(", ")
}
