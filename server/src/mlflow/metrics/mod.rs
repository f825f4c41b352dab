//! `metrics/…`: every value that runs logged.
//!
//! | module | its requests |
//! | --- | --- |
//! | `history` | `get-history`: one metric of one run, in pages |
//! | `bulk` | `get-history-bulk`: one metric of several runs |
//! | `interval` | `get-history-bulk-interval`: as many values as a chart has room for |
//! | `token` | where the next page of a history begins |

use axum::Router;
use axum::routing::get;
use serde::Serialize;

use super::number::Double;
use crate::api::App;
use crate::store::metrics::{Metric, Point};

mod bulk;
mod history;
mod interval;
mod token;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/metrics/get-history", get(history::get))
        .route("/metrics/get-history-bulk", get(bulk::get))
        .route("/metrics/get-history-bulk-interval", get(interval::get))
}

/// A metric's value, as answers have it.
#[derive(Serialize)]
pub(super) struct MetricAnswer {
    key: String,
    value: Double,
    timestamp: i64,
    step: i64,
}

impl From<Metric> for MetricAnswer {
    fn from(Metric { key, value, timestamp, step }: Metric) -> Self {
        Self { key, value: Double(value), timestamp, step }
    }
}

/// A metric's value, where answers say of which run.
#[derive(Serialize)]
struct OfRun {
    key: String,
    value: Double,
    timestamp: i64,
    step: i64,
    run_id: String,
}

impl OfRun {
    fn new(run_id: &str, key: &str, point: Point) -> Self {
        Self {
            key: key.to_owned(),
            value: Double(point.value),
            timestamp: point.timestamp,
            step: point.step,
            run_id: run_id.to_owned(),
        }
    }
}
