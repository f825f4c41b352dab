//! The tables `version_numbers` and `version_reservations`: the numbers handed out under a model's name.
//!
//! A number belongs to the name, not to the registered model of that name: after a deletion or a rename, a new
//! model of the old name goes on counting.

use anyhow::Context as _;
use overhaul_bundle::{ModelName, VersionNumber};
use rusqlite::Connection;

/// The next number of a name, never handed out before.
pub fn next(connection: &Connection, name: &ModelName) -> anyhow::Result<VersionNumber> {
    let number: u32 = connection
        .prepare_cached(
            "INSERT INTO version_numbers (name, last) VALUES (?1, 1)
             ON CONFLICT (name) DO UPDATE SET last = last + 1 RETURNING last",
        )?
        .query_row([name.as_str()], |row| row.get(0))
        .with_context(|| format!("cannot hand out a version number of {name}"))?;
    Ok(VersionNumber::try_from(number)?)
}

/// Keeps a number for whoever asked for it, until it is used.
pub fn reserve(connection: &Connection, name: &ModelName, number: VersionNumber) -> anyhow::Result<()> {
    connection
        .prepare_cached("INSERT INTO version_reservations (name, version) VALUES (?1, ?2)")?
        .execute((name.as_str(), number.get()))?;
    Ok(())
}

/// Whether a number was handed out and not used.
pub fn is_reserved(connection: &Connection, name: &ModelName, number: VersionNumber) -> anyhow::Result<bool> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM version_reservations WHERE name = ?1 AND version = ?2")?
        .exists((name.as_str(), number.get()))?)
}

/// Uses a number that was handed out; whether it was there to be used.
pub fn consume(connection: &Connection, name: &ModelName, number: VersionNumber) -> anyhow::Result<bool> {
    let used = connection
        .prepare_cached("DELETE FROM version_reservations WHERE name = ?1 AND version = ?2")?
        .execute((name.as_str(), number.get()))?;
    Ok(used == 1)
}
