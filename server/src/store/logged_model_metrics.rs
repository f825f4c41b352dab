//! The table `logged_model_metrics`: the metrics of runs that name a logged model.

use rusqlite::{Connection, OptionalExtension as _};

use super::metrics::{Metric, kept};

/// What a metric says something of.
#[derive(Debug, Clone, Default)]
pub struct Of {
    /// The logged model, `m-…`.
    pub model_id: String,
    /// The dataset that it was measured on; empty when none was named.
    pub dataset_name: String,
    /// That dataset's digest; empty when none was named.
    pub dataset_digest: String,
}

/// The id of a logged model's row.
pub fn model(connection: &Connection, model_id: &str) -> anyhow::Result<Option<i64>> {
    Ok(connection
        .prepare_cached("SELECT id FROM logged_models WHERE model_id = ?1")?
        .query_row([model_id], |row| row.get(0))
        .optional()?)
}

/// Logs a value of a model; of two for the same dataset, step and time the higher one stays, as which a NaN counts 0.
pub fn log(
    connection: &Connection,
    model: i64,
    run_id: &str,
    metric: &Metric,
    of: &Of,
) -> anyhow::Result<()> {
    let (value, is_nan) = kept(metric.value);
    connection
        .prepare_cached(
            "INSERT INTO logged_model_metrics (model, run_id, key, timestamp, step, value, is_nan,
                                               dataset_name, dataset_digest)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (model, key, run_id, dataset_name, dataset_digest, timestamp, step) DO UPDATE
             SET value = excluded.value, is_nan = excluded.is_nan
             WHERE excluded.value > logged_model_metrics.value",
        )?
        .execute((
            model,
            run_id,
            &metric.key,
            metric.timestamp,
            metric.step,
            value,
            is_nan,
            &of.dataset_name,
            &of.dataset_digest,
        ))?;
    Ok(())
}
