//! `runs/delete` and `runs/restore`.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::lookup;
use crate::api::{ApiError, App, Caller};
use crate::mlflow::body::{Body, Done};
use crate::mlflow::check::required;
use crate::store::runs;
use crate::store::stage::Stage;

#[derive(Deserialize)]
pub(super) struct WhichRun {
    run_id: Option<String>,
}

pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<WhichRun>,
) -> Result<Json<Done>, ApiError> {
    move_to(app, caller, request, Stage::Deleted, "delete_run").await
}

pub(super) async fn restore(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<WhichRun>,
) -> Result<Json<Done>, ApiError> {
    move_to(app, caller, request, Stage::Active, "restore_run").await
}

/// Deletes or restores a run, which may be deleted or restored already.
async fn move_to(
    app: App,
    caller: Caller,
    request: WhichRun,
    stage: Stage,
    action: &'static str,
) -> Result<Json<Done>, ApiError> {
    let run_id = required("run_id", request.run_id)?;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let run = lookup::any(tx, &run_id)?;
            runs::set_stage(tx, run.id, stage, by.at)?;
            let change = by.did(action, "run", &run_id).within(&run.experiment_id);
            change.from(Some(&run.stage.name())).to(Some(&stage.name())).record(tx)?;
            Ok(Json(Done {}))
        })
        .await
}
