//! `registered-models/search` and `model-versions/search`.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::entity::{ModelVersion, RegisteredModel};
use crate::api::{ApiError, App};
use crate::filter::{Filter, ModelVersions, Order, RegisteredModels};
use crate::mlflow::body::Query;
use crate::store::search;

/// Models on a page: what is asked for when nothing is, and the most.
const MODELS: (usize, usize) = (100, 1000);
/// Versions on a page.
const VERSIONS: (usize, usize) = (10_000, 200_000);

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/registered-models/search", get(models))
        .route("/model-versions/search", get(versions))
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    filter: String,
    max_results: Option<String>,
    #[serde(default)]
    order_by: Vec<String>,
    page_token: Option<String>,
}

impl Asked {
    fn size(&self, (default, most): (usize, usize)) -> Result<usize, ApiError> {
        let Some(text) = &self.max_results else { return Ok(default) };
        let size = text.parse().ok().filter(|size| (1..=most).contains(size));
        size.ok_or_else(|| {
            ApiError::invalid(format!(
                "Invalid value {text:?} for parameter 'max_results' supplied: use a whole number from 1 to {most}"
            ))
        })
    }
}

#[derive(Serialize)]
struct Models {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    registered_models: Vec<RegisteredModel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

async fn models(State(app): State<App>, Query(asked): Query<Asked>) -> Result<Json<Models>, ApiError> {
    let filter = Filter::<RegisteredModels>::parse(&asked.filter)?;
    let order = Order::parse(&asked.order_by)?;
    let size = asked.size(MODELS)?;
    app.store
        .read(move |tx| {
            let page = search::page(tx, &(), &filter, &order, size, asked.page_token.as_deref())?;
            let registered_models = RegisteredModel::of_ids(tx, &page.ids)?;
            Ok(Json(Models { registered_models, next_page_token: page.next }))
        })
        .await
}

#[derive(Serialize)]
struct Versions {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    model_versions: Vec<ModelVersion>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

async fn versions(State(app): State<App>, Query(asked): Query<Asked>) -> Result<Json<Versions>, ApiError> {
    let filter = Filter::<ModelVersions>::parse(&asked.filter)?;
    let order = Order::parse(&asked.order_by)?;
    let size = asked.size(VERSIONS)?;
    app.store
        .read(move |tx| {
            let page = search::page(tx, &(), &filter, &order, size, asked.page_token.as_deref())?;
            let model_versions = ModelVersion::of_ids(tx, &page.ids)?;
            Ok(Json(Versions { model_versions, next_page_token: page.next }))
        })
        .await
}
