//! `metrics/get-history-bulk`: one metric of several runs, as `MLflow`'s pages ask for it.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::OfRun;
use crate::api::{ApiError, App};
use crate::mlflow::body::Query;
use crate::mlflow::check::{invalid, required};
use crate::mlflow::number::int64_option;
use crate::store::{metrics, runs};

/// The most runs of a request.
const MAX_RUNS: usize = 100;
/// The most values of an answer.
const MAX_RESULTS: u32 = 25_000;

#[derive(Deserialize)]
pub(super) struct GetHistoryBulk {
    #[serde(default)]
    run_id: Vec<String>,
    metric_key: Option<String>,
    #[serde(default, deserialize_with = "int64_option")]
    max_results: Option<i64>,
}

#[derive(Serialize)]
pub(super) struct Histories {
    metrics: Vec<OfRun>,
}

pub(super) async fn get(
    State(app): State<App>,
    Query(request): Query<GetHistoryBulk>,
) -> Result<Json<Histories>, ApiError> {
    let mut run_ids = request.run_id;
    if run_ids.is_empty() || run_ids.len() > MAX_RUNS {
        return Err(ApiError::invalid(format!(
            "GetMetricHistoryBulk names {} runs; name 1 to {MAX_RUNS} with run_id",
            run_ids.len()
        )));
    }
    run_ids.sort_unstable();
    run_ids.dedup();
    let key = required("metric_key", request.metric_key)?;
    let most = request.max_results.unwrap_or(MAX_RESULTS.into());
    let most = u32::try_from(most).map_err(|_| invalid("max_results", most, "it must not be negative"))?;
    let most = most.min(MAX_RESULTS) as usize;
    app.store
        .read(move |tx| {
            let mut metrics = Vec::new();
            for run_id in &run_ids {
                let Some(run) = runs::key(tx, run_id)? else { continue };
                let limit = u32::try_from(most - metrics.len()).unwrap_or(MAX_RESULTS);
                let points = metrics::history(tx, run.id, &key, None, Some(limit))?;
                metrics.extend(points.into_iter().map(|point| OfRun::new(run_id, &key, point)));
            }
            Ok(Json(Histories { metrics }))
        })
        .await
}
