//! `POST /predict/simple`: readings in, RUL with its interval out.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;

use super::ApiError;
use crate::agent::Agent;
use crate::model::Prediction;
use crate::readings::json::{self, BodyError};

pub(super) async fn predict(
    State(agent): State<Arc<Agent>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Prediction>, ApiError> {
    let body = body.map_err(|e| ApiError::new(e.status(), e.body_text()))?;
    // One version answers the whole request, whatever is activated meanwhile.
    let Some(model) = agent.active() else {
        return Err(ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "no model version is here yet; /health says what the agent waits for",
        ));
    };
    let readings = json::readings(&body, &model.metadata().feature_columns).map_err(|e| {
        let status = match &e {
            BodyError::NotJson(_) => StatusCode::BAD_REQUEST,
            BodyError::Window(_) => StatusCode::UNPROCESSABLE_ENTITY,
        };
        ApiError::new(status, e.to_string())
    })?;
    Ok(Json(model.predict(&readings).await?))
}
