//! `POST /v2/models/{name}/infer`, and its version's: windows in, RUL out.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::answer::{self, InferAnswer};
use super::error::{V2Error, V2ErrorBody};
use super::request::InferRequest;
use super::{binary, model};
use crate::agent::{Agent, Asked};
use crate::http::ApiError;
use crate::http::body::Whole;

/// What a body may have: a thousand windows of 30 x 24 numbers as bytes, or some hundred as text.
type Body = Whole<4>;

/// Predicts windows, all by one version.
#[utoipa::path(
    post,
    path = "/v2/models/{name}/infer",
    operation_id = "v2_infer",
    tag = "inference",
    params(("name" = String, Path, description = "The registered model.")),
    request_body(content = InferRequest, description = "JSON, with tensors behind it if the header `Inference-Header-Content-Length` says where it ends."),
    responses(
        (status = 200, description = "The wanted outputs.", body = InferAnswer),
        (status = 400, description = "The request does not fit the model; what and where.", body = V2ErrorBody),
        (status = 404, description = "The model does not run here.", body = V2ErrorBody),
        (status = 408, description = "The body did not arrive.", body = V2ErrorBody),
        (status = 413, description = "The body is too large.", body = V2ErrorBody),
        (status = 500, description = "The model failed.", body = V2ErrorBody),
        (status = 503, description = "No version is here yet, or too many predictions wait.", body = V2ErrorBody),
        (status = 504, description = "The model missed its deadline.", body = V2ErrorBody),
    ),
)]
pub(super) async fn infer(
    State(agent): State<Arc<Agent>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Result<Body, ApiError>,
) -> Result<Response, V2Error> {
    predict(&agent, &name, None, &headers, &body?).await
}

/// Predicts windows by a version, which must be the one that answers.
#[utoipa::path(
    post,
    path = "/v2/models/{name}/versions/{version}/infer",
    operation_id = "v2_infer_version",
    tag = "inference",
    params(
        ("name" = String, Path, description = "The registered model."),
        ("version" = String, Path, description = "The version."),
    ),
    request_body(content = InferRequest, description = "As without a version."),
    responses(
        (status = 200, description = "The wanted outputs.", body = InferAnswer),
        (status = 400, description = "The request does not fit the model; what and where.", body = V2ErrorBody),
        (status = 404, description = "The version does not answer here.", body = V2ErrorBody),
        (status = 408, description = "The body did not arrive.", body = V2ErrorBody),
        (status = 413, description = "The body is too large.", body = V2ErrorBody),
        (status = 500, description = "The model failed.", body = V2ErrorBody),
        (status = 503, description = "No version is here yet, or too many predictions wait.", body = V2ErrorBody),
        (status = 504, description = "The model missed its deadline.", body = V2ErrorBody),
    ),
)]
pub(super) async fn infer_version(
    State(agent): State<Arc<Agent>>,
    Path((name, version)): Path<(String, String)>,
    headers: HeaderMap,
    body: Result<Body, ApiError>,
) -> Result<Response, V2Error> {
    predict(&agent, &name, Some(&version), &headers, &body?).await
}

async fn predict(
    agent: &Agent,
    name: &str,
    version: Option<&str>,
    headers: &HeaderMap,
    body: &Body,
) -> Result<Response, V2Error> {
    let (json, behind) = binary::split(headers, &body.0)?;
    let request = InferRequest::from_json(json)?;
    let (predictions, by) = agent
        .predict_many(Asked::Windows, |model| {
            model::check(model, name, version)?;
            // Refused before anything is predicted.
            request.wanted(model)?;
            request.windows(behind, model)
        })
        .await?;
    answer::answer(request.id(), &by, &request.wanted(&by)?, &predictions)
}
