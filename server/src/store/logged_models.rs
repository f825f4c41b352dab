//! The table `logged_models`: models that runs logged, which `MLflow` 3 keeps apart from their runs.

use std::collections::HashMap;

use anyhow::bail;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::ids;
use super::stage::Stage;

/// How far a model has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelStatus {
    /// Its files are being uploaded.
    Pending,
    /// Its files are there.
    Ready,
    /// Its files were not uploaded.
    Failed,
}

impl ModelStatus {
    /// Its name, which filters compare.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Ready => "READY",
            Self::Failed => "FAILED",
        }
    }

    fn named(name: &str) -> anyhow::Result<Self> {
        match name {
            "PENDING" => Ok(Self::Pending),
            "READY" => Ok(Self::Ready),
            "FAILED" => Ok(Self::Failed),
            other => bail!("the database holds status {other:?} of a logged model"),
        }
    }
}

/// A logged model's row.
#[derive(Debug, Clone)]
pub struct LoggedModel {
    /// What the other tables call it.
    pub id: i64,
    /// `m-` and 32 hexadecimal digits.
    pub model_id: String,
    /// The experiment that it is part of.
    pub experiment_id: i64,
    /// Its name; others may have the same.
    pub name: String,
    /// Where its files lie.
    pub artifact_uri: String,
    /// How far it has got.
    pub status: ModelStatus,
    /// Why it got no further.
    pub status_message: Option<String>,
    /// What its maker calls its kind; may be empty.
    pub model_type: String,
    /// The run that logged it; empty where none did.
    pub source_run_id: String,
    /// Whether it was deleted.
    pub stage: Stage,
    /// In milliseconds since 1970.
    pub created_at: i64,
    /// When its status or stage last changed, in milliseconds since 1970.
    pub updated_at: i64,
}

const COLUMNS: &str = "id, model_id, experiment_id, name, artifact_uri, status, status_message, model_type,
                       source_run_id, lifecycle_stage, created_at, updated_at";

fn model(row: &Row<'_>) -> anyhow::Result<LoggedModel> {
    Ok(LoggedModel {
        id: row.get(0)?,
        model_id: row.get(1)?,
        experiment_id: row.get(2)?,
        name: row.get(3)?,
        artifact_uri: row.get(4)?,
        status: ModelStatus::named(row.get_ref(5)?.as_str()?)?,
        status_message: row.get(6)?,
        model_type: row.get(7)?,
        source_run_id: row.get(8)?,
        stage: row.get(9)?,
        created_at: row.get(10)?,
        updated_at: row.get(11)?,
    })
}

/// A logged model by its id, deleted or not.
pub fn find(connection: &Connection, model_id: &str) -> anyhow::Result<Option<LoggedModel>> {
    let sql = format!("SELECT {COLUMNS} FROM logged_models WHERE model_id = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([model_id])?;
    rows.next()?.map(model).transpose()
}

/// Logged models by their rows, in the order of these; those that are gone are left out.
pub fn many(connection: &Connection, rows: &[i64]) -> anyhow::Result<Vec<LoggedModel>> {
    let mut found = HashMap::with_capacity(rows.len());
    let select = format!("SELECT {COLUMNS} FROM logged_models WHERE id IN");
    ids::each_row(connection, rows, (&select, ""), |row| {
        let model = model(row)?;
        found.insert(model.id, model);
        Ok(())
    })?;
    Ok(rows.iter().filter_map(|id| found.remove(id)).collect())
}

/// A logged model that is to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewModel<'a> {
    /// `m-` and 32 hexadecimal digits.
    pub model_id: &'a str,
    /// The experiment that it is part of.
    pub experiment_id: i64,
    /// Its name.
    pub name: &'a str,
    /// Where its files will lie.
    pub artifact_uri: &'a str,
    /// What its maker calls its kind; may be empty.
    pub model_type: &'a str,
    /// The run that logs it; empty where none does.
    pub source_run_id: &'a str,
    /// When it is made.
    pub at: Timestamp,
}

/// Makes a logged model, which is pending; the id of its row.
pub fn insert(connection: &Connection, new: &NewModel<'_>) -> anyhow::Result<i64> {
    Ok(connection
        .prepare_cached(
            "INSERT INTO logged_models (model_id, experiment_id, name, artifact_uri, status, model_type,
                                        source_run_id, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8) RETURNING id",
        )?
        .query_row(
            (
                new.model_id,
                new.experiment_id,
                new.name,
                new.artifact_uri,
                ModelStatus::Pending.name(),
                new.model_type,
                new.source_run_id,
                new.at.as_millisecond(),
            ),
            |row| row.get(0),
        )?)
}

/// Says how far a model has got.
pub fn set_status(
    connection: &Connection,
    id: i64,
    status: ModelStatus,
    at: Timestamp,
) -> anyhow::Result<()> {
    connection
        .prepare_cached("UPDATE logged_models SET status = ?2, updated_at = ?3 WHERE id = ?1")?
        .execute((id, status.name(), at.as_millisecond()))?;
    Ok(())
}

/// Marks a model as deleted. Its files stay.
pub fn delete(connection: &Connection, id: i64, at: Timestamp) -> anyhow::Result<()> {
    connection
        .prepare_cached("UPDATE logged_models SET lifecycle_stage = ?2, updated_at = ?3 WHERE id = ?1")?
        .execute((id, Stage::Deleted, at.as_millisecond()))?;
    Ok(())
}

/// The row of a model by its id, deleted or not.
pub fn row(connection: &Connection, model_id: &str) -> anyhow::Result<Option<i64>> {
    Ok(connection
        .prepare_cached("SELECT id FROM logged_models WHERE model_id = ?1")?
        .query_row([model_id], |row| row.get(0))
        .optional()?)
}
