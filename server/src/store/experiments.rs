//! The table `experiments`.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::ids;
use super::stage::Stage;

/// An experiment's row.
#[derive(Debug, Clone)]
pub struct Experiment {
    /// Its number.
    pub id: i64,
    /// Its name; no two experiments have the same, deleted ones included.
    pub name: String,
    /// The folder of its runs' artifacts, as a URI.
    pub artifact_location: String,
    /// Whether it was deleted.
    pub stage: Stage,
    /// In milliseconds since 1970.
    pub created_at: i64,
    /// When it was created, renamed, deleted or restored, in milliseconds since 1970.
    pub updated_at: i64,
}

const COLUMNS: &str = "id, name, artifact_location, lifecycle_stage, created_at, updated_at";

fn experiment(row: &Row<'_>) -> rusqlite::Result<Experiment> {
    Ok(Experiment {
        id: row.get(0)?,
        name: row.get(1)?,
        artifact_location: row.get(2)?,
        stage: row.get(3)?,
        created_at: row.get(4)?,
        updated_at: row.get(5)?,
    })
}

/// An experiment by its number.
pub fn find(connection: &Connection, id: i64) -> anyhow::Result<Option<Experiment>> {
    let select = format!("SELECT {COLUMNS} FROM experiments WHERE id = ?1");
    Ok(connection.prepare_cached(&select)?.query_row([id], experiment).optional()?)
}

/// An experiment by its name.
pub fn find_by_name(connection: &Connection, name: &str) -> anyhow::Result<Option<Experiment>> {
    let select = format!("SELECT {COLUMNS} FROM experiments WHERE name = ?1");
    Ok(connection.prepare_cached(&select)?.query_row([name], experiment).optional()?)
}

/// Experiments by their numbers, in the numbers' order; those that are gone are left out.
pub fn of(connection: &Connection, ids: &[i64]) -> anyhow::Result<Vec<Experiment>> {
    let mut found = HashMap::with_capacity(ids.len());
    let select = format!("SELECT {COLUMNS} FROM experiments WHERE id IN");
    ids::each_row(connection, ids, (&select, ""), |row| {
        let experiment = experiment(row)?;
        found.insert(experiment.id, experiment);
        Ok(())
    })?;
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// Makes an experiment; its number, or `None` when the name is taken.
pub fn insert(
    connection: &Connection,
    name: &str,
    artifact_location: &str,
    at: Timestamp,
) -> anyhow::Result<Option<i64>> {
    Ok(connection
        .prepare_cached(
            "INSERT INTO experiments (name, artifact_location, created_at, updated_at) VALUES (?1, ?2, ?3, ?3)
             ON CONFLICT (name) DO NOTHING RETURNING id",
        )?
        .query_row((name, artifact_location, at.as_millisecond()), |row| row.get(0))
        .optional()?)
}

/// Says where the artifacts of an experiment's runs go.
pub fn place(connection: &Connection, id: i64, artifact_location: &str) -> anyhow::Result<()> {
    connection
        .prepare_cached("UPDATE experiments SET artifact_location = ?2 WHERE id = ?1")?
        .execute((id, artifact_location))?;
    Ok(())
}

/// Gives an experiment another name; `false` when that is taken.
pub fn rename(connection: &Connection, id: i64, name: &str, at: Timestamp) -> anyhow::Result<bool> {
    let renamed = connection
        .prepare_cached(
            "UPDATE experiments SET name = ?2, updated_at = ?3
             WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM experiments WHERE name = ?2 AND id <> ?1)",
        )?
        .execute((id, name, at.as_millisecond()))?;
    Ok(renamed == 1)
}

/// Marks an experiment as deleted or restored.
pub fn set_stage(connection: &Connection, id: i64, stage: Stage, at: Timestamp) -> anyhow::Result<()> {
    connection
        .prepare_cached("UPDATE experiments SET lifecycle_stage = ?2, updated_at = ?3 WHERE id = ?1")?
        .execute((id, stage, at.as_millisecond()))?;
    Ok(())
}
