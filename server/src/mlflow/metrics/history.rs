//! `metrics/get-history`: one metric of one run, by time, step and value.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::{MetricAnswer, token};
use crate::api::{ApiError, App};
use crate::mlflow::body::Query;
use crate::mlflow::check::{invalid, required};
use crate::mlflow::number::int64_option;
use crate::store::metrics::{self, Metric, Point};
use crate::store::runs;

#[derive(Deserialize)]
pub(super) struct GetHistory {
    run_id: Option<String>,
    run_uuid: Option<String>,
    metric_key: Option<String>,
    page_token: Option<String>,
    #[serde(default, deserialize_with = "int64_option")]
    max_results: Option<i64>,
}

#[derive(Serialize)]
pub(super) struct History {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    metrics: Vec<MetricAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

pub(super) async fn get(
    State(app): State<App>,
    Query(request): Query<GetHistory>,
) -> Result<Json<History>, ApiError> {
    let run_id = required("run_id", request.run_id.filter(|id| !id.is_empty()).or(request.run_uuid))?;
    let key = required("metric_key", request.metric_key)?;
    let most = request.max_results.map(size).transpose()?;
    let after = request.page_token.filter(|token| !token.is_empty());
    let after = after.map(|token| token::parse(&token)).transpose()?;
    app.store
        .read(move |tx| {
            // A run that is not there has no history, as the real server says.
            let run = runs::key(tx, &run_id)?;
            // One more than the page tells whether there is another.
            let limit = most.map(|most| most.saturating_add(1));
            let mut points =
                run.map_or_else(|| Ok(Vec::new()), |run| metrics::history(tx, run.id, &key, after, limit))?;
            let more = most.is_some_and(|most| points.len() > most as usize);
            if more {
                points.pop();
            }
            let next_page_token = points.last().filter(|_| more).copied().map(token::after);
            let metric = |Point { value, timestamp, step }| {
                MetricAnswer::from(Metric { key: key.clone(), value, timestamp, step })
            };
            Ok(Json(History { metrics: points.into_iter().map(metric).collect(), next_page_token }))
        })
        .await
}

fn size(max_results: i64) -> Result<u32, ApiError> {
    let size = u32::try_from(max_results).ok().filter(|&size| size > 0);
    size.ok_or_else(|| invalid("max_results", max_results, "it must be a positive integer"))
}
