//! `runs/log-inputs`: the datasets and the logged models that a run took in.

use axum::Json;
use axum::extract::State;
use rusqlite::Connection;
use serde::Deserialize;

use super::lookup;
use crate::api::{ApiError, App, Caller};
use crate::mlflow::body::{Body, Done};
use crate::mlflow::check::{given, length, required};
use crate::mlflow::pair::{self, Pair};
use crate::store::datasets::{self, Dataset};
use crate::store::key_value::KeyValue;
use crate::store::runs::RunKey;
use crate::store::{run_dataset_tags, run_datasets, run_models};

/// The most characters of a dataset's fields and of its tags.
const MAX_NAME: usize = 500;
const MAX_DIGEST: usize = 36;
const MAX_SOURCE: usize = 65_535;
const MAX_SCHEMA: usize = 1_048_575;
const MAX_PROFILE: usize = 16_777_215;
const MAX_TAG_KEY: usize = 255;
const MAX_TAG_VALUE: usize = 500;

#[derive(Deserialize)]
pub(super) struct LogInputs {
    run_id: Option<String>,
    datasets: Option<Vec<DatasetInput>>,
    models: Option<Vec<ModelInput>>,
}

#[derive(Deserialize)]
struct DatasetInput {
    tags: Option<Vec<Pair>>,
    dataset: Option<DatasetBody>,
}

#[derive(Deserialize)]
struct DatasetBody {
    name: Option<String>,
    digest: Option<String>,
    source_type: Option<String>,
    source: Option<String>,
    schema: Option<String>,
    profile: Option<String>,
}

#[derive(Deserialize)]
struct ModelInput {
    model_id: Option<String>,
}

pub(super) async fn log(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<LogInputs>,
) -> Result<Json<Done>, ApiError> {
    let run_id = required("run_id", request.run_id)?;
    let datasets = request.datasets.unwrap_or_default().into_iter().enumerate();
    let datasets = datasets
        .map(|(index, input)| checked(&format!("datasets[{index}]"), input))
        .collect::<Result<Vec<_>, _>>()?;
    let models = request.models.unwrap_or_default().into_iter().enumerate();
    let models = models
        .map(|(index, model)| required(format_args!("models[{index}].model_id"), model.model_id))
        .collect::<Result<Vec<_>, _>>()?;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let run = lookup::active(tx, &run_id)?;
            for (dataset, tags) in &datasets {
                write(tx, run, dataset, tags)?;
            }
            for model_id in &models {
                run_models::log_input(tx, run.id, model_id)?;
            }
            let shown = format!("{} datasets, {} models", datasets.len(), models.len());
            by.did("log_inputs", "run", &run_id).within(&run.experiment_id).to(Some(&shown)).record(tx)?;
            Ok(Json(Done {}))
        })
        .await
}

fn checked(path: &str, input: DatasetInput) -> Result<(Dataset, Vec<KeyValue>), ApiError> {
    let body = given(format_args!("{path}.dataset"), input.dataset)?;
    let at = |field: &str| format!("{path}.dataset.{field}");
    let dataset = Dataset {
        name: required(at("name"), body.name)?,
        digest: required(at("digest"), body.digest)?,
        source_type: given(at("source_type"), body.source_type)?,
        source: given(at("source"), body.source)?,
        // The protocol does not tell an empty text from none.
        schema: body.schema.filter(|schema| !schema.is_empty()),
        profile: body.profile.filter(|profile| !profile.is_empty()),
    };
    length(at("name"), &dataset.name, MAX_NAME)?;
    length(at("digest"), &dataset.digest, MAX_DIGEST)?;
    length(at("source"), &dataset.source, MAX_SOURCE)?;
    length(at("schema"), dataset.schema.as_deref().unwrap_or_default(), MAX_SCHEMA)?;
    length(at("profile"), dataset.profile.as_deref().unwrap_or_default(), MAX_PROFILE)?;
    let tags = pair::all(&format!("{path}.tags"), input.tags)?;
    for tag in &tags {
        length(format_args!("{path}.tags.key"), &tag.key, MAX_TAG_KEY)?;
        length(format_args!("{path}.tags.value"), &tag.value, MAX_TAG_VALUE)?;
    }
    Ok((dataset, tags))
}

/// Writes a dataset; what the experiment and the run know of it already stays as it is.
fn write(connection: &Connection, run: RunKey, dataset: &Dataset, tags: &[KeyValue]) -> anyhow::Result<()> {
    let dataset = datasets::find_or_insert(connection, run.experiment_id, dataset)?;
    if run_datasets::insert(connection, run.id, dataset)? {
        tags.iter().try_for_each(|tag| run_dataset_tags::set(connection, run.id, dataset, tag))?;
    }
    Ok(())
}
