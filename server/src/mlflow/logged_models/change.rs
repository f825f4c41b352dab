//! `PATCH` and `DELETE logged-models/{model_id}`: how far a model has got, and its end.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::answer::{One, status};
use super::lookup;
use crate::api::{ApiError, App, Caller};
use crate::mlflow::body::{Body, Done};
use crate::mlflow::check::{given, invalid, required};
use crate::mlflow::path::Path;
use crate::store::logged_models::{self, ModelStatus};

#[derive(Deserialize)]
pub(super) struct Finish {
    model_id: Option<String>,
    status: Option<Status>,
}

/// A status by the protocol's name of it.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Status(ModelStatus);

impl TryFrom<String> for Status {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let all = [ModelStatus::Pending, ModelStatus::Ready, ModelStatus::Failed];
        all.into_iter()
            .find(|one| status(*one) == name)
            .map(Self)
            .ok_or_else(|| format!("unknown status {name:?}; there are: {}", all.map(status).join(", ")))
    }
}

/// Whether a body is about the model of its path.
pub(super) fn check_same(path: &str, body: Option<String>) -> Result<(), ApiError> {
    let named = required("model_id", body)?;
    if named == path {
        return Ok(());
    }
    Err(invalid("model_id", named, format_args!("the path names '{path}'; name one model")))
}

pub(super) async fn finish(
    State(app): State<App>,
    caller: Caller,
    Path(model_id): Path<String>,
    Body(request): Body<Finish>,
) -> Result<Json<One>, ApiError> {
    check_same(&model_id, request.model_id)?;
    let to = given("status", request.status)?.0;
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let model = lookup::any(tx, &model_id)?;
            logged_models::set_status(tx, model.id, to, by.at)?;
            let change =
                by.did("finish_logged_model", "logged_model", &model_id).within(&model.experiment_id);
            change.from(Some(&status(model.status))).to(Some(&status(to))).record(tx)?;
            Ok(Json(One::of(tx, lookup::any(tx, &model_id)?)?))
        })
        .await
}

pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(model_id): Path<String>,
) -> Result<Json<Done>, ApiError> {
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let model = lookup::any(tx, &model_id)?;
            logged_models::delete(tx, model.id, by.at)?;
            let change =
                by.did("delete_logged_model", "logged_model", &model_id).within(&model.experiment_id);
            change.from(Some(&model.name)).record(tx)?;
            Ok(Json(Done {}))
        })
        .await
}
