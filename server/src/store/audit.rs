//! The table `audit`: one row for each change, never changed and never removed.

use jiff::Timestamp;
use overhaul_bundle::VersionNumber;
use overhaul_client::api::HistoryEntry;
use rusqlite::Connection;

use super::parse;

/// Records that a version number was handed out.
pub fn reserved(
    connection: &Connection,
    model: i64,
    version: VersionNumber,
    at: Timestamp,
) -> anyhow::Result<()> {
    plain(connection, "reserve_version", model, version, at)
}

/// Records that a version was published.
pub fn published(
    connection: &Connection,
    model: i64,
    version: VersionNumber,
    at: Timestamp,
) -> anyhow::Result<()> {
    plain(connection, "publish_version", model, version, at)
}

fn plain(
    connection: &Connection,
    action: &str,
    model: i64,
    version: VersionNumber,
    at: Timestamp,
) -> anyhow::Result<()> {
    connection.execute(
        "INSERT INTO audit (at, action, model_id, version) VALUES (?1, ?2, ?3, ?4)",
        (at.to_string(), action, model, version.get()),
    )?;
    Ok(())
}

/// Records a move of an alias.
pub fn moved(connection: &Connection, model: i64, entry: &HistoryEntry) -> anyhow::Result<()> {
    connection.execute(
        "INSERT INTO audit (at, action, model_id, version, alias, from_version, actor, reason)
         VALUES (?1, 'move_alias', ?2, ?3, ?4, ?5, ?6, ?7)",
        (
            entry.at.to_string(),
            model,
            entry.to.get(),
            entry.alias.as_str(),
            entry.from.map(VersionNumber::get),
            &entry.actor,
            &entry.reason,
        ),
    )?;
    Ok(())
}

/// All moves of a model's aliases, newest first.
pub fn moves(connection: &Connection, model: i64) -> anyhow::Result<Vec<HistoryEntry>> {
    let mut statement = connection.prepare(
        "SELECT alias, from_version, version, actor, reason, at FROM audit
         WHERE model_id = ?1 AND action = 'move_alias' ORDER BY id DESC",
    )?;
    let rows = statement.query_map([model], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, Option<u32>>(1)?,
            row.get::<_, u32>(2)?,
            row.get(3)?,
            row.get(4)?,
            row.get::<_, String>(5)?,
        ))
    })?;
    rows.map(|row| {
        let (alias, from, to, actor, reason, at) = row?;
        Ok(HistoryEntry {
            alias: parse(&alias)?,
            from: from.map(VersionNumber::try_from).transpose()?,
            to: VersionNumber::try_from(to)?,
            actor,
            reason,
            at: parse(&at)?,
        })
    })
    .collect()
}
