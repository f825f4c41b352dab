//! The table `versions`: what was published, for good.

use anyhow::Context as _;
use jiff::Timestamp;
use overhaul_bundle::{Metadata, Sha256Digest, VersionNumber};
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::parse;

/// A published version's row.
#[derive(Debug, Clone)]
pub struct Version {
    /// Its number.
    pub version: VersionNumber,
    /// Digest of its manifest's bytes.
    pub bundle_sha256: Sha256Digest,
    /// When it was published.
    pub published_at: Timestamp,
    /// Its bundle's `metadata.json`.
    pub metadata: Metadata,
}

const COLUMNS: &str = "version, bundle_sha256, published_at, metadata";
type Columns = (u32, String, String, String);

fn columns(row: &Row<'_>) -> rusqlite::Result<Columns> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

fn version((number, bundle_sha256, published_at, metadata): Columns) -> anyhow::Result<Version> {
    Ok(Version {
        version: VersionNumber::try_from(number)?,
        bundle_sha256: parse(&bundle_sha256)?,
        published_at: parse(&published_at)?,
        metadata: serde_json::from_str(&metadata).with_context(|| {
            format!("the database holds metadata of version {number} that does not parse")
        })?,
    })
}

/// One published version of a model.
pub fn find(connection: &Connection, model: i64, number: VersionNumber) -> anyhow::Result<Option<Version>> {
    connection
        .query_row(
            &format!("SELECT {COLUMNS} FROM versions WHERE model_id = ?1 AND version = ?2"),
            (model, number.get()),
            columns,
        )
        .optional()?
        .map(version)
        .transpose()
}

/// All published versions of a model, lowest number first.
pub fn all(connection: &Connection, model: i64) -> anyhow::Result<Vec<Version>> {
    let mut statement = connection
        .prepare(&format!("SELECT {COLUMNS} FROM versions WHERE model_id = ?1 ORDER BY version"))?;
    let rows = statement.query_map([model], columns)?;
    rows.map(|row| version(row?)).collect()
}

/// The numbers of a model's published versions, lowest first.
pub fn numbers(connection: &Connection, model: i64) -> anyhow::Result<Vec<VersionNumber>> {
    let mut statement =
        connection.prepare("SELECT version FROM versions WHERE model_id = ?1 ORDER BY version")?;
    let rows = statement.query_map([model], |row| row.get::<_, u32>(0))?;
    rows.map(|number| Ok(VersionNumber::try_from(number?)?)).collect()
}

/// Publishes a version; an error when the number is taken.
pub fn insert(connection: &Connection, model: i64, version: &Version) -> anyhow::Result<()> {
    connection.execute(
        &format!("INSERT INTO versions (model_id, {COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5)"),
        (
            model,
            version.version.get(),
            version.bundle_sha256.to_string(),
            version.published_at.to_string(),
            serde_json::to_string(&version.metadata)?,
        ),
    )?;
    Ok(())
}
