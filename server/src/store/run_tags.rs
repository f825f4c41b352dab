//! The table `run_tags`.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _};

use super::key_value::{self, KeyValue};

/// Sets a tag.
pub fn set(connection: &Connection, run: i64, key: &str, value: &str) -> anyhow::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO run_tags (run, key, value) VALUES (?1, ?2, ?3)
             ON CONFLICT (run, key) DO UPDATE SET value = excluded.value",
        )?
        .execute((run, key, value))?;
    Ok(())
}

/// A tag's value.
pub fn find(connection: &Connection, run: i64, key: &str) -> anyhow::Result<Option<String>> {
    Ok(connection
        .prepare_cached("SELECT value FROM run_tags WHERE run = ?1 AND key = ?2")?
        .query_row((run, key), |row| row.get(0))
        .optional()?)
}

/// Removes a tag; the value it had, or `None` when there is no such tag.
pub fn remove(connection: &Connection, run: i64, key: &str) -> anyhow::Result<Option<String>> {
    Ok(connection
        .prepare_cached("DELETE FROM run_tags WHERE run = ?1 AND key = ?2 RETURNING value")?
        .query_row((run, key), |row| row.get(0))
        .optional()?)
}

/// The tags of some runs, by run and key.
pub fn of(connection: &Connection, runs: &[i64]) -> anyhow::Result<HashMap<i64, Vec<KeyValue>>> {
    let select = "SELECT run, key, value FROM run_tags WHERE run IN";
    key_value::of(connection, runs, (select, "ORDER BY run, key"))
}
