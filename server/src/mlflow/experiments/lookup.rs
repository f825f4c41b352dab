//! Experiments by their ids, or an answer that says what is wrong.

use rusqlite::Connection;

use crate::api::ApiError;
use crate::mlflow::check::required;
use crate::store::experiments::{self, Experiment};
use crate::store::stage::Stage;

/// The most experiments of a search.
const MAX_EXPERIMENTS: usize = 10_000;

/// The number that a request calls an experiment by.
pub(in crate::mlflow) fn id(experiment_id: Option<String>) -> Result<i64, ApiError> {
    number(&required("experiment_id", experiment_id)?)
}

/// An experiment's id as the number that it is.
pub(in crate::mlflow) fn number(experiment_id: &str) -> Result<i64, ApiError> {
    experiment_id.trim().parse().map_err(|_| {
        ApiError::invalid(format!(
            "Invalid experiment ID '{experiment_id}'. Experiment ID must be a valid integer."
        ))
    })
}

/// The numbers of the experiments of a search, each once; in those that are not there, nothing is found.
pub(in crate::mlflow) fn numbers(experiment_ids: &[String]) -> Result<Vec<i64>, ApiError> {
    let mut numbers = experiment_ids.iter().map(|id| number(id)).collect::<Result<Vec<_>, _>>()?;
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.len() > MAX_EXPERIMENTS {
        return Err(ApiError::invalid(format!(
            "experiment_ids names {} experiments; name at most {MAX_EXPERIMENTS}",
            numbers.len()
        )));
    }
    Ok(numbers)
}

/// An experiment, deleted or not.
pub(in crate::mlflow) fn any(connection: &Connection, id: i64) -> Result<Experiment, ApiError> {
    experiments::find(connection, id)?.ok_or_else(|| not_found(id))
}

/// An experiment in one stage; one in the other counts as not there.
pub(super) fn in_stage(connection: &Connection, id: i64, stage: Stage) -> Result<Experiment, ApiError> {
    any(connection, id).and_then(
        |experiment| {
            if experiment.stage == stage { Ok(experiment) } else { Err(not_found(id)) }
        },
    )
}

/// An experiment that can be changed.
pub(in crate::mlflow) fn active(connection: &Connection, id: i64) -> Result<Experiment, ApiError> {
    let experiment = any(connection, id)?;
    if experiment.stage == Stage::Active {
        return Ok(experiment);
    }
    Err(ApiError::invalid(format!(
        "The experiment {id} must be in the 'active' state. Current state is {}.",
        experiment.stage.name()
    )))
}

fn not_found(id: i64) -> ApiError {
    ApiError::not_found(format!("No Experiment with id={id} exists"))
}
