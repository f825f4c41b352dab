//! One run, from its start to its end.

use jiff::Timestamp;
use overhaul_bundle::{ModelName, VersionNumber};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::entry::milliseconds;
use super::{Entry, Mlflow, MlflowError};

/// The tag that names the registered model a run made a version of.
pub const MODEL_NAME: &str = "overhaul.model.name";
/// The tag that names the version a run made.
pub const MODEL_VERSION: &str = "overhaul.model.version";

/// What a run is called, and who started it.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// The run's name.
    pub name: String,
    /// Who started it.
    pub user: String,
    /// The program that does it, such as `overhaul-trainer`.
    pub source: String,
    /// When it started.
    pub started: Timestamp,
    /// Further tags.
    pub tags: Vec<Entry>,
}

/// How a run ended, in `MLflow`'s words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Outcome {
    /// It did what it was to do.
    Finished,
    /// An error ended it.
    Failed,
    /// Somebody ended it.
    Killed,
}

/// A run that was started. It counts as running until [`end`](Run::end) says otherwise.
#[derive(Debug, Clone)]
pub struct Run {
    server: Mlflow,
    id: String,
    artifact_uri: String,
}

#[derive(Debug, Deserialize)]
struct Started {
    run: StartedRun,
}

#[derive(Debug, Deserialize)]
struct StartedRun {
    info: Info,
}

#[derive(Debug, Deserialize)]
struct Info {
    run_id: String,
    artifact_uri: String,
}

#[derive(Debug, Serialize)]
struct Create<'a> {
    experiment_id: &'a str,
    user_id: &'a str,
    run_name: &'a str,
    #[serde(serialize_with = "milliseconds")]
    start_time: Timestamp,
    tags: Vec<Entry>,
}

#[derive(Debug, Serialize)]
struct Update<'a> {
    run_id: &'a str,
    status: Outcome,
    #[serde(serialize_with = "milliseconds")]
    end_time: Timestamp,
}

impl Mlflow {
    /// Starts a run in an experiment, given by its id.
    pub async fn start(&self, experiment: &str, run: &NewRun) -> Result<Run, MlflowError> {
        // The tags that MLflow's own client sets, and its pages show.
        let mut tags = vec![
            Entry::new("mlflow.runName", &run.name),
            Entry::new("mlflow.user", &run.user),
            Entry::new("mlflow.source.name", &run.source),
            Entry::new("mlflow.source.type", "LOCAL"),
        ];
        tags.extend_from_slice(&run.tags);
        super::batch::check(&tags, super::batch::TAG)?;
        let create = Create {
            experiment_id: experiment,
            user_id: &run.user,
            run_name: &run.name,
            start_time: run.started,
            tags,
        };
        let Started { run: StartedRun { info } } = self.post(&["runs", "create"], &create).await?;
        Ok(Run { server: self.clone(), id: info.run_id, artifact_uri: info.artifact_uri })
    }
}

impl Run {
    /// The run's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn server(&self) -> &Mlflow {
        &self.server
    }

    /// Where the server keeps the run's artifacts.
    pub(super) fn artifact_uri(&self) -> &str {
        &self.artifact_uri
    }

    /// Links the run to the version it made, by two tags.
    pub async fn link_version(&self, name: &ModelName, version: VersionNumber) -> Result<(), MlflowError> {
        self.set_tags(&[Entry::new(MODEL_NAME, name), Entry::new(MODEL_VERSION, version)]).await
    }

    /// Ends the run.
    pub async fn end(&self, outcome: Outcome, at: Timestamp) -> Result<(), MlflowError> {
        let update = Update { run_id: &self.id, status: outcome, end_time: at };
        self.server.post::<Value>(&["runs", "update"], &update).await.map(drop)
    }
}
