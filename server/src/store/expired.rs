//! Rows that time has made useless: webhook calls that are over.

use jiff::Timestamp;
use rusqlite::Connection;

/// Webhook calls that were made before a moment and are over, delivered or given up.
pub fn deliveries(connection: &Connection, before: Timestamp) -> anyhow::Result<u64> {
    let sql = "SELECT count(*) FROM deliveries WHERE created_at < ?1 AND state <> 'waiting'";
    let count = connection.query_row(sql, [before.as_millisecond()], |row| row.get::<_, i64>(0))?;
    Ok(count.unsigned_abs())
}

/// Removes them; how many.
pub fn remove_deliveries(connection: &Connection, before: Timestamp) -> anyhow::Result<u64> {
    let sql = "DELETE FROM deliveries WHERE created_at < ?1 AND state <> 'waiting'";
    Ok(connection.execute(sql, [before.as_millisecond()])? as u64)
}
