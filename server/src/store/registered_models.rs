//! The table `registered_models`.

use std::collections::HashMap;

use jiff::Timestamp;
use overhaul_bundle::ModelName;
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::{ids, parse, time};

/// A registered model's row.
#[derive(Debug, Clone)]
pub struct RegisteredModel {
    /// What the other tables call it; a rename keeps it.
    pub id: i64,
    /// Its name.
    pub name: ModelName,
    /// What people wrote about it.
    pub description: Option<String>,
    /// When it was registered, or its first version number was asked for.
    pub created_at: Timestamp,
    /// When it, or one of its versions, last changed.
    pub updated_at: Timestamp,
}

const COLUMNS: &str = "id, name, description, created_at, updated_at";
type Columns = (i64, String, Option<String>, i64, i64);

fn columns(row: &Row<'_>) -> rusqlite::Result<Columns> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
}

fn model((id, name, description, created_at, updated_at): Columns) -> anyhow::Result<RegisteredModel> {
    Ok(RegisteredModel {
        id,
        name: parse(&name)?,
        description,
        created_at: time(created_at)?,
        updated_at: time(updated_at)?,
    })
}

/// A registered model by its name.
pub fn find(connection: &Connection, name: &ModelName) -> anyhow::Result<Option<RegisteredModel>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM registered_models WHERE name = ?1"))?
        .query_row([name.as_str()], columns)
        .optional()?
        .map(model)
        .transpose()
}

/// Registered models by their ids, in the order of the ids.
pub fn many(connection: &Connection, ids: &[i64]) -> anyhow::Result<Vec<RegisteredModel>> {
    let mut found = HashMap::with_capacity(ids.len());
    let select = format!("SELECT {COLUMNS} FROM registered_models WHERE id IN");
    ids::each_row(connection, ids, (&select, ""), |row| {
        let model = model(columns(row)?)?;
        found.insert(model.id, model);
        Ok(())
    })?;
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// How many models are registered.
pub fn count(connection: &Connection) -> anyhow::Result<i64> {
    let mut statement = connection.prepare_cached("SELECT count(*) FROM registered_models")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// All registered models, by name.
pub fn all(connection: &Connection) -> anyhow::Result<Vec<RegisteredModel>> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM registered_models ORDER BY name"))?;
    let rows = statement.query_map([], columns)?;
    rows.map(|row| model(row?)).collect()
}

/// Registers a model; its id, or `None` when the name is taken.
pub fn insert(
    connection: &Connection,
    name: &ModelName,
    description: Option<&str>,
    at: Timestamp,
) -> anyhow::Result<Option<i64>> {
    Ok(connection
        .prepare_cached(
            "INSERT INTO registered_models (name, description, created_at, updated_at) VALUES (?1, ?2, ?3, ?3)
             ON CONFLICT (name) DO NOTHING RETURNING id",
        )?
        .query_row((name.as_str(), description, at.as_millisecond()), |row| row.get(0))
        .optional()?)
}

/// Gives a model another name, which must be free.
pub fn rename(connection: &Connection, id: i64, name: &ModelName, at: Timestamp) -> anyhow::Result<()> {
    connection
        .prepare_cached("UPDATE registered_models SET name = ?2, updated_at = ?3 WHERE id = ?1")?
        .execute((id, name.as_str(), at.as_millisecond()))?;
    Ok(())
}

/// Says something else about a model.
pub fn describe(connection: &Connection, id: i64, text: Option<&str>, at: Timestamp) -> anyhow::Result<()> {
    connection
        .prepare_cached("UPDATE registered_models SET description = ?2, updated_at = ?3 WHERE id = ?1")?
        .execute((id, text, at.as_millisecond()))?;
    Ok(())
}

/// Notes that a model, or one of its versions, changed.
pub fn touch(connection: &Connection, id: i64, at: Timestamp) -> anyhow::Result<()> {
    connection
        .prepare_cached("UPDATE registered_models SET updated_at = ?2 WHERE id = ?1")?
        .execute((id, at.as_millisecond()))?;
    Ok(())
}

/// Removes a model with its versions, aliases and tags.
pub fn delete(connection: &Connection, id: i64) -> anyhow::Result<()> {
    connection.prepare_cached("DELETE FROM registered_models WHERE id = ?1")?.execute([id])?;
    Ok(())
}
