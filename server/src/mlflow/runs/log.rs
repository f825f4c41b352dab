//! Metrics, params and tags, checked and written: one by one and in batches.

use rusqlite::Connection;
use serde::Deserialize;

use super::RUN_NAME;
use crate::api::ApiError;
use crate::mlflow::check::{self, MAX_KEY, cut, given, key, length, required};
use crate::mlflow::number::{Double, int64_option};
use crate::store::key_value::KeyValue;
use crate::store::logged_model_metrics::{self, Of};
use crate::store::metrics::Metric;
use crate::store::runs::RunKey;
use crate::store::{latest_metrics, logged_models, metrics, params, run_tags, runs};

/// The most characters of a param's value.
const MAX_PARAM: usize = 6000;
/// The most characters of a tag's value.
const MAX_TAG: usize = 8000;

/// A metric of a request. Where it is the whole request, it says of which run.
#[derive(Deserialize)]
pub(super) struct MetricBody {
    pub(super) run_id: Option<String>,
    pub(super) run_uuid: Option<String>,
    key: Option<String>,
    value: Option<Double>,
    #[serde(default, deserialize_with = "int64_option")]
    timestamp: Option<i64>,
    #[serde(default, deserialize_with = "int64_option")]
    step: Option<i64>,
    model_id: Option<String>,
    dataset_name: Option<String>,
    dataset_digest: Option<String>,
}

/// A metric to be written, and the logged model that it is of.
pub(super) struct Logged {
    pub(super) metric: Metric,
    of: Option<Of>,
}

/// A metric that a run may have. `path` is where it stands in the request, such as `metrics[3].`.
pub(super) fn metric(path: &str, body: MetricBody) -> Result<Logged, ApiError> {
    let name = required(format_args!("{path}key"), body.key)?;
    let value = given(format_args!("{path}value"), body.value)?.0;
    let timestamp = given(format_args!("{path}timestamp"), body.timestamp)?;
    key(format_args!("{path}name"), &name)?;
    if timestamp < 0 {
        let why = "a metric's time is in milliseconds since 1970 and not before";
        return Err(check::invalid(format_args!("{path}timestamp"), timestamp, why));
    }
    length(format_args!("{path}name"), &name, MAX_KEY)?;
    let of = body.model_id.filter(|id| !id.is_empty()).map(|model_id| Of {
        model_id,
        dataset_name: body.dataset_name.unwrap_or_default(),
        dataset_digest: body.dataset_digest.unwrap_or_default(),
    });
    Ok(Logged { metric: Metric { key: name, value, timestamp, step: body.step.unwrap_or_default() }, of })
}

/// A param that a run may have; a value that is too long is cut.
pub(super) fn param(path: &str, param: KeyValue) -> Result<KeyValue, ApiError> {
    pair(path, param, MAX_PARAM)
}

/// A tag that a run may have; a value that is too long is cut.
pub(super) fn tag(path: &str, tag: KeyValue) -> Result<KeyValue, ApiError> {
    pair(path, tag, MAX_TAG)
}

fn pair(path: &str, KeyValue { key: name, value }: KeyValue, most: usize) -> Result<KeyValue, ApiError> {
    key(format_args!("{path}key"), &name)?;
    length(format_args!("{path}key"), &name, MAX_KEY)?;
    Ok(KeyValue { key: name, value: cut(value, most) })
}

/// Writes metrics, also those of logged models.
pub(super) fn metrics(
    connection: &Connection,
    run: RunKey,
    run_id: &str,
    logged: &[Logged],
) -> Result<(), ApiError> {
    metrics::log(connection, run.id, logged.iter().map(|logged| &logged.metric))?;
    latest_metrics::raise(connection, run.id, logged.iter().map(|logged| &logged.metric))?;
    // The metrics of a batch are most often of one model.
    let mut known: Option<(&str, i64)> = None;
    for (metric, of) in logged.iter().filter_map(|logged| Some((&logged.metric, logged.of.as_ref()?))) {
        let model = match known {
            Some((model_id, model)) if model_id == of.model_id => model,
            _ => logged_models::row(connection, &of.model_id)?.ok_or_else(|| {
                ApiError::not_found(format!("Logged model with ID '{}' not found.", of.model_id))
            })?,
        };
        known = Some((&of.model_id, model));
        logged_model_metrics::log(connection, model, run_id, metric, of)?;
    }
    Ok(())
}

/// Writes params. All of them are refused when one would change.
pub(super) fn params(
    connection: &Connection,
    run: RunKey,
    run_id: &str,
    params: &[KeyValue],
) -> Result<(), ApiError> {
    let mut changed = Vec::new();
    for KeyValue { key, value } in params {
        if let Some(old) = params::log(connection, run.id, key, value)? {
            changed.push(format!("{key:?} is {old:?} already, and {value:?} was sent"));
        }
    }
    if changed.is_empty() {
        return Ok(());
    }
    Err(ApiError::invalid(format!(
        "Changing param values is not allowed. Of run {run_id}: {}; log the new value in another run",
        changed.join("; ")
    )))
}

/// Writes a tag. The one that goes with the run's name changes that too, unless it is empty.
pub(super) fn set_tag(connection: &Connection, run: RunKey, tag: &KeyValue) -> Result<(), ApiError> {
    if tag.key == RUN_NAME {
        if tag.value.is_empty() {
            return Ok(());
        }
        runs::update(connection, run.id, None, None, Some(&tag.value))?;
    }
    Ok(run_tags::set(connection, run.id, &tag.key, &tag.value)?)
}
