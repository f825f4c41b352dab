//! Runs as answers have them. A page of runs costs as many queries as one.

use rusqlite::Connection;
use serde::{Serialize, Serializer};

use crate::mlflow::metrics::MetricAnswer;
use crate::store::datasets::Dataset;
use crate::store::key_value::KeyValue;
use crate::store::run_models::{RunModel, RunModels};
use crate::store::runs::Run;
use crate::store::{latest_metrics, params, run_dataset_tags, run_datasets, run_models, run_tags};

/// One run, as a whole answer.
#[derive(Serialize)]
pub(super) struct One {
    pub(super) run: RunAnswer,
}

/// A run with all that belongs to it.
#[derive(Serialize)]
pub(super) struct RunAnswer {
    pub(super) info: Info,
    pub(super) data: Data,
    pub(super) inputs: Inputs,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) outputs: Option<Outputs>,
}

/// A run's row.
pub(super) struct Info(pub(super) Run);

impl Serialize for Info {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct RunInfo<'a> {
            // The client's older name for the same id.
            run_uuid: &'a str,
            experiment_id: String,
            run_name: &'a str,
            user_id: &'a str,
            status: &'static str,
            start_time: i64,
            #[serde(skip_serializing_if = "Option::is_none")]
            end_time: Option<i64>,
            artifact_uri: &'a str,
            lifecycle_stage: &'static str,
            run_id: &'a str,
        }
        let run = &self.0;
        RunInfo {
            run_uuid: &run.run_id,
            experiment_id: run.experiment_id.to_string(),
            run_name: &run.name,
            user_id: &run.user_id,
            status: run.status.name(),
            start_time: run.start_time,
            // The protocol has no other word for "not ended".
            end_time: run.end_time.filter(|&time| time != 0),
            artifact_uri: &run.artifact_uri,
            lifecycle_stage: run.stage.name(),
            run_id: &run.run_id,
        }
        .serialize(serializer)
    }
}

#[derive(Default, Serialize)]
pub(super) struct Data {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    metrics: Vec<MetricAnswer>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    params: Vec<KeyValue>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<KeyValue>,
}

impl Data {
    /// What a run has at its creation.
    pub(super) fn tagged(tags: Vec<KeyValue>) -> Self {
        Self { tags, ..Self::default() }
    }
}

#[derive(Default, Serialize)]
pub(super) struct Inputs {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dataset_inputs: Vec<DatasetInput>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    model_inputs: Vec<ModelInput>,
}

#[derive(Serialize)]
struct DatasetInput {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<KeyValue>,
    dataset: Dataset,
}

#[derive(Serialize)]
struct ModelInput {
    model_id: String,
}

#[derive(Default, Serialize)]
pub(super) struct Outputs {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    model_outputs: Vec<ModelOutput>,
}

#[derive(Serialize)]
struct ModelOutput {
    model_id: String,
    step: i64,
}

/// Runs with all that belongs to them, in their order.
pub(super) fn all(connection: &Connection, runs: Vec<Run>) -> anyhow::Result<Vec<RunAnswer>> {
    let ids: Vec<i64> = runs.iter().map(|run| run.id).collect();
    let mut metrics = latest_metrics::of(connection, &ids)?;
    let mut params = params::of(connection, &ids)?;
    let mut tags = run_tags::of(connection, &ids)?;
    let mut datasets = run_datasets::of(connection, &ids)?;
    let mut contexts = run_dataset_tags::of(connection, &ids)?;
    let mut models = run_models::of(connection, &ids)?;
    let answer = |run: Run| {
        let id = run.id;
        let dataset = |(dataset_id, dataset)| DatasetInput {
            tags: contexts.remove(&(id, dataset_id)).unwrap_or_default(),
            dataset,
        };
        let RunModels { inputs, outputs } = models.remove(&id).unwrap_or_default();
        RunAnswer {
            info: Info(run),
            data: Data {
                metrics: metrics.remove(&id).unwrap_or_default().into_iter().map(Into::into).collect(),
                params: params.remove(&id).unwrap_or_default(),
                tags: tags.remove(&id).unwrap_or_default(),
            },
            inputs: Inputs {
                dataset_inputs: datasets.remove(&id).unwrap_or_default().into_iter().map(dataset).collect(),
                model_inputs: inputs
                    .into_iter()
                    .map(|RunModel { model_id, .. }| ModelInput { model_id })
                    .collect(),
            },
            outputs: Some(Outputs {
                model_outputs: outputs
                    .into_iter()
                    .map(|RunModel { model_id, step }| ModelOutput { model_id, step })
                    .collect(),
            }),
        }
    };
    Ok(runs.into_iter().map(answer).collect())
}
