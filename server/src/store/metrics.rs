//! The table `metrics`: every value that was logged.

use rusqlite::{Connection, Row};

/// One value of a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// The metric's name.
    pub key: String,
    /// Any double, NaN and the infinities included.
    pub value: f64,
    /// In milliseconds since 1970, as whoever logged it says.
    pub timestamp: i64,
    /// Such as the epoch; may be negative.
    pub step: i64,
}

/// A metric's value without its name. Ordered as the database orders it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Any double, NaN and the infinities included.
    pub value: f64,
    /// In milliseconds since 1970.
    pub timestamp: i64,
    /// Such as the epoch; may be negative.
    pub step: i64,
}

/// A double as the tables keep it: not every database keeps a NaN, so that is 0 with a mark.
pub(super) fn kept(value: f64) -> (f64, bool) {
    if value.is_nan() { (0.0, true) } else { (value, false) }
}

/// The double that was kept.
pub(super) fn double(kept: f64, is_nan: bool) -> f64 {
    if is_nan { f64::NAN } else { kept }
}

/// Reads the columns `value, timestamp, step, is_nan`.
fn point(row: &Row<'_>) -> rusqlite::Result<Point> {
    Ok(Point { value: double(row.get(0)?, row.get(3)?), timestamp: row.get(1)?, step: row.get(2)? })
}

/// Logs values; what was logged before is there once.
pub fn log<'a>(
    connection: &Connection,
    run: i64,
    metrics: impl IntoIterator<Item = &'a Metric>,
) -> anyhow::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO metrics (run, key, timestamp, step, value, is_nan) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT DO NOTHING",
    )?;
    for metric in metrics {
        let (value, is_nan) = kept(metric.value);
        statement.execute((run, &metric.key, metric.timestamp, metric.step, value, is_nan))?;
    }
    Ok(())
}

/// The values of one metric by time, step and value: those after one of them, at most so many.
pub fn history(
    connection: &Connection,
    run: i64,
    key: &str,
    after: Option<Point>,
    limit: Option<u32>,
) -> anyhow::Result<Vec<Point>> {
    // Everything comes after what is before all times.
    let after = after.unwrap_or(Point { value: f64::NEG_INFINITY, timestamp: i64::MIN, step: i64::MIN });
    let (value, is_nan) = kept(after.value);
    let mut statement = connection.prepare_cached(
        "SELECT value, timestamp, step, is_nan FROM metrics
         WHERE run = ?1 AND key = ?2 AND (timestamp, step, value, is_nan) > (?3, ?4, ?5, ?6)
         ORDER BY timestamp, step, value, is_nan LIMIT ?7",
    )?;
    let limit = limit.map_or(i64::MAX, i64::from);
    let rows = statement.query_map((run, key, after.timestamp, after.step, value, is_nan, limit), point)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// At most `most` values of one metric, evenly spread over all that were logged within some steps, the first
/// and the last among them; by step, time and value. Only the last when `most` is 1.
pub fn sample(
    connection: &Connection,
    run: i64,
    key: &str,
    (first, last): (i64, i64),
    most: usize,
) -> anyhow::Result<Vec<Point>> {
    let total: i64 = connection
        .prepare_cached(
            "SELECT count(*) FROM metrics WHERE run = ?1 AND key = ?2 AND step BETWEEN ?3 AND ?4",
        )?
        .query_row((run, key, first, last), |row| row.get(0))?;
    let mut statement = connection.prepare_cached(
        "SELECT value, timestamp, step, is_nan FROM metrics
         WHERE run = ?1 AND key = ?2 AND step BETWEEN ?3 AND ?4 ORDER BY step, timestamp, value, is_nan",
    )?;
    let mut rows = statement.query((run, key, first, last))?;
    let total = total as usize;
    let mut chosen = chosen(total, most).peekable();
    let mut points = Vec::with_capacity(total.min(most));
    let mut at = 0;
    while let Some(&next) = chosen.peek()
        && let Some(row) = rows.next()?
    {
        if at == next {
            points.push(point(row)?);
            chosen.next();
        }
        at += 1;
    }
    Ok(points)
}

/// Which of `total` rows stand for all: where each of `most` buckets begins, the sizes of which differ by one
/// at most, but of the last bucket its end.
fn chosen(total: usize, most: usize) -> impl Iterator<Item = usize> {
    let buckets = total.min(most);
    (0..buckets).map(move |bucket| {
        let begins = bucket * (total / buckets) + bucket.min(total % buckets);
        if bucket + 1 == buckets { total - 1 } else { begins }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_spread_evenly_between_the_first_and_the_last() {
        let sample = |total, most| chosen(total, most).collect::<Vec<_>>();
        assert_eq!(sample(0, 5), Vec::<usize>::new());
        assert_eq!(sample(3, 5), [0, 1, 2]);
        assert_eq!(sample(5, 5), [0, 1, 2, 3, 4]);
        // As the real server samples 10 values.
        assert_eq!(sample(10, 3), [0, 4, 9]);
        assert_eq!(sample(10, 2), [0, 9]);
        assert_eq!(sample(10, 1), [9]);
    }
}
