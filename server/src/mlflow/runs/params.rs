//! `runs/log-parameter`.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::{log, lookup};
use crate::api::{ApiError, App, Caller};
use crate::mlflow::body::{Body, Done};
use crate::mlflow::check::required;
use crate::store::key_value::KeyValue;

#[derive(Deserialize)]
pub(super) struct LogParam {
    run_id: Option<String>,
    run_uuid: Option<String>,
    key: Option<String>,
    value: Option<String>,
}

pub(super) async fn log(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<LogParam>,
) -> Result<Json<Done>, ApiError> {
    let run_id = lookup::id(request.run_id, request.run_uuid)?;
    let key = required("key", request.key)?;
    let param = log::param("", KeyValue { key, value: request.value.unwrap_or_default() })?;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let run = lookup::active(tx, &run_id)?;
            let logged = format!("{}={}", param.key, param.value);
            log::params(tx, run, &run_id, &[param])?;
            let change = by.did("log_param", "run", &run_id).within(&run.experiment_id);
            change.to(Some(&logged)).record(tx)?;
            Ok(Json(Done {}))
        })
        .await
}
