//! The table `latest_metrics`: of each metric of a run the value of the highest step, then the latest time,
//! then the highest value, as which a NaN counts 0.

use std::collections::HashMap;

use rusqlite::Connection;

use super::ids;
use super::metrics::{Metric, double, kept};

/// Takes note of values that were logged.
pub fn raise<'a>(
    connection: &Connection,
    run: i64,
    metrics: impl IntoIterator<Item = &'a Metric>,
) -> anyhow::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO latest_metrics (run, key, timestamp, step, value, is_nan) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (run, key) DO UPDATE
         SET timestamp = excluded.timestamp, step = excluded.step, value = excluded.value, is_nan = excluded.is_nan
         WHERE (excluded.step, excluded.timestamp, excluded.value)
             > (latest_metrics.step, latest_metrics.timestamp, latest_metrics.value)",
    )?;
    for metric in last_of_each(metrics) {
        let (value, is_nan) = kept(metric.value);
        statement.execute((run, &metric.key, metric.timestamp, metric.step, value, is_nan))?;
    }
    Ok(())
}

/// The last value of each key; of two that are equal the first, as if they had come one by one.
fn last_of_each<'a>(metrics: impl IntoIterator<Item = &'a Metric>) -> impl Iterator<Item = &'a Metric> {
    let mut last: HashMap<&str, &Metric> = HashMap::new();
    for metric in metrics {
        let held = last.entry(&metric.key).or_insert(metric);
        let rank = |metric: &Metric| (metric.step, metric.timestamp, kept(metric.value).0);
        if rank(metric) > rank(held) {
            *held = metric;
        }
    }
    last.into_values()
}

/// The metrics of some runs, by run and key.
pub fn of(connection: &Connection, runs: &[i64]) -> anyhow::Result<HashMap<i64, Vec<Metric>>> {
    let mut metrics: HashMap<i64, Vec<Metric>> = HashMap::new();
    let select = "SELECT run, key, timestamp, step, value, is_nan FROM latest_metrics WHERE run IN";
    ids::each_row(connection, runs, (select, "ORDER BY run, key"), |row| {
        let metric = Metric {
            key: row.get(1)?,
            value: double(row.get(4)?, row.get(5)?),
            timestamp: row.get(2)?,
            step: row.get(3)?,
        };
        metrics.entry(row.get(0)?).or_default().push(metric);
        Ok(())
    })?;
    Ok(metrics)
}
