//! The table `bundle_refusals`: why a version has no bundle for gateways.

use rusqlite::{Connection, OptionalExtension as _};

/// Why the version of this row has no bundle, where that is known.
pub fn reason(connection: &Connection, version_id: i64) -> anyhow::Result<Option<String>> {
    Ok(connection
        .prepare_cached("SELECT reason FROM bundle_refusals WHERE version_id = ?1")?
        .query_row([version_id], |row| row.get(0))
        .optional()?)
}
