//! `runs/…`: one training, or anything else that has params, metrics and artifacts.
//!
//! | module | its requests |
//! | --- | --- |
//! | `create` | `create` |
//! | `read` | `get` |
//! | `search` | `search` |
//! | `update` | `update` |
//! | `change` | `delete`, `restore` |
//! | `tags` | `set-tag`, `delete-tag` |
//! | `params` | `log-parameter` |
//! | `metrics` | `log-metric` |
//! | `batch` | `log-batch` |
//! | `inputs` | `log-inputs`: datasets, and logged models that a run took in |
//! | `outputs` | `outputs`: logged models that a run gave out |
//! | `artifacts` | `artifacts/list`, `get-artifact` |
//! | `log_model` | `log-model`, which older clients send |
//!
//! | module | holds |
//! | --- | --- |
//! | `answer` | runs as answers have them |
//! | `lookup` | runs by their ids, or an answer that says what is wrong |
//! | `log` | metrics, params and tags, checked and written |

use axum::Router;
use axum::routing::{get, post};

use crate::api::App;

mod answer;
mod artifacts;
mod batch;
mod change;
mod create;
mod inputs;
mod log;
mod log_model;
pub(super) mod lookup;
mod metrics;
mod outputs;
mod params;
mod read;
mod search;
mod tags;
mod update;

/// The tag that goes with a run's name: to change one is to change both.
const RUN_NAME: &str = "mlflow.runName";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/runs/create", post(create::create))
        .route("/runs/get", get(read::get))
        .route("/runs/search", post(search::search))
        .route("/runs/update", post(update::update))
        .route("/runs/delete", post(change::delete))
        .route("/runs/restore", post(change::restore))
        .route("/runs/set-tag", post(tags::set))
        .route("/runs/delete-tag", post(tags::delete))
        .route("/runs/log-parameter", post(params::log))
        .route("/runs/log-metric", post(metrics::log))
        .route("/artifacts/list", get(artifacts::list))
        .route("/runs/log-batch", post(batch::log))
        .route("/runs/log-inputs", post(inputs::log))
        .route("/runs/outputs", post(outputs::log))
        .route("/runs/log-model", post(log_model::log))
}

/// The routes below the origin.
pub(super) fn root_routes() -> Router<App> {
    Router::new().route("/get-artifact", get(artifacts::download))
}
