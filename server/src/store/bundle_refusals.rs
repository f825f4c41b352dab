//! The table `bundle_refusals`: why a version has no bundle for gateways.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _};

/// Why the version of this row has no bundle, where that is known.
pub fn reason(connection: &Connection, version_id: i64) -> anyhow::Result<Option<String>> {
    Ok(connection
        .prepare_cached("SELECT reason FROM bundle_refusals WHERE version_id = ?1")?
        .query_row([version_id], |row| row.get(0))
        .optional()?)
}

/// Keeps why a version has no bundle.
pub fn insert(connection: &Connection, version_id: i64, at: Timestamp, reason: &str) -> anyhow::Result<()> {
    connection
        .prepare_cached("INSERT INTO bundle_refusals (version_id, refused_at, reason) VALUES (?1, ?2, ?3)")?
        .execute((version_id, at.as_millisecond(), reason))?;
    Ok(())
}
