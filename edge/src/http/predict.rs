//! `POST /predict` and `POST /predict/simple`: readings in, RUL with its interval out.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::ApiError;
use super::body::Whole;
use super::error::Body;
use crate::agent::{Agent, Asked, PredictError};
use crate::model::Prediction;
use crate::readings::json::{self, BodyError};
use crate::readings::named;

/// What the registry guide's clients say of the version they want. The one that answers is the one that the gateway
/// runs, and the answer names it.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it is described, and not looked at")]
pub(super) struct Wanted {
    /// Not looked at.
    version: Option<String>,
    /// Not looked at.
    model_type: Option<String>,
}

/// Readings by the names of their columns, under either name.
#[derive(ToSchema)]
#[allow(dead_code, reason = "it describes a body that is read by hand")]
pub(super) struct Named {
    /// Oldest first, 1 to 10,000; the last ones are used. Each has a finite number for each of the model's columns;
    /// settings may go by `op_setting_1` and may be absent (0, 0 and 100). Other names are left alone.
    sensor_readings: Option<Vec<Object>>,
    /// The same under another name.
    sensor_data: Option<Vec<Object>>,
}

/// An object of numbers.
type Object = std::collections::BTreeMap<String, f64>;

/// Readings as rows of numbers.
#[derive(ToSchema)]
#[allow(dead_code, reason = "it describes a body that is read by hand")]
pub(super) struct Simple {
    /// 1 to 100 rows, oldest first, each with one finite number for each of the model's `feature_columns`, in their order.
    #[schema(min_items = 1, max_items = 100)]
    sensor_data: Vec<Vec<f64>>,
}

/// Predicts from readings by name.
#[utoipa::path(
    post,
    path = "/predict",
    operation_id = "predict",
    tag = "predictions",
    params(Wanted),
    request_body(content = Named, content_type = "application/json"),
    responses(
        (status = 200, description = "The prediction.", body = Prediction),
        (status = 400, description = "The body is no JSON.", body = Body),
        (status = 408, description = "The body did not arrive.", body = Body),
        (status = 413, description = "The body is too large.", body = Body),
        (status = 422, description = "The body holds no readings that the model takes; where, and why.", body = Body),
        (status = 500, description = "The model failed.", body = Body),
        (status = 503, description = "No version is here yet, or too many predictions wait.", body = Body),
        (status = 504, description = "The model missed its deadline.", body = Body),
    ),
)]
pub(super) async fn named(
    State(agent): State<Arc<Agent>>,
    Whole(body): Whole<8>,
) -> Result<Json<Prediction>, ApiError> {
    answer(&agent, |columns| named::readings(&body, columns)).await
}

/// Predicts from rows of numbers.
#[utoipa::path(
    post,
    path = "/predict/simple",
    operation_id = "predict_simple",
    tag = "predictions",
    params(Wanted),
    request_body(content = Simple, content_type = "application/json"),
    responses(
        (status = 200, description = "The prediction.", body = Prediction),
        (status = 400, description = "The body is no JSON.", body = Body),
        (status = 408, description = "The body did not arrive.", body = Body),
        (status = 413, description = "The body is too large.", body = Body),
        (status = 422, description = "The body holds no rows that the model takes; where, and why.", body = Body),
        (status = 500, description = "The model failed.", body = Body),
        (status = 503, description = "No version is here yet, or too many predictions wait.", body = Body),
        (status = 504, description = "The model missed its deadline.", body = Body),
    ),
)]
pub(super) async fn simple(
    State(agent): State<Arc<Agent>>,
    Whole(body): Whole<2>,
) -> Result<Json<Prediction>, ApiError> {
    answer(&agent, |columns| json::readings(&body, columns)).await
}

/// A version's columns name the values in errors, and its window is made of its own columns.
async fn answer(
    agent: &Agent,
    readings: impl Fn(&[String]) -> Result<Vec<f32>, BodyError>,
) -> Result<Json<Prediction>, ApiError> {
    let answered = agent
        .predict(Asked::Windows, |model| {
            let readings = readings(&model.metadata().feature_columns)?;
            Ok::<_, ApiError>(model.window(&readings).map_err(PredictError::from)?)
        })
        .await?;
    Ok(Json(answered.prediction))
}
