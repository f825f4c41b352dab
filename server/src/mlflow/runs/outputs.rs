//! `runs/outputs`: the logged models that a run gave out.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::lookup;
use crate::api::{ApiError, App, Caller};
use crate::mlflow::body::{Body, Done};
use crate::mlflow::check::{given, required};
use crate::mlflow::number::int64_option;
use crate::store::run_models;

#[derive(Deserialize)]
pub(super) struct LogOutputs {
    run_id: Option<String>,
    models: Option<Vec<ModelOutput>>,
}

#[derive(Deserialize)]
struct ModelOutput {
    model_id: Option<String>,
    #[serde(default, deserialize_with = "int64_option")]
    step: Option<i64>,
}

pub(super) async fn log(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<LogOutputs>,
) -> Result<Json<Done>, ApiError> {
    let run_id = required("run_id", request.run_id)?;
    let models = given("models", request.models)?.into_iter().enumerate();
    let models = models
        .map(|(index, model)| {
            let model_id = required(format_args!("models[{index}].model_id"), model.model_id)?;
            Ok((model_id, model.step.unwrap_or_default()))
        })
        .collect::<Result<Vec<_>, ApiError>>()?;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let run = lookup::active(tx, &run_id)?;
            for (model_id, step) in &models {
                run_models::log_output(tx, run.id, model_id, *step)?;
            }
            let shown = models.iter().map(|(model_id, _)| model_id.as_str()).collect::<Vec<_>>().join(", ");
            by.did("log_outputs", "run", &run_id).within(&run.experiment_id).to(Some(&shown)).record(tx)?;
            Ok(Json(Done {}))
        })
        .await
}
