//! `POST /predict/simple`: readings in, RUL with its interval out.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;

use super::ApiError;
use crate::agent::{Agent, PredictError};
use crate::model::Prediction;
use crate::readings::json;

pub(super) async fn predict(
    State(agent): State<Arc<Agent>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Prediction>, ApiError> {
    let body = body.map_err(|e| ApiError::new(e.status(), e.body_text()))?;
    // A version's columns name the values in errors, and its window is made of its own columns.
    let answered = agent
        .predict(|model| {
            let readings = json::readings(&body, &model.metadata().feature_columns)?;
            Ok::<_, ApiError>(model.window(&readings).map_err(PredictError::from)?)
        })
        .await?;
    Ok(Json(answered.prediction))
}
