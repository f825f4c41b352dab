//! `/api/v1/models/{name}/history`: every move of a model's aliases.

use axum::Json;
use axum::extract::State;
use overhaul_bundle::ModelName;
use overhaul_client::api::History;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::Names;
use super::{ApiError, App, lookup};
use crate::store::audit;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default().routes(routes!(list))
}

/// Lists every move of a model's aliases.
#[utoipa::path(
    get,
    path = "/api/v1/models/{name}/history",
    operation_id = "list_alias_moves",
    tag = "aliases",
    params(("name" = ModelName, Path)),
    responses(
        (status = 200, description = "All of them.", body = History),
        (status = 404, description = "There is no such model."),
    ),
)]
async fn list(
    State(app): State<App>,
    Names((name,)): Names<(ModelName,)>,
) -> Result<Json<History>, ApiError> {
    app.store
        .read(move |tx| {
            let model = lookup::model(tx, &name)?;
            Ok(Json(History { history: audit::moves(tx, model.id)? }))
        })
        .await
}
