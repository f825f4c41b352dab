//! Logged models by their ids, or an answer that says that there is none.

use rusqlite::Connection;

use crate::api::ApiError;
use crate::store::logged_models::{self, LoggedModel};
use crate::store::stage::Stage;

/// A logged model, deleted or not: what was deleted can still be finished and tagged.
pub(super) fn any(connection: &Connection, model_id: &str) -> Result<LoggedModel, ApiError> {
    logged_models::find(connection, model_id)?.ok_or_else(|| not_found(model_id))
}

/// A logged model that was not deleted.
pub(super) fn active(connection: &Connection, model_id: &str) -> Result<LoggedModel, ApiError> {
    let model = any(connection, model_id)?;
    if model.stage == Stage::Active { Ok(model) } else { Err(not_found(model_id)) }
}

fn not_found(model_id: &str) -> ApiError {
    ApiError::not_found(format!("Logged model with ID '{model_id}' not found."))
}
