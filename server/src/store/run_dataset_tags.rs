//! The table `run_dataset_tags`: what a run used a dataset for.

use std::collections::HashMap;

use rusqlite::Connection;

use super::ids;
use super::key_value::KeyValue;

/// Sets a tag of a run's dataset.
pub fn set(connection: &Connection, run: i64, dataset: i64, tag: &KeyValue) -> anyhow::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO run_dataset_tags (run, dataset, key, value) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (run, dataset, key) DO UPDATE SET value = excluded.value",
        )?
        .execute((run, dataset, &tag.key, &tag.value))?;
    Ok(())
}

/// The tags of some runs' datasets, by run and dataset.
pub fn of(connection: &Connection, runs: &[i64]) -> anyhow::Result<HashMap<(i64, i64), Vec<KeyValue>>> {
    let mut tags: HashMap<(i64, i64), Vec<KeyValue>> = HashMap::new();
    let select = "SELECT run, dataset, key, value FROM run_dataset_tags WHERE run IN";
    ids::each_row(connection, runs, (select, "ORDER BY run, dataset, key"), |row| {
        let tag = KeyValue { key: row.get(2)?, value: row.get(3)? };
        tags.entry((row.get(0)?, row.get(1)?)).or_default().push(tag);
        Ok(())
    })?;
    Ok(tags)
}
