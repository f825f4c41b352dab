//! The table `params`: what a run was started with. A param never changes.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _};

use super::key_value::{self, KeyValue};

/// Logs a param; the value that it has already when that is another one, which stays.
pub fn log(connection: &Connection, run: i64, key: &str, value: &str) -> anyhow::Result<Option<String>> {
    let logged = connection
        .prepare_cached(
            "INSERT INTO params (run, key, value) VALUES (?1, ?2, ?3) ON CONFLICT (run, key) DO NOTHING",
        )?
        .execute((run, key, value))?;
    if logged == 1 {
        return Ok(None);
    }
    Ok(connection
        .prepare_cached("SELECT value FROM params WHERE run = ?1 AND key = ?2 AND value <> ?3")?
        .query_row((run, key, value), |row| row.get(0))
        .optional()?)
}

/// The params of some runs, by run and key.
pub fn of(connection: &Connection, runs: &[i64]) -> anyhow::Result<HashMap<i64, Vec<KeyValue>>> {
    let select = "SELECT run, key, value FROM params WHERE run IN";
    key_value::of(connection, runs, (select, "ORDER BY run, key"))
}
