//! Runs by their ids, or an answer that says what is wrong.

use rusqlite::Connection;

use crate::api::ApiError;
use crate::mlflow::check::required;
use crate::store::runs::{self, RunKey};
use crate::store::stage::Stage;

/// The id that a request calls a run by; `run_uuid` is how older clients spell it.
pub(in crate::mlflow) fn id(run_id: Option<String>, run_uuid: Option<String>) -> Result<String, ApiError> {
    required("run_id", run_id.filter(|id| !id.is_empty()).or(run_uuid))
}

/// A run, deleted or not.
pub(super) fn any(connection: &Connection, run_id: &str) -> Result<RunKey, ApiError> {
    runs::key(connection, run_id)?.ok_or_else(|| not_found(run_id))
}

/// A run that can be changed.
pub(super) fn active(connection: &Connection, run_id: &str) -> Result<RunKey, ApiError> {
    let run = any(connection, run_id)?;
    check_active(run_id, run.stage)?;
    Ok(run)
}

/// Refuses to change a run that was deleted.
pub(super) fn check_active(run_id: &str, stage: Stage) -> Result<(), ApiError> {
    if stage == Stage::Active {
        return Ok(());
    }
    Err(ApiError::invalid(format!(
        "The run {run_id} must be in the 'active' state. Current state is {}.",
        stage.name()
    )))
}

/// There is no such run.
pub(in crate::mlflow) fn not_found(run_id: &str) -> ApiError {
    ApiError::not_found(format!("Run with id={run_id} not found"))
}
