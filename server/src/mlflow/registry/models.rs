//! `registered-models/create`, `get`, `update`, `rename`, `delete`.

use axum::extract::State;
use axum::routing::{delete, get, patch, post};
use axum::{Json, Router};
use serde::Deserialize;

use super::entity::OneModel;
use super::params::{find_model, model_name};
use super::production::{self, Force};
use super::tags::{self, event_tags};
use crate::api::{ApiError, App, Caller};
use crate::mlflow::body::{Body, Done, Query};
use crate::mlflow::pair::Pair;
use crate::store::{deliveries, model_tags, model_versions, registered_models, version_numbers};
use crate::webhooks::Event;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/registered-models/create", post(create))
        .route("/registered-models/get", get(show))
        .route("/registered-models/update", patch(update))
        .route("/registered-models/rename", post(rename))
        .route("/registered-models/delete", delete(remove))
}

#[derive(Deserialize)]
struct Create {
    name: Option<String>,
    tags: Option<Vec<Pair>>,
    description: Option<String>,
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<Create>,
) -> Result<Json<OneModel>, ApiError> {
    let name = model_name("name", asked.name)?;
    let tags = tags::all(asked.tags)?;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let id = registered_models::insert(tx, &name, asked.description.as_deref(), by.at)?;
            let id = id.ok_or_else(|| taken(&name))?;
            for tag in &tags {
                model_tags::OF_MODELS.set(tx, id, tag)?;
            }
            by.did("create", "model", &name).of_model(id, &name).record(tx)?;
            let event = Event::RegisteredModelCreated {
                name: name.as_str(),
                tags: event_tags(&tags),
                description: asked.description.as_deref().unwrap_or_default(),
            };
            deliveries::announce(tx, &event, by.at)?;
            Ok(Json(OneModel::of(tx, id)?))
        })
        .await
}

fn taken(name: &impl std::fmt::Display) -> ApiError {
    ApiError::already_exists(format!("Registered Model (name={name}) already exists."))
}

#[derive(Deserialize)]
struct Named {
    name: Option<String>,
}

async fn show(State(app): State<App>, Query(asked): Query<Named>) -> Result<Json<OneModel>, ApiError> {
    let name = model_name("name", asked.name)?;
    app.store.read_now(|tx| Ok(Json(OneModel::of(tx, find_model(tx, &name)?.id)?)))
}

#[derive(Deserialize)]
struct Update {
    name: Option<String>,
    description: Option<String>,
}

async fn update(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<Update>,
) -> Result<Json<OneModel>, ApiError> {
    let name = model_name("name", asked.name)?;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let model = find_model(tx, &name)?;
            registered_models::describe(tx, model.id, asked.description.as_deref(), by.at)?;
            let change = by.did("describe", "model", &name).of_model(model.id, &name);
            change.from(model.description.as_ref()).to(asked.description.as_ref()).record(tx)?;
            Ok(Json(OneModel::of(tx, model.id)?))
        })
        .await
}

#[derive(Deserialize)]
struct Rename {
    name: Option<String>,
    #[serde(alias = "newName")]
    new_name: Option<String>,
}

async fn rename(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<Rename>,
) -> Result<Json<OneModel>, ApiError> {
    let (old, new) = (model_name("name", asked.name)?, model_name("new_name", asked.new_name)?);
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let model = find_model(tx, &old)?;
            if registered_models::find(tx, &new)?.is_some_and(|other| other.id != model.id) {
                return Err(taken(&new));
            }
            let (lowest, others) =
                (model_versions::lowest(tx, model.id)?, version_numbers::taken_by_others(tx, &new, model.id)?);
            if let (Some(lowest), Some(last)) = (lowest, others)
                && lowest <= last
            {
                return Err(ApiError::invalid(format!(
                    "new_name {:?} was another model's, with versions up to {last}, and numbers never repeat: \
                     {:?} has a version {lowest}; choose another name",
                    new.as_str(),
                    old.as_str()
                )));
            }
            registered_models::rename(tx, model.id, &new, by.at)?;
            model_versions::touch_all(tx, model.id, by.at)?;
            version_numbers::rename(tx, model.id, &old, &new)?;
            by.did("rename", "model", &new).of_model(model.id, &new).from(Some(&old)).to(Some(&new)).record(tx)?;
            Ok(Json(OneModel::of(tx, model.id)?))
        })
        .await
}

#[derive(Deserialize)]
struct Delete {
    name: Option<String>,
    #[serde(default)]
    force: bool,
}

async fn remove(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<Force>,
    Body(asked): Body<Delete>,
) -> Result<Json<Done>, ApiError> {
    let name = model_name("name", asked.name)?;
    let force = query.force || asked.force;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let model = find_model(tx, &name)?;
            if !force {
                production::refuse(tx, &model, None)?;
            }
            registered_models::delete(tx, model.id)?;
            by.did("delete", "model", &name).of_model(model.id, &name).from(Some(&name)).record(tx)?;
            Ok(Json(Done {}))
        })
        .await
}
