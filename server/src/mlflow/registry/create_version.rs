//! `model-versions/create`.

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use rusqlite::Connection;
use serde::Deserialize;

use super::entity::OneVersion;
use super::origin::Stated;
use super::params::{find_model, model_name};
use super::source;
use super::tags::{self, are_of_prompt, event_tags};
use crate::api::{ApiError, App, Caller};
use crate::mlflow::body::Body;
use crate::mlflow::check::required;
use crate::mlflow::pair::Pair;
use crate::store::model_versions::{self, NewVersion};
use crate::store::{candidates, deliveries, model_tags, registered_models, version_numbers};
use crate::webhooks::Event;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/model-versions/create", post(create))
}

#[derive(Deserialize)]
struct Create {
    name: Option<String>,
    source: Option<String>,
    #[serde(alias = "runId")]
    run_id: Option<String>,
    tags: Option<Vec<Pair>>,
    #[serde(alias = "runLink")]
    run_link: Option<String>,
    description: Option<String>,
    #[serde(alias = "modelId")]
    model_id: Option<String>,
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<Create>,
) -> Result<Json<OneVersion>, ApiError> {
    let name = model_name("name", asked.name)?;
    let text = required("source", asked.source)?;
    let tags = tags::all(asked.tags)?;
    let source = if are_of_prompt(&tags) { source::parse_of_prompt(&text)? } else { source::parse(&text)? };
    let stated = Stated { source: (text, source), run_id: asked.run_id, model_id: asked.model_id };
    let (run_link, description) = (asked.run_link.unwrap_or_default(), asked.description.unwrap_or_default());
    let by = app.by(caller);
    let (made, candidate) = app
        .store
        .write(move |tx| {
            let model = find_model(tx, &name)?;
            let (source, origin) = stated.resolve(tx)?;
            let version = NewVersion {
                version: version_numbers::next(tx, &name)?,
                at: by.at,
                description: Some(&description),
                user_id: None,
                source: &source,
                storage_uri: &origin.storage_uri,
                run_id: origin.run_id.as_deref(),
                run_link: Some(&run_link),
                logged_model: origin.logged_model.as_deref(),
            };
            let id = model_versions::insert(tx, model.id, &version)?;
            for tag in &tags {
                model_tags::OF_VERSIONS.set(tx, id, tag)?;
            }
            registered_models::touch(tx, model.id, by.at)?;
            let change = by.did("create", "version", &version.version).of_model(model.id, &name);
            change.to(Some(&source)).record(tx)?;
            let event = Event::ModelVersionCreated {
                name: name.as_str(),
                version: version.version,
                source: &source,
                run_id: origin.run_id.as_deref().filter(|id| !id.is_empty()),
                tags: event_tags(&tags),
                description: Some(description.as_str()).filter(|text| !text.is_empty()),
            };
            deliveries::announce(tx, &event, by.at)?;
            let made = model_versions::find(tx, &name, version.version)?;
            let made = made.ok_or_else(|| anyhow::anyhow!("version {} is gone", version.version))?;
            Ok::<_, ApiError>((OneVersion::of(tx, made)?, candidates::find(tx, id)?))
        })
        .await?;
    let Some(candidate) = candidate else { return Ok(Json(made)) };
    let (name, number) = (candidate.name.clone(), candidate.version);
    // The version is made, whatever becomes of its bundle; a restart tries again.
    if let Err(error) = app.workshop.convert(&app, candidate).await {
        tracing::error!("no bundle was made: {error:#}");
        return Ok(Json(made));
    }
    // Now it says why gateways cannot run it, if they cannot; it may have been deleted meanwhile.
    let read = move |tx: &Connection| {
        model_versions::find(tx, &name, number)?.map(|row| OneVersion::of(tx, row)).transpose()
    };
    Ok(Json(app.store.read(read).await?.unwrap_or(made)))
}
