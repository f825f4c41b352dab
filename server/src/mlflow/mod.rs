//! `MLflow`'s REST protocol, as its own client speaks it: one file for each resource.
//!
//! Everything answers under `/api` and under `/ajax-api`, as the real server does. Errors are
//! [`ApiError`](crate::api::ApiError)s with `MLflow`'s codes and statuses.
//!
//! | module | its resource |
//! | --- | --- |
//! | `logged_models` | `logged-models/…`: models that runs logged |
//! | `registry` | registered models, their versions, aliases, stages and tags |
//! | `experiments` | `experiments/…` |
//! | `runs` | `runs/…` |
//! | `metrics` | `metrics/…`: the histories of metrics |
//! | `artifacts` | `mlflow-artifacts`: files |
//! | `webhooks` | `webhooks`: who is told of what |
//! | `server_info` | `server-info`: what this server can do |
//!
//! | module | holds |
//! | --- | --- |
//! | `body` | JSON bodies and queries, parsed at the door |
//! | `check` | what `MLflow` asks of keys and values |
//! | `pair` | tags and params of requests |
//! | `view_type` | whether a search is about what is active, deleted, or both |
//! | `random_name` | names for runs and logged models that were given none |
//! | `path` | the parameters in a path, decoded at the door |
//! | `number` | numbers as JSON from Protocol Buffers writes them |

use axum::Router;

use crate::api::App;

pub(crate) mod artifacts;
mod body;
mod check;
mod experiments;
mod logged_models;
mod metrics;
mod number;
mod pair;
mod path;
mod random_name;
mod registry;
mod runs;
mod server_info;
mod view_type;
mod webhooks;

/// All routes of the protocol.
pub fn routes() -> Router<App> {
    let api = Router::new()
        .nest("/2.0/mlflow", version_2())
        .nest("/2.0/mlflow-artifacts", artifacts::routes())
        .nest("/3.0/mlflow", version_3());
    Router::new().nest("/api", api.clone()).nest("/ajax-api", api).merge(runs::root_routes())
}

fn version_2() -> Router<App> {
    Router::new()
        .merge(experiments::routes())
        .merge(runs::routes())
        .merge(metrics::routes())
        .merge(registry::routes())
        .merge(logged_models::routes())
        .merge(webhooks::routes())
}

fn version_3() -> Router<App> {
    Router::new().merge(server_info::routes())
}
