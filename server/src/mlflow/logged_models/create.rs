//! `POST logged-models`.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use uuid::Uuid;

use super::answer::One;
use super::{MAX_NAME, lookup, params, tags};
use crate::api::{ApiError, App, Caller};
use crate::mlflow::body::Body;
use crate::mlflow::check::{invalid, length};
use crate::mlflow::experiments::{location, lookup as experiments};
use crate::mlflow::pair::Pair;
use crate::mlflow::random_name::random_name;
use crate::store::logged_models::{self, NewModel};
use crate::store::{logged_model_params, logged_model_tags};

/// What a name may not have, because it is a part of URIs and of filters.
const FORBIDDEN: [char; 6] = ['/', ':', '.', '%', '"', '\''];

#[derive(Deserialize)]
pub(super) struct Create {
    experiment_id: Option<String>,
    name: Option<String>,
    model_type: Option<String>,
    source_run_id: Option<String>,
    params: Option<Vec<Pair>>,
    tags: Option<Vec<Pair>>,
}

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<Create>,
) -> Result<Json<One>, ApiError> {
    let experiment_id = experiments::id(request.experiment_id)?;
    let name = name(request.name)?;
    let (params, tags) = (params::parse(request.params)?, tags::parse(request.tags)?);
    let model_type = request.model_type.unwrap_or_default();
    length("model_type", &model_type, MAX_NAME)?;
    // As the real server: nobody asks whether the run is there.
    let source_run_id = request.source_run_id.unwrap_or_default();
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let experiment = experiments::active(tx, experiment_id)?;
            let model_id = format!("m-{}", Uuid::new_v4().simple());
            let below = format!("models/{model_id}/artifacts");
            let new = NewModel {
                model_id: &model_id,
                experiment_id,
                name: &name,
                artifact_uri: &location::below(&experiment.artifact_location, &below),
                model_type: &model_type,
                source_run_id: &source_run_id,
                at: by.at,
            };
            let id = logged_models::insert(tx, &new)?;
            for param in &params {
                if let Some(other) = logged_model_params::log(tx, id, param)? {
                    return Err(params::differs(param, &other));
                }
            }
            for tag in &tags {
                logged_model_tags::set(tx, id, tag)?;
            }
            let change = by.did("create_logged_model", "logged_model", &model_id);
            change.within(&experiment_id).to(Some(&name)).record(tx)?;
            Ok(Json(One::of(tx, lookup::any(tx, &model_id)?)?))
        })
        .await
}

/// A name that a model may have; one that is missing or empty is made up.
fn name(given: Option<String>) -> Result<String, ApiError> {
    let Some(name) = given.filter(|name| !name.is_empty()) else { return Ok(random_name()) };
    length("name", &name, MAX_NAME)?;
    if name.contains(FORBIDDEN) {
        let forbidden = FORBIDDEN.map(String::from).join(" ");
        return Err(invalid("name", &name, format_args!("leave out the characters {forbidden}")));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_nothing_that_uris_and_filters_give_a_meaning() {
        for good in ["model", "a b", "größe", "a\\b", " ", "a-b_c", &"ü".repeat(MAX_NAME)] {
            assert_eq!(name(Some(good.to_owned())).ok().as_deref(), Some(good));
        }
        for bad in ["a/b", "a:b", "a.b", "a%b", "a\"b", "a'b", ".", "..", &"x".repeat(MAX_NAME + 1)] {
            assert!(name(Some(bad.to_owned())).is_err(), "{bad}");
        }
        assert!(!name(Some(String::new())).unwrap().is_empty());
        assert_ne!(name(None).unwrap(), name(None).unwrap());
    }
}
