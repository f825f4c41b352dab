//! `runs/log-batch`: metrics, params and tags, all of them or none.

use std::collections::HashSet;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::log::{self, MetricBody};
use super::lookup;
use crate::api::{ApiError, App, Caller};
use crate::mlflow::body::{Body, Done};
use crate::mlflow::check::required;
use crate::mlflow::pair::{self, Pair};
use crate::store::key_value::KeyValue;

/// The most metrics of a request.
const MAX_METRICS: usize = 1000;
/// The most params of a request, and the most tags.
const MAX_PAIRS: usize = 100;
/// The most metrics, params and tags of a request together.
const MAX_ALL: usize = 1000;

#[derive(Deserialize)]
pub(super) struct LogBatch {
    run_id: Option<String>,
    metrics: Option<Vec<MetricBody>>,
    params: Option<Vec<Pair>>,
    tags: Option<Vec<Pair>>,
}

pub(super) async fn log(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<LogBatch>,
) -> Result<Json<Done>, ApiError> {
    let run_id = required("run_id", request.run_id)?;
    let metrics = request.metrics.unwrap_or_default();
    let params = pair::all("params", request.params)?;
    let tags = pair::all("tags", request.tags)?;
    limit("metrics", metrics.len(), MAX_METRICS)?;
    limit("params", params.len(), MAX_PAIRS)?;
    limit("tags", tags.len(), MAX_PAIRS)?;
    limit("metrics, params, and tags", metrics.len() + params.len() + tags.len(), MAX_ALL)?;
    let metrics = checked("metrics", metrics, log::metric)?;
    let params = checked("params", params, log::param)?;
    let tags = checked("tags", tags, log::tag)?;
    refuse_twice(&params)?;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let run = lookup::active(tx, &run_id)?;
            log::params(tx, run, &run_id, &params)?;
            log::metrics(tx, run, &run_id, &metrics)?;
            tags.iter().try_for_each(|tag| log::set_tag(tx, run, tag))?;
            let shown = format!("{} metrics, {} params, {} tags", metrics.len(), params.len(), tags.len());
            by.did("log_batch", "run", &run_id).within(&run.experiment_id).to(Some(&shown)).record(tx)?;
            Ok(Json(Done {}))
        })
        .await
}

fn limit(what: &str, length: usize, most: usize) -> Result<(), ApiError> {
    if length <= most {
        return Ok(());
    }
    Err(ApiError::invalid(format!(
        "A batch logging request can contain at most {most} {what}. Got {length} {what}. Send them in several requests."
    )))
}

/// Things of a list, each checked with its place in the request.
fn checked<T, U>(
    list: &str,
    things: Vec<T>,
    check: fn(&str, T) -> Result<U, ApiError>,
) -> Result<Vec<U>, ApiError> {
    let things = things.into_iter().enumerate();
    things.map(|(index, thing)| check(&format!("{list}[{index}]."), thing)).collect()
}

fn refuse_twice(params: &[KeyValue]) -> Result<(), ApiError> {
    let mut keys = HashSet::new();
    let twice: Vec<&str> =
        params.iter().map(|param| param.key.as_str()).filter(|key| !keys.insert(*key)).collect();
    if twice.is_empty() {
        return Ok(());
    }
    Err(ApiError::invalid(format!(
        "Duplicate parameter keys have been submitted: {twice:?}. Send one value for each key."
    )))
}
