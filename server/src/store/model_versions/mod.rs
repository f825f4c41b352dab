//! The table `model_versions`.
//!
//! | module | holds |
//! | --- | --- |
//! | `read` | versions as they are read |
//! | `stage` | the stages of a version |

use jiff::Timestamp;
use overhaul_bundle::VersionNumber;
use rusqlite::{Connection, OptionalExtension as _};

use crate::store::audit::By;

mod read;
mod stage;

pub use read::{ModelVersion, by_alias, find, in_production, latest, lowest, many, newest, numbers};
pub use stage::{InvalidStage, Stage};

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

impl<'a> NewVersion<'a> {
    /// A version of files that lie here, made by nobody's run and not described.
    pub fn of_files(version: VersionNumber, by: &'a By, files: &'a str) -> Self {
        Self {
            version,
            at: by.at,
            description: Some(""),
            user_id: Some(&by.actor),
            source: files,
            storage_uri: files,
            run_id: Some(""),
            run_link: Some(""),
            logged_model: None,
        }
    }
}

/// How many versions there are, of all models.
pub fn count(connection: &Connection) -> anyhow::Result<i64> {
    let mut statement = connection.prepare_cached("SELECT count(*) FROM model_versions")?;
    Ok(statement.query_row([], |row| row.get(0))?)
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

/// Says something else about a version.
pub fn describe(connection: &Connection, id: i64, text: Option<&str>, at: Timestamp) -> anyhow::Result<()> {
    connection
        .prepare_cached("UPDATE model_versions SET description = ?2, updated_at = ?3 WHERE id = ?1")?
        .execute((id, text, at.as_millisecond()))?;
    Ok(())
}

/// Puts a version into a stage.
pub fn set_stage(connection: &Connection, id: i64, stage: Stage, at: Timestamp) -> anyhow::Result<()> {
    connection
        .prepare_cached("UPDATE model_versions SET stage = ?2, updated_at = ?3 WHERE id = ?1")?
        .execute((id, stage.as_str(), at.as_millisecond()))?;
    Ok(())
}

/// Archives what is in a stage, except for one version; the numbers of what it archived.
pub fn archive_others(
    connection: &Connection,
    model: i64,
    stage: Stage,
    except: i64,
    at: Timestamp,
) -> anyhow::Result<Vec<VersionNumber>> {
    let mut statement = connection.prepare_cached(
        "UPDATE model_versions SET stage = 'Archived', updated_at = ?4
         WHERE model_id = ?1 AND stage = ?2 AND id <> ?3 RETURNING version",
    )?;
    let rows = statement
        .query_map((model, stage.as_str(), except, at.as_millisecond()), |row| row.get::<_, u32>(0))?;
    rows.map(|number| Ok(VersionNumber::try_from(number?)?)).collect()
}

/// Notes that all versions of a model changed.
pub fn touch_all(connection: &Connection, model: i64, at: Timestamp) -> anyhow::Result<()> {
    connection
        .prepare_cached("UPDATE model_versions SET updated_at = ?2 WHERE model_id = ?1")?
        .execute((model, at.as_millisecond()))?;
    Ok(())
}

/// Removes a version with its tags, its bundle's row and the aliases that point at it.
pub fn delete(connection: &Connection, id: i64) -> anyhow::Result<()> {
    connection.prepare_cached("DELETE FROM model_versions WHERE id = ?1")?.execute([id])?;
    Ok(())
}
