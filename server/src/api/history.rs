//! `/api/v1/models/{name}/history`: every move of a model's aliases.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use overhaul_client::api::History;

use super::extract::Names;
use super::{ApiError, App, lookup};
use crate::store::audit;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/api/v1/models/{name}/history", get(list))
}

async fn list(
    State(app): State<App>,
    Names((name,)): Names<(overhaul_bundle::ModelName,)>,
) -> Result<Json<History>, ApiError> {
    app.store
        .read(move |tx| {
            let model = lookup::model(tx, &name)?;
            Ok(Json(History { history: audit::moves(tx, model.id)? }))
        })
        .await
}
