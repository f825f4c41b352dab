//! `model-versions/get`, `update`, `delete`, `get-download-uri`.

use axum::extract::State;
use axum::routing::{delete, get, patch};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::entity::OneVersion;
use super::params::{Meant, find_model};
use super::production::{self, Force};
use crate::alias;
use crate::api::{ApiError, App, Caller};
use crate::mlflow::body::{Body, Done, Query};
use crate::store::{aliases, lineage, model_versions, registered_models};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/model-versions/get", get(show))
        .route("/model-versions/update", patch(update))
        .route("/model-versions/delete", delete(remove))
        .route("/model-versions/get-download-uri", get(download_uri))
}

#[derive(Deserialize)]
struct Asked {
    name: Option<String>,
    version: Option<String>,
}

async fn show(State(app): State<App>, Query(asked): Query<Asked>) -> Result<Json<OneVersion>, ApiError> {
    let meant = Meant::parse(asked.name, asked.version)?;
    app.store.read_now(|tx| Ok(Json(OneVersion::of(tx, meant.find(tx)?)?)))
}

#[derive(Serialize)]
struct DownloadUri {
    artifact_uri: String,
}

async fn download_uri(
    State(app): State<App>,
    Query(asked): Query<Asked>,
) -> Result<Json<DownloadUri>, ApiError> {
    let meant = Meant::parse(asked.name, asked.version)?;
    app.store.read_now(|tx| {
        let origin = lineage::version(tx, &meant.name, meant.number()?)?;
        let origin = origin.ok_or_else(|| meant.not_found())?;
        Ok(Json(DownloadUri { artifact_uri: origin.storage_uri }))
    })
}

#[derive(Deserialize)]
struct Update {
    name: Option<String>,
    version: Option<String>,
    description: Option<String>,
}

async fn update(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<Update>,
) -> Result<Json<OneVersion>, ApiError> {
    let meant = Meant::parse(asked.name, asked.version)?;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let mut version = meant.find(tx)?;
            model_versions::describe(tx, version.id, asked.description.as_deref(), by.at)?;
            let change =
                by.did("describe", "version", &version.version).of_model(version.model_id, &meant.name);
            change.from(version.description.as_ref()).to(asked.description.as_ref()).record(tx)?;
            version.description = asked.description;
            version.updated_at = by.at;
            Ok(Json(OneVersion::of(tx, version)?))
        })
        .await
}

#[derive(Deserialize)]
struct Delete {
    name: Option<String>,
    version: Option<String>,
    #[serde(default)]
    force: bool,
}

async fn remove(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<Force>,
    Body(asked): Body<Delete>,
) -> Result<Json<Done>, ApiError> {
    let meant = Meant::parse(asked.name, asked.version)?;
    let force = query.force || asked.force;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let version = meant.find(tx)?;
            let model = find_model(tx, &meant.name)?;
            if !force {
                production::refuse(tx, &model, Some(version.version))?;
            }
            // Each on its own, so that the trail says when nothing was in production any more.
            for name in aliases::of_version(tx, model.id, version.version)? {
                alias::remove(tx, &by, &model, &name.parse()?, None)?;
            }
            model_versions::delete(tx, version.id)?;
            registered_models::touch(tx, model.id, by.at)?;
            let change = by.did("delete", "version", &version.version).of_model(model.id, &model.name);
            change.from(Some(&version.source)).record(tx)?;
            Ok(Json(Done {}))
        })
        .await
}
