//! The table `secrets`: keys that the registry made for itself.

use rusqlite::Connection;

/// The key of a name: `new`, when there is none yet.
pub fn get_or_insert(connection: &Connection, name: &str, new: &[u8]) -> anyhow::Result<Vec<u8>> {
    connection
        .prepare_cached("INSERT INTO secrets (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING")?
        .execute((name, new))?;
    let value = connection
        .prepare_cached("SELECT value FROM secrets WHERE name = ?1")?
        .query_row([name], |row| row.get(0))?;
    Ok(value)
}
