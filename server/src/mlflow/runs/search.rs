//! `runs/search`.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::answer::{self, RunAnswer};
use crate::api::{ApiError, App};
use crate::filter::{Filter, Order, Runs};
use crate::mlflow::body::Body;
use crate::mlflow::check::page_size;
use crate::mlflow::experiments::lookup;
use crate::mlflow::number::int64_option;
use crate::mlflow::view_type::ViewType;
use crate::store::runs;
use crate::store::search::{self, RunScope};

/// How many runs a page has when nobody says.
const PAGE: i64 = 1000;

#[derive(Deserialize)]
pub(super) struct SearchRuns {
    experiment_ids: Option<Vec<String>>,
    filter: Option<String>,
    run_view_type: Option<ViewType>,
    #[serde(default, deserialize_with = "int64_option")]
    max_results: Option<i64>,
    order_by: Option<Vec<String>>,
    page_token: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Found {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    runs: Vec<RunAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

pub(super) async fn search(
    State(app): State<App>,
    Body(request): Body<SearchRuns>,
) -> Result<Json<Found>, ApiError> {
    let size = page_size(request.max_results.unwrap_or(PAGE))?;
    let filter = Filter::<Runs>::parse(request.filter.as_deref().unwrap_or_default())?;
    let order = Order::parse(&request.order_by.unwrap_or_default())?;
    let experiment_ids = lookup::numbers(&request.experiment_ids.unwrap_or_default())?;
    let scope = RunScope { experiment_ids, view: request.run_view_type.unwrap_or_default().0 };
    app.store
        .read(move |tx| {
            let page = search::page(tx, &scope, &filter, &order, size, request.page_token.as_deref())?;
            let runs = answer::all(tx, runs::of(tx, &page.ids)?)?;
            Ok(Json(Found { runs, next_page_token: page.next }))
        })
        .await
}
