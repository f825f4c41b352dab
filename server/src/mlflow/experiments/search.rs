//! `experiments/search`.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::answer::{self, ExperimentAnswer};
use crate::api::{ApiError, App};
use crate::filter::{Experiments, Filter, Order};
use crate::mlflow::body::{Body, Query};
use crate::mlflow::check::page_size;
use crate::mlflow::number::int64_option;
use crate::mlflow::view_type::ViewType;
use crate::store::{experiments, search};

#[derive(Deserialize)]
pub(super) struct SearchExperiments {
    #[serde(default, deserialize_with = "int64_option")]
    max_results: Option<i64>,
    page_token: Option<String>,
    filter: Option<String>,
    order_by: Option<Vec<String>>,
    view_type: Option<ViewType>,
}

#[derive(Serialize)]
pub(super) struct Found {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    experiments: Vec<ExperimentAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

pub(super) async fn by_body(
    State(app): State<App>,
    Body(request): Body<SearchExperiments>,
) -> Result<Json<Found>, ApiError> {
    find(app, request).await
}

pub(super) async fn by_query(
    State(app): State<App>,
    Query(request): Query<SearchExperiments>,
) -> Result<Json<Found>, ApiError> {
    find(app, request).await
}

async fn find(app: App, request: SearchExperiments) -> Result<Json<Found>, ApiError> {
    // The real server takes a missing one for 0 as well.
    let size = page_size(request.max_results.unwrap_or_default())?;
    let filter = Filter::<Experiments>::parse(request.filter.as_deref().unwrap_or_default())?;
    let order = Order::parse(&request.order_by.unwrap_or_default())?;
    let view = request.view_type.unwrap_or_default().0;
    app.store
        .read(move |tx| {
            let page = search::page(tx, &view, &filter, &order, size, request.page_token.as_deref())?;
            let experiments = answer::all(tx, experiments::of(tx, &page.ids)?)?;
            Ok(Json(Found { experiments, next_page_token: page.next }))
        })
        .await
}
