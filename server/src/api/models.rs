//! `/api/v1/models`: the registered models.

use axum::Json;
use axum::extract::State;
use overhaul_client::api::{ModelList, RegisteredModel};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiError, App};
use crate::store::{aliases, bundles, registered_models};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default().routes(routes!(list))
}

/// Lists the registered models.
#[utoipa::path(
    get,
    path = "/api/v1/models",
    operation_id = "list_models",
    tag = "models",
    responses((status = 200, description = "All of them.", body = ModelList)),
)]
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
