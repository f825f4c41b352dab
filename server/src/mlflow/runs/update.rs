//! `runs/update`: a run's status, end and name.

use std::fmt;

use axum::Json;
use axum::extract::State;
use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize};

use super::answer::Info;
use super::{RUN_NAME, lookup};
use crate::api::{ApiError, App, Caller};
use crate::mlflow::body::Body;
use crate::mlflow::number::int64_option;
use crate::store::run_status::RunStatus;
use crate::store::run_tags;
use crate::store::runs::{self, Run};

#[derive(Deserialize)]
pub(super) struct UpdateRun {
    run_id: Option<String>,
    run_uuid: Option<String>,
    status: Option<Status>,
    #[serde(default, deserialize_with = "int64_option")]
    end_time: Option<i64>,
    run_name: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Updated {
    run_info: Info,
}

pub(super) async fn update(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<UpdateRun>,
) -> Result<Json<Updated>, ApiError> {
    let run_id = lookup::id(request.run_id, request.run_uuid)?;
    let status = request.status.map(|status| status.0);
    // A name cannot be taken away.
    let name = request.run_name.filter(|name| !name.is_empty());
    let end_time = request.end_time;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let mut run = runs::find(tx, &run_id)?.ok_or_else(|| lookup::not_found(&run_id))?;
            lookup::check_active(&run_id, run.stage)?;
            let before = shown(&run);
            runs::update(tx, run.id, status, end_time, name.as_deref())?;
            if let Some(name) = name {
                run_tags::set(tx, run.id, RUN_NAME, &name)?;
                run.name = name;
            }
            run.status = status.unwrap_or(run.status);
            run.end_time = end_time.or(run.end_time);
            let change = by.did("update_run", "run", &run_id).within(&run.experiment_id);
            change.from(Some(&before)).to(Some(&shown(&run))).record(tx)?;
            Ok(Json(Updated { run_info: Info(run) }))
        })
        .await
}

/// What can change of a run, for the audit trail.
fn shown(run: &Run) -> String {
    let end = run.end_time.map_or_else(String::new, |time| format!(", ended {time}"));
    format!("{:?} {}{end}", run.name, run.status.name())
}

/// A status by its name or by the protocol's number.
struct Status(RunStatus);

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Status;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("RUNNING, SCHEDULED, FINISHED, FAILED or KILLED")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Status, E> {
                name.parse().map(Status).map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Status, E> {
                let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
                let status = index.and_then(|index| RunStatus::ALL.get(index));
                status
                    .copied()
                    .map(Status)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Unsigned(number), &self))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}
