//! The table `experiment_tags`.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _};

use super::key_value::{self, KeyValue};

/// Sets a tag.
pub fn set(connection: &Connection, experiment: i64, key: &str, value: &str) -> anyhow::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO experiment_tags (experiment_id, key, value) VALUES (?1, ?2, ?3)
             ON CONFLICT (experiment_id, key) DO UPDATE SET value = excluded.value",
        )?
        .execute((experiment, key, value))?;
    Ok(())
}

/// A tag's value.
pub fn find(connection: &Connection, experiment: i64, key: &str) -> anyhow::Result<Option<String>> {
    Ok(connection
        .prepare_cached("SELECT value FROM experiment_tags WHERE experiment_id = ?1 AND key = ?2")?
        .query_row((experiment, key), |row| row.get(0))
        .optional()?)
}

/// Removes a tag; the value it had, or `None` when there is no such tag.
pub fn remove(connection: &Connection, experiment: i64, key: &str) -> anyhow::Result<Option<String>> {
    Ok(connection
        .prepare_cached("DELETE FROM experiment_tags WHERE experiment_id = ?1 AND key = ?2 RETURNING value")?
        .query_row((experiment, key), |row| row.get(0))
        .optional()?)
}

/// The tags of some experiments, by experiment and key.
pub fn of(connection: &Connection, experiments: &[i64]) -> anyhow::Result<HashMap<i64, Vec<KeyValue>>> {
    let select = "SELECT experiment_id, key, value FROM experiment_tags WHERE experiment_id IN";
    key_value::of(connection, experiments, (select, "ORDER BY experiment_id, key"))
}
