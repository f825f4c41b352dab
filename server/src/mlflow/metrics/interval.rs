//! `metrics/get-history-bulk-interval`: of one metric of several runs as many values as a chart has room for,
//! spread evenly over all that were logged.

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
/// The most values of each run.
const MAX_RESULTS: i64 = 2500;

#[derive(Deserialize)]
pub(super) struct GetHistoryInterval {
    #[serde(default)]
    run_ids: Vec<String>,
    metric_key: Option<String>,
    #[serde(default, deserialize_with = "int64_option")]
    start_step: Option<i64>,
    #[serde(default, deserialize_with = "int64_option")]
    end_step: Option<i64>,
    #[serde(default, deserialize_with = "int64_option")]
    max_results: Option<i64>,
}

#[derive(Serialize)]
pub(super) struct Samples {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    metrics: Vec<OfRun>,
}

pub(super) async fn get(
    State(app): State<App>,
    Query(request): Query<GetHistoryInterval>,
) -> Result<Json<Samples>, ApiError> {
    let run_ids = request.run_ids;
    if run_ids.is_empty() || run_ids.len() > MAX_RUNS {
        return Err(ApiError::invalid(format!(
            "GetMetricHistoryBulkInterval names {} runs; name 1 to {MAX_RUNS} with run_ids",
            run_ids.len()
        )));
    }
    let key = required("metric_key", request.metric_key)?;
    let most = request.max_results.unwrap_or(MAX_RESULTS);
    if !(1..=MAX_RESULTS).contains(&most) {
        return Err(invalid("max_results", most, format_args!("it must be between 1 and {MAX_RESULTS}")));
    }
    let steps = match (request.start_step, request.end_step) {
        (None, None) => (i64::MIN, i64::MAX),
        (Some(first), Some(last)) if first <= last => (first, last),
        (Some(first), Some(last)) => {
            let why = format!("end_step {last} is before start_step {first}; name them in order");
            return Err(ApiError::invalid(why));
        }
        _ => return Err(ApiError::invalid("start_step and end_step belong together; name both or none")),
    };
    app.store
        .read(move |tx| {
            let mut metrics = Vec::new();
            for run_id in &run_ids {
                let Some(run) = runs::key(tx, run_id)? else { continue };
                let points = metrics::sample(tx, run.id, &key, steps, most as usize)?;
                metrics.extend(points.into_iter().map(|point| OfRun::new(run_id, &key, point)));
            }
            Ok(Json(Samples { metrics }))
        })
        .await
}
