//! The tables `version_numbers` and `version_reservations`: the numbers handed out under a model's name.
//!
//! A number belongs to the name, not to the registered model of that name: after a deletion or a rename, a new
//! model of the old name goes on counting.

use anyhow::Context as _;
use overhaul_bundle::{ModelName, VersionNumber};
use rusqlite::{Connection, OptionalExtension as _};

/// The next number of a name, never handed out before.
pub fn next(connection: &Connection, name: &ModelName) -> anyhow::Result<VersionNumber> {
    let number: u32 = connection
        .prepare_cached(
            "INSERT INTO version_numbers (name, last, model_id)
             VALUES (?1, 1, (SELECT id FROM registered_models WHERE name = ?1))
             ON CONFLICT (name) DO UPDATE SET last = version_numbers.last + 1, model_id = excluded.model_id
             RETURNING last",
        )?
        .query_row([name.as_str()], |row| row.get(0))
        .with_context(|| format!("cannot hand out a version number of {name}"))?;
    Ok(VersionNumber::try_from(number)?)
}

/// The last number handed out under a name; 0 when there was none.
pub fn last(connection: &Connection, name: &ModelName) -> anyhow::Result<u32> {
    let last = connection
        .prepare_cached("SELECT last FROM version_numbers WHERE name = ?1")?
        .query_row([name.as_str()], |row| row.get(0))
        .optional()?;
    Ok(last.unwrap_or_default())
}

/// Goes on counting after `number`, which a model of the name has, unless the count is there already.
pub fn advance(
    connection: &Connection,
    name: &ModelName,
    model: i64,
    number: VersionNumber,
) -> anyhow::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO version_numbers (name, last, model_id) VALUES (?1, ?2, ?3)
             ON CONFLICT (name) DO UPDATE SET model_id = excluded.model_id,
                 last = CASE WHEN excluded.last > version_numbers.last THEN excluded.last
                             ELSE version_numbers.last END",
        )?
        .execute((name.as_str(), number.get(), model))?;
    Ok(())
}

/// The highest number handed out under a name while another registered model bore it.
pub fn taken_by_others(
    connection: &Connection,
    name: &ModelName,
    model: i64,
) -> anyhow::Result<Option<VersionNumber>> {
    connection
        .prepare_cached(
            "SELECT last FROM version_numbers WHERE name = ?1 AND last > 0 AND (model_id IS NULL OR model_id <> ?2)",
        )?
        .query_row((name.as_str(), model), |row| row.get::<_, u32>(0))
        .optional()?
        .map(|number| Ok(VersionNumber::try_from(number)?))
        .transpose()
}

/// Goes on counting under the new name of a registered model where the old one stopped.
pub fn rename(connection: &Connection, model: i64, old: &ModelName, new: &ModelName) -> anyhow::Result<()> {
    connection
        .prepare_cached("UPDATE version_numbers SET model_id = ?1 WHERE name = ?2")?
        .execute((model, old.as_str()))?;
    connection
        .prepare_cached(
            "INSERT INTO version_numbers (name, last, model_id)
             SELECT ?1, last, model_id FROM version_numbers WHERE name = ?2
             ON CONFLICT (name) DO UPDATE SET model_id = excluded.model_id,
                 last = CASE WHEN excluded.last > version_numbers.last THEN excluded.last
                             ELSE version_numbers.last END",
        )?
        .execute((new.as_str(), old.as_str()))?;
    Ok(())
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
