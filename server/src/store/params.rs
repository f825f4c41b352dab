//! The table `params`: what a run was started with. A param never changes.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _};

use super::key_value::KeyValue;
use super::lists::each_of;

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
    let mut params: HashMap<i64, Vec<KeyValue>> = HashMap::new();
    let sql = "SELECT run, key, value FROM params WHERE run IN ({ids}) ORDER BY run, key";
    each_of(connection, sql, runs, |row| {
        let param = KeyValue { key: row.get(1)?, value: row.get(2)? };
        params.entry(row.get(0)?).or_default().push(param);
        Ok(())
    })?;
    Ok(params)
}
