//! `registered-models/get-latest-versions`: the newest version of each stage.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::entity::ModelVersion;
use super::params::{find_model, model_name};
use crate::api::{ApiError, App};
use crate::mlflow::body::{Body, Query};
use crate::store::model_versions::{self, InvalidStage, Stage};

pub(super) fn routes() -> Router<App> {
    // The client asks by POST first and by GET where that is not known.
    Router::new().route("/registered-models/get-latest-versions", get(by_get).post(by_post))
}

#[derive(Deserialize)]
struct Asked {
    name: Option<String>,
    stages: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct AskedInQuery {
    name: Option<String>,
    #[serde(default)]
    stages: Vec<String>,
}

#[derive(Serialize)]
struct Versions {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    model_versions: Vec<ModelVersion>,
}

async fn by_get(
    State(app): State<App>,
    Query(asked): Query<AskedInQuery>,
) -> Result<Json<Versions>, ApiError> {
    latest(&app, Asked { name: asked.name, stages: Some(asked.stages) }).await
}

async fn by_post(State(app): State<App>, Body(asked): Body<Asked>) -> Result<Json<Versions>, ApiError> {
    latest(&app, asked).await
}

async fn latest(app: &App, asked: Asked) -> Result<Json<Versions>, ApiError> {
    let name = model_name("name", asked.name)?;
    let stages = asked.stages.unwrap_or_default();
    app.store
        .read(move |tx| {
            let model = find_model(tx, &name)?;
            let stages = stages.iter().map(|stage| stage.parse());
            let stages: Vec<Stage> =
                stages.collect::<Result<_, InvalidStage>>().map_err(|e| ApiError::invalid(e.to_string()))?;
            let mut versions = model_versions::latest(tx, &[model.id])?;
            versions.retain(|version| stages.is_empty() || stages.contains(&version.stage));
            // At most one for each of the four stages.
            let shown = versions.into_iter().map(|version| ModelVersion::of(tx, version));
            Ok(Json(Versions { model_versions: shown.collect::<Result<_, _>>()? }))
        })
        .await
}
