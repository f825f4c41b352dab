//! `runs/get`.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::answer::{self, One};
use super::lookup;
use crate::api::{ApiError, App};
use crate::mlflow::body::Query;
use crate::store::runs;

#[derive(Deserialize)]
pub(super) struct GetRun {
    run_id: Option<String>,
    run_uuid: Option<String>,
}

pub(super) async fn get(
    State(app): State<App>,
    Query(request): Query<GetRun>,
) -> Result<Json<One>, ApiError> {
    let run_id = lookup::id(request.run_id, request.run_uuid)?;
    app.store
        .read(move |tx| {
            let run = runs::find(tx, &run_id)?.ok_or_else(|| lookup::not_found(&run_id))?;
            let run = answer::all(tx, vec![run])?.pop().ok_or_else(|| lookup::not_found(&run_id))?;
            Ok(Json(One { run }))
        })
        .await
}
