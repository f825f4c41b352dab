//! What is in production is not deleted by accident.

use overhaul_bundle::VersionNumber;
use rusqlite::Connection;
use serde::Deserialize;

use crate::api::ApiError;
use crate::store::model_versions;
use crate::store::registered_models::RegisteredModel;

/// `force`, which `MLflow`'s protocol does not have: in the query or in the body.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Force {
    #[serde(default)]
    pub(super) force: bool,
}

/// Refuses to delete a version, or all of them, while the alias `production` points at it or its stage is
/// Production.
pub(super) fn refuse(
    connection: &Connection,
    model: &RegisteredModel,
    only: Option<VersionNumber>,
) -> Result<(), ApiError> {
    let mut found = model_versions::in_production(connection, model.id)?;
    found.retain(|version| only.is_none_or(|only| only == *version));
    let Some(version) = found.first() else { return Ok(()) };
    Err(ApiError::invalid(format!(
        "version {version} of {name:?} is in production: move the alias production to another version and the \
         version out of the stage Production, or send \"force\": true",
        name = model.name.as_str()
    )))
}
