//! The table `models`: registered models and the version numbers handed out.

use anyhow::Context as _;
use jiff::Timestamp;
use overhaul_bundle::{ModelName, VersionNumber};
use rusqlite::{Connection, OptionalExtension as _};

use super::parse;

/// A registered model's row.
#[derive(Debug, Clone)]
pub struct Model {
    /// What the other tables call it.
    pub id: i64,
    /// Its name.
    pub name: ModelName,
    /// When its first version number was asked for.
    pub created_at: Timestamp,
    /// The highest version number handed out; 0 before the first.
    pub last_reserved: u32,
}

impl Model {
    /// Whether a version number was handed out.
    pub fn has_reserved(&self, version: VersionNumber) -> bool {
        version.get() <= self.last_reserved
    }
}

/// A registered model by its name.
pub fn find(connection: &Connection, name: &ModelName) -> anyhow::Result<Option<Model>> {
    connection
        .query_row(
            "SELECT id, created_at, last_reserved FROM models WHERE name = ?1",
            [name.as_str()],
            |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?)),
        )
        .optional()?
        .map(|(id, created_at, last_reserved)| {
            Ok(Model { id, name: name.clone(), created_at: parse(&created_at)?, last_reserved })
        })
        .transpose()
}

/// All registered models, by name.
pub fn all(connection: &Connection) -> anyhow::Result<Vec<Model>> {
    let mut statement =
        connection.prepare("SELECT id, name, created_at, last_reserved FROM models ORDER BY name")?;
    let rows = statement.query_map([], |row| {
        Ok((row.get(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get(3)?))
    })?;
    rows.map(|row| {
        let (id, name, created_at, last_reserved) = row?;
        Ok(Model { id, name: parse(&name)?, created_at: parse(&created_at)?, last_reserved })
    })
    .collect()
}

/// Hands out a model's next version number, registering the model when it is new.
pub fn reserve(
    connection: &Connection,
    name: &ModelName,
    at: Timestamp,
) -> anyhow::Result<(i64, VersionNumber)> {
    connection.execute(
        "INSERT INTO models (name, created_at) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
        (name.as_str(), at.to_string()),
    )?;
    let (id, number): (i64, u32) = connection
        .query_row(
            "UPDATE models SET last_reserved = last_reserved + 1 WHERE name = ?1 RETURNING id, last_reserved",
            [name.as_str()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .with_context(|| format!("cannot hand out a version number of {name}"))?;
    Ok((id, VersionNumber::try_from(number)?))
}
