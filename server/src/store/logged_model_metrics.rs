//! The table `logged_model_metrics`: the metrics of runs that name a logged model.

use std::collections::HashMap;

use rusqlite::Connection;

use super::ids;
use super::metrics::{Metric, double, kept};

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

/// A value of a model.
#[derive(Debug, Clone)]
pub struct ModelMetric {
    /// The metric, and its value.
    pub metric: Metric,
    /// The run that logged it.
    pub run_id: String,
    /// The dataset that it was measured on; empty when none was named.
    pub dataset_name: String,
    /// That dataset's digest; empty when none was named.
    pub dataset_digest: String,
}

/// All values of some models, by model, time, step, metric and run.
pub fn of(connection: &Connection, models: &[i64]) -> anyhow::Result<HashMap<i64, Vec<ModelMetric>>> {
    let mut metrics: HashMap<i64, Vec<ModelMetric>> = HashMap::new();
    let select = "SELECT model, key, value, is_nan, timestamp, step, run_id, dataset_name, dataset_digest
                  FROM logged_model_metrics WHERE model IN";
    ids::each_row(connection, models, (select, "ORDER BY model, timestamp, step, key, run_id"), |row| {
        let value = double(row.get(2)?, row.get(3)?);
        let metric = Metric { key: row.get(1)?, value, timestamp: row.get(4)?, step: row.get(5)? };
        metrics.entry(row.get(0)?).or_default().push(ModelMetric {
            metric,
            run_id: row.get(6)?,
            dataset_name: row.get(7)?,
            dataset_digest: row.get(8)?,
        });
        Ok(())
    })?;
    Ok(metrics)
}
