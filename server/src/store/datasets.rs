//! The table `datasets`: what runs were given, once for each name and digest within an experiment.

use rusqlite::{Connection, OptionalExtension as _};
use serde::Serialize;

/// A dataset, as whoever used it described it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dataset {
    /// Its name.
    pub name: String,
    /// What its content hashes to, by whatever rule the client has.
    pub digest: String,
    /// A word for the kind of its source, such as `local`.
    pub source_type: String,
    /// Where it comes from; text that the registry never follows.
    pub source: String,
    /// Its columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Statistics of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}

/// What a list of datasets shows of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The experiment whose runs used it.
    pub experiment_id: i64,
    /// Its name.
    pub name: String,
    /// Its digest.
    pub digest: String,
    /// What it was used for, such as `train`.
    pub context: Option<String>,
}

/// The tag of a run's dataset that says what the run used it for.
const CONTEXT: &str = "mlflow.data.context";

/// The id of a dataset's row, which is made when the experiment does not have it; else it stays as it is.
pub fn find_or_insert(connection: &Connection, experiment: i64, dataset: &Dataset) -> anyhow::Result<i64> {
    let Dataset { name, digest, source_type, source, schema, profile } = dataset;
    let inserted = connection
        .prepare_cached(
            "INSERT INTO datasets (experiment_id, name, digest, source_type, source, schema, profile)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (experiment_id, name, digest) DO NOTHING RETURNING id",
        )?
        .query_row((experiment, name, digest, source_type, source, schema, profile), |row| row.get(0))
        .optional()?;
    if let Some(id) = inserted {
        return Ok(id);
    }
    Ok(connection
        .prepare_cached("SELECT id FROM datasets WHERE experiment_id = ?1 AND name = ?2 AND digest = ?3")?
        .query_row((experiment, name, digest), |row| row.get(0))?)
}

/// The datasets of an experiment's runs, once for each context, at most so many.
pub fn summaries(connection: &Connection, experiment: i64, limit: u32) -> anyhow::Result<Vec<Summary>> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT d.name, d.digest, t.value FROM datasets AS d
         JOIN run_datasets AS r ON r.dataset = d.id
         LEFT JOIN run_dataset_tags AS t ON t.run = r.run AND t.dataset = r.dataset AND t.key = ?2
         WHERE d.experiment_id = ?1 ORDER BY d.name, d.digest, t.value LIMIT ?3",
    )?;
    let rows = statement.query_map((experiment, CONTEXT, limit), |row| {
        Ok(Summary {
            experiment_id: experiment,
            name: row.get(0)?,
            digest: row.get(1)?,
            context: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
