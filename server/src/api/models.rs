//! `/api/v1/models`: the registered models.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use overhaul_client::api::{ModelList, RegisteredModel};

use super::{ApiError, App};
use crate::store::{aliases, bundles, registered_models};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/api/v1/models", get(list))
}

async fn list(State(app): State<App>) -> Result<Json<ModelList>, ApiError> {
    app.store
        .read(|tx| {
            let models = registered_models::all(tx)?.into_iter().map(|model| {
                Ok(RegisteredModel {
                    latest_version: bundles::numbers(tx, model.id)?.last().copied(),
                    aliases: aliases::all(tx, model.id)?,
                    name: model.name,
                    created_at: model.created_at,
                })
            });
            Ok(Json(ModelList { models: models.collect::<Result<_, ApiError>>()? }))
        })
        .await
}
