//! The table `model_versions`.

use jiff::Timestamp;
use overhaul_bundle::VersionNumber;
use rusqlite::{Connection, OptionalExtension as _};

/// A version to be made.
#[derive(Debug, Clone)]
pub struct NewVersion<'a> {
    /// Its number, handed out before.
    pub version: VersionNumber,
    /// When it is made.
    pub at: Timestamp,
    /// What people wrote about it.
    pub description: Option<&'a str>,
    /// Who made it.
    pub user_id: Option<&'a str>,
    /// What it was made of, such as `models:/m-…`.
    pub source: &'a str,
    /// Where its files lie, such as `mlflow-artifacts:/…`.
    pub storage_uri: &'a str,
    /// The run that made it.
    pub run_id: Option<&'a str>,
    /// Where the run can be seen.
    pub run_link: Option<&'a str>,
    /// The logged model that it was made of, `m-…`.
    pub logged_model: Option<&'a str>,
}

/// The id of a version's row, which the other tables call it by.
pub fn id(connection: &Connection, model: i64, version: VersionNumber) -> anyhow::Result<Option<i64>> {
    Ok(connection
        .prepare_cached("SELECT id FROM model_versions WHERE model_id = ?1 AND version = ?2")?
        .query_row((model, version.get()), |row| row.get(0))
        .optional()?)
}

/// Makes a version; its id. An error when the number is taken.
pub fn insert(connection: &Connection, model: i64, new: &NewVersion<'_>) -> anyhow::Result<i64> {
    let at = new.at.as_millisecond();
    Ok(connection
        .prepare_cached(
            "INSERT INTO model_versions (model_id, version, created_at, updated_at, description, user_id, source,
                                         storage_uri, run_id, run_link, logged_model)
             VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) RETURNING id",
        )?
        .query_row(
            (
                model,
                new.version.get(),
                at,
                new.description,
                new.user_id,
                new.source,
                new.storage_uri,
                new.run_id,
                new.run_link,
                new.logged_model,
            ),
            |row| row.get(0),
        )?)
}
