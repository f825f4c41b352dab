//! `runs/log-metric`.

use axum::Json;
use axum::extract::State;

use super::log::{self, MetricBody};
use super::lookup;
use crate::api::{ApiError, App, Caller};
use crate::mlflow::body::{Body, Done};

pub(super) async fn log(
    State(app): State<App>,
    caller: Caller,
    Body(mut request): Body<MetricBody>,
) -> Result<Json<Done>, ApiError> {
    let run_id = lookup::id(request.run_id.take(), request.run_uuid.take())?;
    let logged = [log::metric("", request)?];
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let run = lookup::active(tx, &run_id)?;
            log::metrics(tx, run, &run_id, &logged)?;
            let [logged] = &logged;
            let metric = &logged.metric;
            let shown = format!("{}={} at step {}", metric.key, metric.value, metric.step);
            by.did("log_metric", "run", &run_id).within(&run.experiment_id).to(Some(&shown)).record(tx)?;
            Ok(Json(Done {}))
        })
        .await
}
