//! `runs/log-model`, with which clients before `MLflow` 3 say that a run logged a model: a tag holds a list
//! of what they sent.

use axum::Json;
use axum::extract::State;
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::lookup;
use crate::api::{ApiError, App, Caller};
use crate::mlflow::body::{Body, Done};
use crate::mlflow::check::required;
use crate::store::run_tags;
use crate::store::runs::RunKey;

/// The tag with the list.
const HISTORY: &str = "mlflow.log-model.history";
/// What a model's description must have.
const MANDATORY: [&str; 4] = ["artifact_path", "flavors", "run_id", "utc_time_created"];

#[derive(Deserialize)]
pub(super) struct LogModel {
    run_id: Option<String>,
    model_json: Option<String>,
}

pub(super) async fn log(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<LogModel>,
) -> Result<Json<Done>, ApiError> {
    let run_id = required("run_id", request.run_id)?;
    let model = described(&required("model_json", request.model_json)?)?;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let run = lookup::active(tx, &run_id)?;
            let shown = model["artifact_path"].to_string();
            append(tx, run, model)?;
            by.did("log_model", "run", &run_id).within(&run.experiment_id).to(Some(&shown)).record(tx)?;
            Ok(Json(Done {}))
        })
        .await
}

/// What the tag keeps of a model's description.
fn described(text: &str) -> Result<Value, ApiError> {
    let mut model: Map<String, Value> = serde_json::from_str(text)
        .map_err(|e| ApiError::invalid(format!("model_json is not a JSON object: {e}")))?;
    let missing: Vec<&str> = MANDATORY.into_iter().filter(|field| !model.contains_key(*field)).collect();
    if !missing.is_empty() {
        return Err(ApiError::invalid(format!("model_json lacks {}", missing.join(", "))));
    }
    model.retain(|field, _| MANDATORY.contains(&field.as_str()) || field == "model_uuid");
    if let Some(flavors) = model.get_mut("flavors").and_then(Value::as_object_mut) {
        for flavor in flavors.values_mut().filter_map(Value::as_object_mut) {
            flavor.remove("config");
        }
    }
    Ok(model.into())
}

fn append(connection: &Connection, run: RunKey, model: Value) -> Result<(), ApiError> {
    let before = run_tags::find(connection, run.id, HISTORY)?.unwrap_or_else(|| "[]".to_owned());
    let mut models: Vec<Value> = serde_json::from_str(&before).map_err(|e| {
        ApiError::invalid(format!("the run's tag {HISTORY} is no list of models: {e}; delete the tag first"))
    })?;
    models.push(model);
    Ok(run_tags::set(connection, run.id, HISTORY, &Value::from(models).to_string())?)
}
