//! `model-versions/transition-stage`.

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;

use super::entity::OneVersion;
use super::params::Meant;
use crate::api::{ApiError, App, Caller};
use crate::mlflow::body::Body;
use crate::mlflow::check::required;
use crate::store::model_versions::{self, InvalidStage, Stage};
use crate::store::registered_models;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/model-versions/transition-stage", post(transition))
}

#[derive(Deserialize)]
struct Transition {
    name: Option<String>,
    version: Option<String>,
    stage: Option<String>,
    #[serde(alias = "archiveExistingVersions")]
    archive_existing_versions: Option<bool>,
}

async fn transition(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<Transition>,
) -> Result<Json<OneVersion>, ApiError> {
    let meant = Meant::parse(asked.name, asked.version)?;
    let stage = required("stage", asked.stage)?.parse();
    let stage: Stage = stage.map_err(|e: InvalidStage| ApiError::invalid(e.to_string()))?;
    let archive = asked.archive_existing_versions == Some(true);
    if archive && !stage.is_active() {
        return Err(ApiError::invalid(format!(
            "archive_existing_versions is for Staging and Production, not for {stage}; leave it out"
        )));
    }
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let mut version = meant.find(tx)?;
            let (model, name) = (version.model_id, &meant.name);
            if archive {
                for other in model_versions::archive_others(tx, model, stage, version.id, by.at)? {
                    let change = by.did("set_stage", "version", &other).of_model(model, name);
                    change.from(Some(&stage)).to(Some(&Stage::Archived)).record(tx)?;
                }
            }
            model_versions::set_stage(tx, version.id, stage, by.at)?;
            registered_models::touch(tx, model, by.at)?;
            let change = by.did("set_stage", "version", &version.version).of_model(model, name);
            change.from(Some(&version.stage)).to(Some(&stage)).record(tx)?;
            version.stage = stage;
            version.updated_at = by.at;
            Ok(Json(OneVersion::of(tx, version)?))
        })
        .await
}
