//! `GET /v2/models/{name}` and its version's: what the model takes and gives, and whether it is ready.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::{V2Error, V2ErrorBody};
use super::server::{Ready, readiness};
use super::{FLOAT, INPUT, INTERVAL, OUTPUT};
use crate::agent::{Agent, PredictError};
use crate::model::Model;

/// What a model takes and gives.
#[derive(Serialize, ToSchema)]
pub(super) struct ModelMetadata {
    /// The registered model.
    name: String,
    /// The version that answers.
    versions: Vec<String>,
    /// `onnx_tract`.
    platform: &'static str,
    /// One tensor, `window`: raw readings.
    inputs: Vec<TensorMetadata>,
    /// `rul`, in cycles; and `interval`, its two ends, of versions that have one.
    outputs: Vec<TensorMetadata>,
}

/// A tensor's name, type and shape.
#[derive(Serialize, ToSchema)]
pub(super) struct TensorMetadata {
    /// Its name.
    name: &'static str,
    /// `FP32`.
    datatype: &'static str,
    /// Its dimensions; -1 is any.
    shape: Vec<i64>,
}

/// Says what the model takes and gives.
#[utoipa::path(
    get,
    path = "/v2/models/{name}",
    operation_id = "v2_model",
    tag = "inference",
    params(("name" = String, Path, description = "The registered model.")),
    responses(
        (status = 200, description = "Its tensors.", body = ModelMetadata),
        (status = 404, description = "It does not run here.", body = V2ErrorBody),
        (status = 503, description = "No version is here yet.", body = V2ErrorBody),
    ),
)]
pub(super) async fn metadata(
    State(agent): State<Arc<Agent>>,
    Path(name): Path<String>,
) -> Result<Json<ModelMetadata>, V2Error> {
    answers(&agent, &name, None).map(|model| Json(describe(&model)))
}

/// Says what a version of the model takes and gives.
#[utoipa::path(
    get,
    path = "/v2/models/{name}/versions/{version}",
    operation_id = "v2_model_version",
    tag = "inference",
    params(
        ("name" = String, Path, description = "The registered model."),
        ("version" = String, Path, description = "The version."),
    ),
    responses(
        (status = 200, description = "Its tensors.", body = ModelMetadata),
        (status = 404, description = "It does not run here.", body = V2ErrorBody),
        (status = 503, description = "No version is here yet.", body = V2ErrorBody),
    ),
)]
pub(super) async fn version_metadata(
    State(agent): State<Arc<Agent>>,
    Path((name, version)): Path<(String, String)>,
) -> Result<Json<ModelMetadata>, V2Error> {
    answers(&agent, &name, Some(&version)).map(|model| Json(describe(&model)))
}

/// Says whether the model answers.
#[utoipa::path(
    get,
    path = "/v2/models/{name}/ready",
    operation_id = "v2_model_ready",
    tag = "inference",
    params(("name" = String, Path, description = "The registered model.")),
    responses(
        (status = 200, description = "It does.", body = Ready),
        (status = 503, description = "It does not.", body = Ready),
    ),
)]
pub(super) async fn ready(
    State(agent): State<Arc<Agent>>,
    Path(name): Path<String>,
) -> (StatusCode, Json<Ready>) {
    readiness(answers(&agent, &name, None).is_ok())
}

/// Says whether a version of the model answers.
#[utoipa::path(
    get,
    path = "/v2/models/{name}/versions/{version}/ready",
    operation_id = "v2_model_version_ready",
    tag = "inference",
    params(
        ("name" = String, Path, description = "The registered model."),
        ("version" = String, Path, description = "The version."),
    ),
    responses(
        (status = 200, description = "It does.", body = Ready),
        (status = 503, description = "It does not.", body = Ready),
    ),
)]
pub(super) async fn version_ready(
    State(agent): State<Arc<Agent>>,
    Path((name, version)): Path<(String, String)>,
) -> (StatusCode, Json<Ready>) {
    readiness(answers(&agent, &name, Some(&version)).is_ok())
}

fn answers(agent: &Agent, name: &str, version: Option<&str>) -> Result<Arc<Model>, V2Error> {
    let model = agent.active().ok_or(PredictError::NoModel)?;
    check(&model, name, version)?;
    Ok(model)
}

/// Refuses a model, or a version of it, that is not this one.
pub(super) fn check(model: &Model, name: &str, version: Option<&str>) -> Result<(), V2Error> {
    let metadata = model.metadata();
    let shown = |text: &str| text.chars().take(60).collect::<String>();
    if metadata.name.as_str() != name {
        let line = format!("model {:?} does not run here; {} does", shown(name), metadata.name);
        return Err(V2Error::not_found(line));
    }
    let runs = number(model);
    match version {
        Some(version) if version != runs => {
            let line = format!("version {:?} does not answer here; {runs} does", shown(version));
            Err(V2Error::not_found(line))
        }
        _ => Ok(()),
    }
}

/// The version's number as the protocol has it; 0 for a bundle that was never published.
pub(super) fn number(model: &Model) -> String {
    model.metadata().version.map_or_else(|| "0".to_owned(), |version| version.to_string())
}

fn describe(model: &Model) -> ModelMetadata {
    let metadata = model.metadata();
    let tensor = |name, shape: &[i64]| TensorMetadata { name, datatype: FLOAT, shape: shape.to_vec() };
    let window = [-1, metadata.sequence_length as i64, metadata.input_features as i64];
    let interval = model.has_interval().then(|| tensor(INTERVAL, &[-1, 2]));
    ModelMetadata {
        name: metadata.name.to_string(),
        versions: vec![number(model)],
        platform: "onnx_tract",
        inputs: vec![tensor(INPUT, &window)],
        outputs: [tensor(OUTPUT, &[-1, 1])].into_iter().chain(interval).collect(),
    }
}
