//! `experiments/create`.

use std::collections::HashSet;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::{location, tags};
use crate::api::{ApiError, App, Caller};
use crate::mlflow::body::Body;
use crate::mlflow::check::{length, required};
use crate::mlflow::pair::{self, Pair};
use crate::store::{experiment_tags, experiments};

/// The most characters of a name.
pub(super) const MAX_NAME: usize = 500;

#[derive(Deserialize)]
pub(super) struct CreateExperiment {
    name: Option<String>,
    artifact_location: Option<String>,
    tags: Option<Vec<Pair>>,
}

#[derive(Serialize)]
pub(super) struct Created {
    experiment_id: String,
}

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<CreateExperiment>,
) -> Result<Json<Created>, ApiError> {
    let name = required("name", request.name)?;
    length("name", &name, MAX_NAME)?;
    let place = request.artifact_location.filter(|location| !location.is_empty());
    place.as_deref().map_or(Ok(()), location::check)?;
    let tags = pair::all("tags", request.tags)?;
    tags.iter().try_for_each(tags::check)?;
    let mut keys = HashSet::new();
    if let Some(twice) = tags.iter().find(|tag| !keys.insert(&tag.key)) {
        return Err(ApiError::invalid(format!("tag {:?} is there twice; send each tag once", twice.key)));
    }
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let id = experiments::insert(tx, &name, place.as_deref().unwrap_or_default(), by.at)?
                .ok_or_else(|| taken(&name))?;
            if place.is_none() {
                experiments::place(tx, id, &format!("mlflow-artifacts:/{id}"))?;
            }
            for tag in &tags {
                experiment_tags::set(tx, id, &tag.key, &tag.value)?;
            }
            by.did("create_experiment", "experiment", &id).to(Some(&name)).record(tx)?;
            Ok(Json(Created { experiment_id: id.to_string() }))
        })
        .await
}

/// Another experiment, which may be a deleted one, has that name.
pub(super) fn taken(name: &str) -> ApiError {
    ApiError::already_exists(format!("Experiment(name={name}) already exists; choose another name."))
}
