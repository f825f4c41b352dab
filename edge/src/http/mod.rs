//! The agent's HTTP interface.
//!
//! | route | module |
//! | --- | --- |
//! | `GET /` | `root` |
//! | `GET /health` | `health` |
//! | `GET /models`, `GET /models/{version}` | `models` |
//! | `POST /predict`, `POST /predict/simple` | `predict` |
//! | `GET /refused`, `DELETE /refused/{sha256}` | `refused` |
//! | `/units` and what is below it | `units` |
//! | `/v2/…` | `v2` |
//! | `GET /metrics` | `metrics` |
//! | `GET /docs`, `GET /openapi.json` | `docs` |
//!
//! Every error is `{"detail": "one line"}`, but under `/v2`. Bodies are read by `body`, errors made by `error`.

mod body;
mod docs;
mod error;
mod health;
mod metrics;
mod models;
mod predict;
mod refused;
mod root;
mod units;
mod v2;

use std::sync::Arc;

use axum::Router;
use axum::error_handling::HandleErrorLayer;
use axum::http::StatusCode;
use axum::{BoxError, middleware};
use tower::ServiceBuilder;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower::load_shed::LoadShedLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::agent::Agent;
use crate::metrics::measure;
use crate::units::Units;
use error::ApiError;

/// The most requests that are worked on at a time; more are told to come again, so that their bodies cannot fill the
/// memory.
const MAX_REQUESTS: usize = 256;

/// The agent's routes, each with its description.
fn described() -> OpenApiRouter<Arc<Agent>> {
    OpenApiRouter::default()
        .routes(routes!(root::root))
        .routes(routes!(health::health))
        .routes(routes!(models::models))
        .routes(routes!(models::model))
        .routes(routes!(predict::named))
        .routes(routes!(predict::simple))
        .routes(routes!(refused::list))
        .routes(routes!(refused::allow))
        .routes(routes!(metrics::show))
        .routes(routes!(docs::openapi))
        .routes(routes!(docs::docs))
        .routes(routes!(docs::file))
        .merge(v2::routes())
}

/// The agent's routes.
pub fn router(agent: Arc<Agent>, units: Arc<Units>) -> Router {
    let limits = ServiceBuilder::new()
        .layer(HandleErrorLayer::new(async |_: BoxError| {
            let line = format!("{MAX_REQUESTS} requests are worked on already; send it again later");
            ApiError::new(StatusCode::SERVICE_UNAVAILABLE, line)
        }))
        .layer(LoadShedLayer::new())
        .layer(GlobalConcurrencyLimitLayer::new(MAX_REQUESTS));
    Router::from(described())
        .with_state(Arc::clone(&agent))
        .merge(Router::from(units::routes()).with_state(units))
        .fallback(async || ApiError::not_found())
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(limits)
        .layer(middleware::from_fn_with_state(agent, measure))
}
