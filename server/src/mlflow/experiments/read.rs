//! `experiments/get` and `experiments/get-by-name`.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::{answer, lookup};
use crate::api::{ApiError, App};
use crate::mlflow::body::Query;
use crate::mlflow::check::required;
use crate::store::experiments;

#[derive(Deserialize)]
pub(super) struct GetExperiment {
    experiment_id: Option<String>,
}

pub(super) async fn by_id(
    State(app): State<App>,
    Query(request): Query<GetExperiment>,
) -> Result<Json<answer::One>, ApiError> {
    let id = lookup::id(request.experiment_id)?;
    app.store.read_now(|tx| Ok(Json(answer::one(tx, lookup::any(tx, id)?)?)))
}

#[derive(Deserialize)]
pub(super) struct GetExperimentByName {
    experiment_name: Option<String>,
}

pub(super) async fn by_name(
    State(app): State<App>,
    Query(request): Query<GetExperimentByName>,
) -> Result<Json<answer::One>, ApiError> {
    let name = required("experiment_name", request.experiment_name)?;
    app.store.read_now(|tx| {
        let experiment = experiments::find_by_name(tx, &name)?
            .ok_or_else(|| ApiError::not_found(format!("Could not find experiment with name '{name}'")))?;
        Ok(Json(answer::one(tx, experiment)?))
    })
}
