//! `runs/create`.

use std::collections::HashSet;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use uuid::Uuid;

use super::RUN_NAME;
use super::answer::{Data, Info, Inputs, One, RunAnswer};
use crate::api::{ApiError, App, Caller};
use crate::mlflow::body::Body;
use crate::mlflow::experiments::{location, lookup};
use crate::mlflow::number::int64_option;
use crate::mlflow::pair::{self, Pair};
use crate::mlflow::random_name::random_name;
use crate::store::key_value::KeyValue;
use crate::store::run_status::RunStatus;
use crate::store::run_tags;
use crate::store::runs::{self, NewRun, Run};
use crate::store::stage::Stage;

#[derive(Deserialize)]
pub(super) struct CreateRun {
    experiment_id: Option<String>,
    user_id: Option<String>,
    run_name: Option<String>,
    #[serde(default, deserialize_with = "int64_option")]
    start_time: Option<i64>,
    tags: Option<Vec<Pair>>,
}

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<CreateRun>,
) -> Result<Json<One>, ApiError> {
    let experiment_id = lookup::id(request.experiment_id)?;
    // As the real server, which takes at creation tags of any key and length.
    let mut tags = pair::all("tags", request.tags)?;
    let name = name(request.run_name, &mut tags)?;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let experiment = lookup::active(tx, experiment_id)?;
            let run_id = Uuid::new_v4().simple().to_string();
            let artifact_uri = location::below(&experiment.artifact_location, &format!("{run_id}/artifacts"));
            let user_id = request.user_id.unwrap_or_default();
            // As the real server: who does not say when the run started gets 1970.
            let start_time = request.start_time.unwrap_or_default();
            let new = NewRun {
                run_id: &run_id,
                experiment_id,
                name: &name,
                user_id: &user_id,
                start_time,
                artifact_uri: &artifact_uri,
            };
            let id = runs::insert(tx, &new)?;
            for tag in &tags {
                run_tags::set(tx, id, &tag.key, &tag.value)?;
            }
            by.did("create_run", "run", &run_id).within(&experiment_id).to(Some(&name)).record(tx)?;
            let run = Run {
                id,
                run_id,
                experiment_id,
                name,
                user_id,
                status: RunStatus::Running,
                start_time,
                end_time: None,
                artifact_uri,
                stage: Stage::Active,
            };
            let data = Data::tagged(tags);
            let run = RunAnswer { info: Info(run), data, inputs: Inputs::default(), outputs: None };
            Ok(Json(One { run }))
        })
        .await
}

/// The name of a run by its field or its tag, which must not contradict each other, or a random one; the tag
/// is added where it is missing.
fn name(given: Option<String>, tags: &mut Vec<KeyValue>) -> Result<String, ApiError> {
    let mut keys = HashSet::new();
    if let Some(twice) = tags.iter().find(|tag| !keys.insert(&tag.key)) {
        return Err(ApiError::invalid(format!("tag {:?} is there twice; send each tag once", twice.key)));
    }
    let given = given.filter(|name| !name.is_empty());
    let tag = tags.iter_mut().find(|tag| tag.key == RUN_NAME);
    match (given, tag) {
        (Some(given), Some(tag)) if !tag.value.is_empty() && given != tag.value => {
            Err(ApiError::invalid(format!(
                "run_name is {given:?} and the tag {RUN_NAME} is {:?}; send one of them, or the same name",
                tag.value
            )))
        }
        (None, Some(tag)) if !tag.value.is_empty() => Ok(tag.value.clone()),
        (given, Some(tag)) => {
            tag.value = given.unwrap_or_else(random_name);
            Ok(tag.value.clone())
        }
        (given, None) => {
            let name = given.unwrap_or_else(random_name);
            tags.push(KeyValue { key: RUN_NAME.to_owned(), value: name.clone() });
            Ok(name)
        }
    }
}
