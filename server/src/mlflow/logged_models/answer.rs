//! Logged models as answers have them. A page of models costs as many queries as one.

use rusqlite::Connection;
use serde::Serialize;

use crate::mlflow::number::Double;
use crate::store::key_value::KeyValue;
use crate::store::logged_model_metrics::{self, ModelMetric};
use crate::store::logged_models::{LoggedModel, ModelStatus};
use crate::store::{logged_model_params, logged_model_tags};

/// One logged model, as a whole answer.
#[derive(Serialize)]
pub(super) struct One {
    model: Answer,
}

impl One {
    /// A model with all that belongs to it.
    pub(super) fn of(connection: &Connection, model: LoggedModel) -> anyhow::Result<Self> {
        let mut models = all(connection, vec![model])?;
        let model = models.pop().ok_or_else(|| anyhow::anyhow!("a logged model is gone"))?;
        Ok(Self { model })
    }
}

/// A logged model with all that belongs to it.
#[derive(Serialize)]
pub(super) struct Answer {
    info: Info,
    data: Data,
}

#[derive(Serialize)]
struct Info {
    model_id: String,
    experiment_id: String,
    name: String,
    creation_timestamp_ms: i64,
    last_updated_timestamp_ms: i64,
    artifact_uri: String,
    status: &'static str,
    model_type: String,
    source_run_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_message: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<KeyValue>,
}

#[derive(Serialize)]
struct Data {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    params: Vec<KeyValue>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    metrics: Vec<MetricAnswer>,
}

#[derive(Serialize)]
struct MetricAnswer {
    key: String,
    value: Double,
    timestamp: i64,
    step: i64,
    #[serde(skip_serializing_if = "String::is_empty")]
    dataset_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    dataset_digest: String,
    model_id: String,
    run_id: String,
}

/// Logged models with all that belongs to them, in their order.
pub(super) fn all(connection: &Connection, models: Vec<LoggedModel>) -> anyhow::Result<Vec<Answer>> {
    let ids: Vec<i64> = models.iter().map(|model| model.id).collect();
    let mut tags = logged_model_tags::of(connection, &ids)?;
    let mut params = logged_model_params::of(connection, &ids)?;
    let mut metrics = logged_model_metrics::of(connection, &ids)?;
    let answer = |model: LoggedModel| {
        let metrics = metrics.remove(&model.id).unwrap_or_default().into_iter();
        let data = Data {
            params: params.remove(&model.id).unwrap_or_default(),
            metrics: metrics.map(|metric| metric_answer(metric, &model.model_id)).collect(),
        };
        let info = Info {
            model_id: model.model_id,
            experiment_id: model.experiment_id.to_string(),
            name: model.name,
            creation_timestamp_ms: model.created_at,
            last_updated_timestamp_ms: model.updated_at,
            artifact_uri: model.artifact_uri,
            status: status(model.status),
            model_type: model.model_type,
            source_run_id: model.source_run_id,
            status_message: model.status_message,
            tags: tags.remove(&model.id).unwrap_or_default(),
        };
        Answer { info, data }
    };
    Ok(models.into_iter().map(answer).collect())
}

fn metric_answer(
    ModelMetric { metric, run_id, dataset_name, dataset_digest }: ModelMetric,
    model_id: &str,
) -> MetricAnswer {
    MetricAnswer {
        key: metric.key,
        value: Double(metric.value),
        timestamp: metric.timestamp,
        step: metric.step,
        dataset_name,
        dataset_digest,
        model_id: model_id.to_owned(),
        run_id,
    }
}

/// The protocol's name of a status.
pub(super) fn status(status: ModelStatus) -> &'static str {
    match status {
        ModelStatus::Pending => "LOGGED_MODEL_PENDING",
        ModelStatus::Ready => "LOGGED_MODEL_READY",
        ModelStatus::Failed => "LOGGED_MODEL_UPLOAD_FAILED",
    }
}
