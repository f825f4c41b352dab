//! `experiments/…`: what groups runs.
//!
//! | module | its requests |
//! | --- | --- |
//! | `create` | `create` |
//! | `read` | `get`, `get-by-name` |
//! | `change` | `update`, `delete`, `restore` |
//! | `search` | `search` |
//! | `tags` | `set-experiment-tag`, `delete-experiment-tag` |
//! | `datasets` | `search-datasets` |
//! | `answer` | an experiment as answers have it |
//! | `location` | where an experiment's artifacts may lie |
//! | `lookup` | experiments by their ids, or an answer that says what is wrong |

use axum::Router;
use axum::routing::{get, post};

use crate::api::App;

mod answer;
mod change;
mod create;
mod datasets;
pub(super) mod location;
pub(super) mod lookup;
mod read;
mod search;
mod tags;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/experiments/create", post(create::create))
        .route("/experiments/get", get(read::by_id))
        .route("/experiments/get-by-name", get(read::by_name))
        .route("/experiments/search", get(search::by_query).post(search::by_body))
        .route("/experiments/update", post(change::rename))
        .route("/experiments/delete", post(change::delete))
        .route("/experiments/restore", post(change::restore))
        .route("/experiments/set-experiment-tag", post(tags::set))
        .route("/experiments/delete-experiment-tag", post(tags::delete))
        .route("/experiments/search-datasets", post(datasets::search))
}
