//! `GET logged-models/{model_id}`.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::answer::One;
use super::lookup;
use crate::api::{ApiError, App};
use crate::mlflow::body::Query;
use crate::mlflow::path::Path;

#[derive(Deserialize)]
pub(super) struct Show {
    #[serde(default)]
    allow_deleted: String,
}

pub(super) async fn show(
    State(app): State<App>,
    Path(model_id): Path<String>,
    Query(asked): Query<Show>,
) -> Result<Json<One>, ApiError> {
    let find = if asked.allow_deleted.eq_ignore_ascii_case("true") { lookup::any } else { lookup::active };
    app.store.read(move |tx| Ok(Json(One::of(tx, find(tx, &model_id)?)?))).await
}
