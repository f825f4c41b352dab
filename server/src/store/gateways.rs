//! The table `gateways`: what is known of each gateway, by what it reported last.

use jiff::Timestamp;
use overhaul_bundle::{GatewayId, VersionNumber};
use overhaul_client::api::{Cause, Event, GatewayEntry, GatewayRefusal, VersionId};
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::{parse, time};

/// A gateway's row id; `None` when it never reported.
pub fn id(connection: &Connection, name: &GatewayId) -> anyhow::Result<Option<i64>> {
    let mut statement = connection.prepare_cached("SELECT id FROM gateways WHERE name = ?1")?;
    Ok(statement.query_row([name.as_str()], |row| row.get(0)).optional()?)
}

/// Keeps a new gateway; its row id.
pub fn insert(connection: &Connection, name: &GatewayId, at: Timestamp) -> anyhow::Result<i64> {
    connection
        .prepare_cached("INSERT INTO gateways (name, first_seen, last_seen) VALUES (?1, ?2, ?2)")?
        .execute((name.as_str(), at.as_millisecond()))?;
    Ok(connection.last_insert_rowid())
}

/// It reported now, and so many reports wait there still.
pub fn seen(connection: &Connection, id: i64, at: Timestamp, waiting: u64) -> anyhow::Result<()> {
    connection
        .prepare_cached("UPDATE gateways SET last_seen = ?2, waiting = ?3 WHERE id = ?1")?
        .execute((id, at.as_millisecond(), i64::try_from(waiting).unwrap_or(i64::MAX)))?;
    Ok(())
}

/// Learns from an event, which happened at `at` by the gateway's clock.
pub fn learn(connection: &Connection, id: i64, event: &Event, at: Timestamp) -> anyhow::Result<()> {
    match event {
        Event::Started(started) => {
            connection
                .prepare_cached(
                    "UPDATE gateways SET agent_version = ?2, model = ?3, alias = ?4 WHERE id = ?1",
                )?
                .execute((id, &started.agent_version, started.model.as_str(), started.alias.as_str()))?;
        }
        Event::Activated(activated) => {
            run(connection, id, &activated.running, at)?;
            // What runs again says nothing of what does not.
            if matches!(activated.cause, Cause::Resume | Cause::Fallback) {
                return Ok(());
            }
            connection
                .prepare_cached(
                    "UPDATE gateways SET refused_version = NULL, refused_sha256 = NULL, refused_reason = NULL,
                                         refused_at = NULL
                     WHERE id = ?1",
                )?
                .execute([id])?;
        }
        Event::Refused(refused) => refuse(connection, id, &refused.refused, &refused.reason, at)?,
        Event::FellBack(fell) => {
            run(connection, id, &fell.to, at)?;
            refuse(connection, id, &fell.from, &fell.reason, at)?;
        }
        _ => {}
    }
    Ok(())
}

fn run(connection: &Connection, id: i64, version: &VersionId, at: Timestamp) -> anyhow::Result<()> {
    connection
        .prepare_cached(
            "UPDATE gateways SET running_version = ?2, running_sha256 = ?3, running_since = ?4 WHERE id = ?1",
        )?
        .execute((id, number(version), version.bundle_sha256.to_string(), at.as_millisecond()))?;
    Ok(())
}

fn refuse(
    connection: &Connection,
    id: i64,
    version: &VersionId,
    reason: &str,
    at: Timestamp,
) -> anyhow::Result<()> {
    connection
        .prepare_cached(
            "UPDATE gateways SET refused_version = ?2, refused_sha256 = ?3, refused_reason = ?4, refused_at = ?5
             WHERE id = ?1",
        )?
        .execute((id, number(version), version.bundle_sha256.to_string(), reason, at.as_millisecond()))?;
    Ok(())
}

fn number(version: &VersionId) -> Option<u32> {
    version.version.map(VersionNumber::get)
}

const COLUMNS: &str =
    "name, first_seen, last_seen, agent_version, model, alias, running_version, running_sha256,
    running_since, refused_version, refused_sha256, refused_reason, refused_at, waiting";

/// One gateway.
pub fn find(connection: &Connection, name: &GatewayId) -> anyhow::Result<Option<GatewayEntry>> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM gateways WHERE name = ?1"))?;
    let mut rows = statement.query([name.as_str()])?;
    rows.next()?.map(entry).transpose()
}

/// The first `limit` gateways after an id, or of all, by id.
pub fn page(
    connection: &Connection,
    after: Option<&GatewayId>,
    limit: u32,
) -> anyhow::Result<Vec<GatewayEntry>> {
    let mut statement = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM gateways WHERE name > ?1 ORDER BY name LIMIT ?2"))?;
    // No id is empty, so all of them come after that.
    let mut rows = statement.query((after.map_or("", GatewayId::as_str), limit))?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(entry(row)?);
    }
    Ok(entries)
}

fn entry(row: &Row<'_>) -> anyhow::Result<GatewayEntry> {
    let text = |column| row.get::<_, Option<String>>(column);
    let running = version(row, 6)?;
    let refused = match (version(row, 9)?, text(11)?, row.get::<_, Option<i64>>(12)?) {
        (Some(version), Some(reason), Some(at)) => Some(GatewayRefusal { version, reason, at: time(at)? }),
        _ => None,
    };
    Ok(GatewayEntry {
        id: parse(&row.get::<_, String>(0)?)?,
        first_seen: time(row.get(1)?)?,
        last_seen: time(row.get(2)?)?,
        agent_version: text(3)?,
        model: text(4)?.as_deref().map(parse).transpose()?,
        alias: text(5)?.as_deref().map(parse).transpose()?,
        running,
        running_since: row.get::<_, Option<i64>>(8)?.map(time).transpose()?,
        refused,
        waiting: row.get::<_, i64>(13)?.try_into()?,
    })
}

/// A version from two columns: its number, and its bundle.
fn version(row: &Row<'_>, first: usize) -> anyhow::Result<Option<VersionId>> {
    let Some(sha256) = row.get::<_, Option<String>>(first + 1)? else { return Ok(None) };
    let number = row.get::<_, Option<u32>>(first)?;
    let version = number.map(VersionNumber::try_from).transpose()?;
    Ok(Some(VersionId { version, bundle_sha256: parse(&sha256)? }))
}
