//! Where the files lie that a version is made of: reads of `runs`, `logged_models` and `model_versions`.

use overhaul_bundle::{ModelName, VersionNumber};
use rusqlite::{Connection, OptionalExtension as _};

/// The root of a run's artifacts, whether the run was deleted or not.
pub fn run_root(connection: &Connection, run_id: &str) -> anyhow::Result<Option<String>> {
    Ok(connection
        .prepare_cached("SELECT artifact_uri FROM runs WHERE run_id = ?1")?
        .query_row([run_id], |row| row.get(0))
        .optional()?)
}

/// What a logged model says of its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedModel {
    /// Where its files lie.
    pub artifact_uri: String,
    /// The run that logged it.
    pub source_run_id: Option<String>,
}

/// A logged model that was not deleted.
pub fn logged_model(connection: &Connection, model_id: &str) -> anyhow::Result<Option<LoggedModel>> {
    Ok(connection
        .prepare_cached(
            "SELECT artifact_uri, source_run_id FROM logged_models
             WHERE model_id = ?1 AND lifecycle_stage = 'active'",
        )?
        .query_row([model_id], |row| {
            Ok(LoggedModel { artifact_uri: row.get(0)?, source_run_id: row.get(1)? })
        })
        .optional()?)
}

/// Where the files lie of the last model that a run logged under a name.
pub fn model_of_run(connection: &Connection, run_id: &str, name: &str) -> anyhow::Result<Option<String>> {
    Ok(connection
        .prepare_cached(
            "SELECT artifact_uri FROM logged_models
             WHERE source_run_id = ?1 AND name = ?2 AND lifecycle_stage = 'active'
             ORDER BY created_at DESC, id DESC LIMIT 1",
        )?
        .query_row([run_id, name], |row| row.get(0))
        .optional()?)
}

/// What a version was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Where its files lie.
    pub storage_uri: String,
    /// The run that made it.
    pub run_id: Option<String>,
    /// The logged model that it was made of.
    pub logged_model: Option<String>,
}

/// The origin of a version.
pub fn version(
    connection: &Connection,
    name: &ModelName,
    number: VersionNumber,
) -> anyhow::Result<Option<Origin>> {
    Ok(connection
        .prepare_cached(
            "SELECT v.storage_uri, v.run_id, v.logged_model
             FROM model_versions AS v JOIN registered_models AS m ON m.id = v.model_id
             WHERE m.name = ?1 AND v.version = ?2",
        )?
        .query_row((name.as_str(), number.get()), |row| {
            Ok(Origin { storage_uri: row.get(0)?, run_id: row.get(1)?, logged_model: row.get(2)? })
        })
        .optional()?)
}
