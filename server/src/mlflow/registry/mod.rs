//! `MLflow`'s model registry: registered models, their versions, aliases, stages and tags.
//!
//! | module | its endpoints, or what it holds |
//! | --- | --- |
//! | `models` | `registered-models/create`, `get`, `update`, `rename`, `delete` |
//! | `latest` | `registered-models/get-latest-versions` |
//! | `model_tags` | `registered-models/set-tag`, `delete-tag` |
//! | `aliases` | `registered-models/alias` |
//! | `create_version` | `model-versions/create` |
//! | `versions` | `model-versions/get`, `update`, `delete`, `get-download-uri` |
//! | `version_tags` | `model-versions/set-tag`, `delete-tag` |
//! | `stages` | `model-versions/transition-stage` |
//! | `search` | `registered-models/search`, `model-versions/search` |
//! | `source`, `origin` | what a version is made of: what its source says, and what can be vouched for |
//! | `production` | what is in production is not deleted by accident |
//! | `params`, `tags` | the parameters of requests, parsed at the door |
//! | `entity` | models and versions as answers show them |

use axum::Router;

use crate::api::App;

mod aliases;
mod create_version;
mod entity;
mod latest;
mod model_tags;
mod models;
mod origin;
mod params;
mod production;
mod search;
mod source;
mod stages;
mod tags;
mod version_tags;
mod versions;

/// The routes of the registry.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .merge(models::routes())
        .merge(latest::routes())
        .merge(model_tags::routes())
        .merge(aliases::routes())
        .merge(create_version::routes())
        .merge(versions::routes())
        .merge(version_tags::routes())
        .merge(stages::routes())
        .merge(search::routes())
}
