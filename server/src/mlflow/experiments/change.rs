//! `experiments/update`, `experiments/delete` and `experiments/restore`.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::create::{MAX_NAME, taken};
use super::lookup;
use crate::api::{ApiError, App, Caller};
use crate::mlflow::body::{Body, Done};
use crate::mlflow::check::{length, required};
use crate::store::stage::Stage;
use crate::store::{experiments, runs};

#[derive(Deserialize)]
pub(super) struct UpdateExperiment {
    experiment_id: Option<String>,
    new_name: Option<String>,
}

pub(super) async fn rename(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<UpdateExperiment>,
) -> Result<Json<Done>, ApiError> {
    let id = lookup::id(request.experiment_id)?;
    let name = required("new_name", request.new_name)?;
    length("name", &name, MAX_NAME)?;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let before = lookup::active(tx, id)?.name;
            if !experiments::rename(tx, id, &name, by.at)? {
                return Err(taken(&name));
            }
            let change = by.did("rename_experiment", "experiment", &id);
            change.from(Some(&before)).to(Some(&name)).record(tx)?;
            Ok(Json(Done {}))
        })
        .await
}

#[derive(Deserialize)]
pub(super) struct WhichExperiment {
    experiment_id: Option<String>,
}

pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<WhichExperiment>,
) -> Result<Json<Done>, ApiError> {
    move_to(app, caller, request, Stage::Deleted, "delete_experiment").await
}

pub(super) async fn restore(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<WhichExperiment>,
) -> Result<Json<Done>, ApiError> {
    move_to(app, caller, request, Stage::Active, "restore_experiment").await
}

/// Deletes or restores an experiment with all of its runs, those included that were deleted one by one.
async fn move_to(
    app: App,
    caller: Caller,
    request: WhichExperiment,
    stage: Stage,
    action: &'static str,
) -> Result<Json<Done>, ApiError> {
    let id = lookup::id(request.experiment_id)?;
    let before = if stage == Stage::Active { Stage::Deleted } else { Stage::Active };
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            lookup::in_stage(tx, id, before)?;
            experiments::set_stage(tx, id, stage, by.at)?;
            runs::set_stage_of_all(tx, id, stage, by.at)?;
            let change = by.did(action, "experiment", &id);
            change.from(Some(&before.name())).to(Some(&stage.name())).record(tx)?;
            Ok(Json(Done {}))
        })
        .await
}
