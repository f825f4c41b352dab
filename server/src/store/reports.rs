//! The table `reports`: what gateways reported, each once, as it came; the oldest go.

use jiff::Timestamp;
use overhaul_client::api::{ReportEntry, Weight};
use rusqlite::{Connection, Row};

use super::{parse, time};

/// A report that is to be kept.
#[derive(Debug)]
pub struct NewReport<'a> {
    /// The gateway's row.
    pub gateway: i64,
    /// The queue's row.
    pub queue: i64,
    /// Its number there.
    pub sequence: u64,
    /// By the gateway's clock.
    pub at: Timestamp,
    /// By the registry's.
    pub received_at: Timestamp,
    /// The event's kind.
    pub kind: &'a str,
    /// The event as JSON.
    pub event: &'a str,
}

/// How many reports of a weight are kept for each gateway: the newest of them. 10,000 in all.
pub fn kept(weight: Weight) -> u32 {
    match weight {
        Weight::Sample => 1_000,
        Weight::Summary => 5_000,
        Weight::Change => 4_000,
    }
}

/// Keeps a report.
pub fn insert(connection: &Connection, report: &NewReport<'_>) -> anyhow::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO reports (gateway, queue, sequence, at, received_at, kind, weight, event)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute((
            report.gateway,
            report.queue,
            i64::try_from(report.sequence)?,
            report.at.as_millisecond(),
            report.received_at.as_millisecond(),
            report.kind,
            Weight::of(report.kind) as u8,
            report.event,
        ))?;
    Ok(())
}

/// Removes a gateway's oldest reports of a weight, so that as many are left as are kept.
pub fn prune(connection: &Connection, gateway: i64, weight: Weight) -> anyhow::Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM reports WHERE id IN (
                 SELECT id FROM reports WHERE gateway = ?1 AND weight = ?2 ORDER BY id DESC LIMIT -1 OFFSET ?3
             )",
        )?
        .execute((gateway, weight as u8, kept(weight)))?;
    Ok(())
}

/// The newest `limit` reports of a gateway with their row ids, newest first: those of a kind, those before a row.
pub fn newest(
    connection: &Connection,
    gateway: i64,
    kind: Option<&str>,
    before: Option<i64>,
    limit: u32,
) -> anyhow::Result<Vec<(i64, ReportEntry)>> {
    let mut statement = connection.prepare_cached(
        "SELECT r.id, q.name, r.sequence, r.at, r.received_at, r.event
         FROM reports r JOIN report_queues q ON q.id = r.queue
         WHERE r.gateway = ?1 AND r.id < ?2 AND (?3 IS NULL OR r.kind = ?3) ORDER BY r.id DESC LIMIT ?4",
    )?;
    let mut rows = statement.query((gateway, before.unwrap_or(i64::MAX), kind, limit))?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push((row.get(0)?, entry(row)?));
    }
    Ok(entries)
}

fn entry(row: &Row<'_>) -> anyhow::Result<ReportEntry> {
    Ok(ReportEntry {
        queue: parse(&row.get::<_, String>(1)?)?,
        sequence: row.get::<_, i64>(2)?.try_into()?,
        at: time(row.get(3)?)?,
        received_at: time(row.get(4)?)?,
        event: serde_json::from_str(&row.get::<_, String>(5)?)?,
    })
}
