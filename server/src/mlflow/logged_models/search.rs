//! `logged-models/search`.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::answer::{self, Answer};
use crate::api::{ApiError, App};
use crate::filter::{Filter, LoggedModels, Order, OrderField};
use crate::mlflow::body::Body;
use crate::mlflow::check::{MAX_PAGE, given, invalid, page_size};
use crate::mlflow::experiments::lookup;
use crate::mlflow::number::int64_option;
use crate::store::logged_models;
use crate::store::search::{self, DatasetFilter, LoggedModelScope};

/// How many models a page has when nobody says.
const PAGE: i64 = 100;
/// The most datasets of a search.
const MAX_DATASETS: usize = 100;

#[derive(Deserialize)]
pub(super) struct SearchLoggedModels {
    experiment_ids: Option<Vec<String>>,
    filter: Option<String>,
    datasets: Option<Vec<Dataset>>,
    #[serde(default, deserialize_with = "int64_option")]
    max_results: Option<i64>,
    order_by: Option<Vec<OrderBy>>,
    page_token: Option<String>,
}

#[derive(Deserialize)]
struct Dataset {
    dataset_name: Option<String>,
    dataset_digest: Option<String>,
}

#[derive(Deserialize)]
struct OrderBy {
    #[serde(default)]
    field_name: String,
    ascending: Option<bool>,
    #[serde(default)]
    dataset_name: String,
    #[serde(default)]
    dataset_digest: String,
}

#[derive(Serialize)]
pub(super) struct Found {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    models: Vec<Answer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

pub(super) async fn search(
    State(app): State<App>,
    Body(request): Body<SearchLoggedModels>,
) -> Result<Json<Found>, ApiError> {
    // As the real server: none, in either spelling, is a page of the usual size, and there is no largest one to
    // ask for, only a largest one to get.
    let size = page_size(request.max_results.filter(|&size| size != 0).unwrap_or(PAGE).min(MAX_PAGE))?;
    let experiment_ids = lookup::numbers(&given("experiment_ids", request.experiment_ids)?)?;
    let scope =
        LoggedModelScope { experiment_ids, datasets: datasets(request.datasets.unwrap_or_default())? };
    let filter = Filter::<LoggedModels>::parse(request.filter.as_deref().unwrap_or_default())?;
    let order_by = request.order_by.unwrap_or_default();
    let fields: Vec<OrderField<'_>> = order_by.iter().map(field).collect();
    let order = Order::from_fields(&fields)?;
    app.store
        .read(move |tx| {
            let page = search::page(tx, &scope, &filter, &order, size, request.page_token.as_deref())?;
            let models = answer::all(tx, logged_models::many(tx, &page.ids)?)?;
            Ok(Json(Found { models, next_page_token: page.next }))
        })
        .await
}

fn field(order: &OrderBy) -> OrderField<'_> {
    OrderField {
        field_name: &order.field_name,
        ascending: order.ascending.unwrap_or(true),
        dataset_name: &order.dataset_name,
        dataset_digest: &order.dataset_digest,
    }
}

fn datasets(datasets: Vec<Dataset>) -> Result<Vec<DatasetFilter>, ApiError> {
    if datasets.len() > MAX_DATASETS {
        return Err(invalid(
            "datasets",
            datasets.len(),
            format_args!("name at most {MAX_DATASETS} datasets"),
        ));
    }
    let filter = |dataset: Dataset| {
        let name = dataset.dataset_name.filter(|name| !name.is_empty());
        let unnamed = || ApiError::invalid("`dataset_name` in the `datasets` clause must be specified.");
        let digest = dataset.dataset_digest.filter(|digest| !digest.is_empty());
        Ok(DatasetFilter { name: name.ok_or_else(unnamed)?, digest })
    };
    datasets.into_iter().map(filter).collect()
}
