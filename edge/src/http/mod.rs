//! The agent's HTTP interface.
//!
//! | route | module |
//! | --- | --- |
//! | `GET /health` | `health` |
//! | `GET /models` | `models` |
//! | `POST /predict/simple` | `predict` |
//! | `GET /refused`, `DELETE /refused/{sha256}` | `refused` |
//! | `/units` and what is below it | `units` |
//!
//! Every error is `{"detail": "one line"}`.

mod error;
mod health;
mod models;
mod predict;
mod refused;
mod units;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, post};

use crate::agent::Agent;
use crate::units::Units;
use error::ApiError;

/// The most bytes of a request's body: 100 rows of a thousand numbers each fit.
const MAX_BODY: usize = 2 << 20;

/// The agent's routes.
pub fn router(agent: Arc<Agent>, units: Arc<Units>) -> Router {
    Router::new()
        .route("/health", get(health::health))
        .route("/models", get(models::models))
        .route("/predict/simple", post(predict::predict))
        .route("/refused", get(refused::list))
        .route("/refused/{sha256}", delete(refused::allow))
        .with_state(agent)
        .merge(units::routes(units))
        .fallback(async || ApiError::not_found())
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(DefaultBodyLimit::max(MAX_BODY))
}
