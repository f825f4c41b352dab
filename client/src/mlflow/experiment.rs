//! An experiment by its name, made if it is new.

use reqwest::Url;
use serde::Deserialize;
use serde_json::json;

use super::{Mlflow, MlflowError};

/// The answer to `experiments/get-by-name`.
#[derive(Debug, Deserialize)]
pub(super) struct Found {
    experiment: Experiment,
}

#[derive(Debug, Deserialize)]
struct Experiment {
    experiment_id: String,
    lifecycle_stage: String,
}

#[derive(Debug, Deserialize)]
struct Created {
    experiment_id: String,
}

impl Mlflow {
    pub(super) fn by_name(&self, name: &str) -> Url {
        let mut url = self.tracking(&["experiments", "get-by-name"]);
        url.query_pairs_mut().append_pair("experiment_name", name);
        url
    }

    /// The id of an experiment, which is made if there is none of this name.
    pub async fn experiment(&self, name: &str) -> Result<String, MlflowError> {
        match self.existing(name).await {
            Err(error) if error.is_refused("RESOURCE_DOES_NOT_EXIST") => {}
            result => return result,
        }
        match self.post::<Created>(&["experiments", "create"], &json!({ "name": name })).await {
            Ok(created) => Ok(created.experiment_id),
            // Another run made it in between.
            Err(error) if error.is_refused("RESOURCE_ALREADY_EXISTS") => self.existing(name).await,
            Err(error) => Err(error),
        }
    }

    async fn existing(&self, name: &str) -> Result<String, MlflowError> {
        let Found { experiment } = self.get(self.by_name(name)).await?;
        if experiment.lifecycle_stage == "deleted" {
            return Err(MlflowError::Deleted(name.to_owned()));
        }
        Ok(experiment.experiment_id)
    }
}
