//! An experiment as answers have it.

use std::collections::HashMap;

use rusqlite::Connection;
use serde::Serialize;

use crate::store::experiment_tags;
use crate::store::experiments::Experiment;
use crate::store::key_value::KeyValue;
use crate::store::stage::Stage;

/// An experiment with its tags.
#[derive(Serialize)]
pub(super) struct ExperimentAnswer {
    experiment_id: String,
    name: String,
    artifact_location: String,
    lifecycle_stage: Stage,
    last_update_time: i64,
    creation_time: i64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<KeyValue>,
    workspace: &'static str,
}

/// One experiment, as a whole answer.
#[derive(Serialize)]
pub(super) struct One {
    experiment: ExperimentAnswer,
}

/// Experiments with their tags, for which all are asked at once.
pub(super) fn all(
    connection: &Connection,
    experiments: Vec<Experiment>,
) -> anyhow::Result<Vec<ExperimentAnswer>> {
    let ids: Vec<i64> = experiments.iter().map(|experiment| experiment.id).collect();
    let mut tags = experiment_tags::of(connection, &ids)?;
    Ok(experiments.into_iter().map(|experiment| answer(experiment, &mut tags)).collect())
}

/// One experiment with its tags.
pub(super) fn one(connection: &Connection, experiment: Experiment) -> anyhow::Result<One> {
    let mut tags = experiment_tags::of(connection, &[experiment.id])?;
    Ok(One { experiment: answer(experiment, &mut tags) })
}

fn answer(experiment: Experiment, tags: &mut HashMap<i64, Vec<KeyValue>>) -> ExperimentAnswer {
    ExperimentAnswer {
        experiment_id: experiment.id.to_string(),
        name: experiment.name,
        artifact_location: experiment.artifact_location,
        lifecycle_stage: experiment.stage,
        last_update_time: experiment.updated_at,
        creation_time: experiment.created_at,
        tags: tags.remove(&experiment.id).unwrap_or_default(),
        workspace: "default",
    }
}
