//! `experiments/search-datasets`: which datasets the runs of some experiments used, for whoever looks at them.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::lookup;
use crate::api::{ApiError, App};
use crate::mlflow::body::Body;
use crate::store::datasets;

/// The most experiments of a request.
const MAX_EXPERIMENTS: usize = 20;
/// The most datasets of an answer.
const MAX_SUMMARIES: u32 = 1000;

#[derive(Deserialize)]
pub(super) struct SearchDatasets {
    experiment_ids: Option<Vec<String>>,
}

#[derive(Serialize)]
pub(super) struct Found {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dataset_summaries: Vec<Summary>,
}

#[derive(Serialize)]
struct Summary {
    experiment_id: String,
    name: String,
    digest: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<String>,
}

pub(super) async fn search(
    State(app): State<App>,
    Body(request): Body<SearchDatasets>,
) -> Result<Json<Found>, ApiError> {
    let given = request.experiment_ids.unwrap_or_default();
    if given.is_empty() || given.len() > MAX_EXPERIMENTS {
        return Err(ApiError::invalid(format!(
            "experiment_ids has {} ids; name 1 to {MAX_EXPERIMENTS} experiments",
            given.len()
        )));
    }
    let mut ids = given.iter().map(|id| lookup::number(id)).collect::<Result<Vec<_>, _>>()?;
    ids.sort_unstable();
    ids.dedup();
    app.store
        .read(move |tx| {
            let mut found = Vec::new();
            for id in ids {
                found.extend(datasets::summaries(tx, id, MAX_SUMMARIES)?);
            }
            found.truncate(MAX_SUMMARIES as usize);
            let summary = |summary: datasets::Summary| Summary {
                experiment_id: summary.experiment_id.to_string(),
                name: summary.name,
                digest: summary.digest,
                context: summary.context,
            };
            Ok(Json(Found { dataset_summaries: found.into_iter().map(summary).collect() }))
        })
        .await
}
