//! The table `run_datasets`: which datasets a run was given.

use std::collections::HashMap;

use rusqlite::Connection;

use super::datasets::Dataset;
use super::ids;

/// Says that a run was given a dataset; `false` when that was said before.
pub fn insert(connection: &Connection, run: i64, dataset: i64) -> anyhow::Result<bool> {
    let inserted = connection
        .prepare_cached(
            "INSERT INTO run_datasets (run, dataset) VALUES (?1, ?2) ON CONFLICT (run, dataset) DO NOTHING",
        )?
        .execute((run, dataset))?;
    Ok(inserted == 1)
}

/// The datasets of some runs with their rows' ids, by run, in the order in which the experiment met them.
pub fn of(connection: &Connection, runs: &[i64]) -> anyhow::Result<HashMap<i64, Vec<(i64, Dataset)>>> {
    let mut datasets: HashMap<i64, Vec<(i64, Dataset)>> = HashMap::new();
    let select = "SELECT r.run, d.id, d.name, d.digest, d.source_type, d.source, d.schema, d.profile
               FROM run_datasets AS r JOIN datasets AS d ON d.id = r.dataset WHERE r.run IN";
    ids::each_row(connection, runs, (select, "ORDER BY r.run, r.dataset"), |row| {
        let dataset = Dataset {
            name: row.get(2)?,
            digest: row.get(3)?,
            source_type: row.get(4)?,
            source: row.get(5)?,
            schema: row.get(6)?,
            profile: row.get(7)?,
        };
        datasets.entry(row.get(0)?).or_default().push((row.get(1)?, dataset));
        Ok(())
    })?;
    Ok(datasets)
}
