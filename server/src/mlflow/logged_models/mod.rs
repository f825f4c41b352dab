//! `logged-models/…`: models that runs logged, with their files, params, metrics and tags (`MLflow` 3).
//!
//! | module | its requests |
//! | --- | --- |
//! | `create` | `POST logged-models` |
//! | `read` | `GET logged-models/{model_id}` |
//! | `change` | `PATCH` and `DELETE logged-models/{model_id}`: finished, or given up |
//! | `search` | `POST logged-models/search` |
//! | `params` | `POST logged-models/{model_id}/params` |
//! | `tags` | `logged-models/{model_id}/tags` |
//! | `artifacts` | `logged-models/{model_id}/artifacts/…`: its files |
//!
//! | module | holds |
//! | --- | --- |
//! | `answer` | logged models as answers have them |
//! | `lookup` | logged models by their ids, or an answer that says that there is none |

use axum::Router;
use axum::routing::{delete, get, patch, post};

use crate::api::App;

mod answer;
mod artifacts;
mod change;
mod create;
mod lookup;
mod params;
mod read;
mod search;
mod tags;

/// The most characters of a name, and of what its maker calls a model's kind.
const MAX_NAME: usize = 500;
/// The most characters in the key of a param or a tag. Their values are as long as a request may be.
const MAX_KEY: usize = 255;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/logged-models", post(create::create))
        .route("/logged-models/search", post(search::search))
        .route("/logged-models/{model_id}", get(read::show).patch(change::finish).delete(change::delete))
        .route("/logged-models/{model_id}/params", post(params::log))
        .route("/logged-models/{model_id}/tags", patch(tags::set))
        .route("/logged-models/{model_id}/tags/{tag_key}", delete(tags::remove))
        .route("/logged-models/{model_id}/artifacts/directories", get(artifacts::list))
        .route("/logged-models/{model_id}/artifacts/files", get(artifacts::download))
}
