//! The table `bundles`: what gateways can run of a version, published for good.

use anyhow::Context as _;
use jiff::Timestamp;
use overhaul_bundle::{Metadata, Sha256Digest, VersionNumber};
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::{parse, time};

/// A published bundle's row.
#[derive(Debug, Clone)]
pub struct PublishedBundle {
    /// The number of the version it is of.
    pub version: VersionNumber,
    /// Digest of its manifest's bytes.
    pub sha256: Sha256Digest,
    /// When it was published.
    pub published_at: Timestamp,
    /// Its `metadata.json`.
    pub metadata: Metadata,
}

const SELECT: &str = "SELECT v.version, b.sha256, b.published_at, b.metadata
     FROM model_versions AS v JOIN bundles AS b ON b.version_id = v.id";
type Columns = (u32, String, i64, String);

fn columns(row: &Row<'_>) -> rusqlite::Result<Columns> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

fn bundle((number, sha256, published_at, metadata): Columns) -> anyhow::Result<PublishedBundle> {
    Ok(PublishedBundle {
        version: VersionNumber::try_from(number)?,
        sha256: parse(&sha256)?,
        published_at: time(published_at)?,
        metadata: serde_json::from_str(&metadata).with_context(|| {
            format!("the database holds metadata of version {number} that does not parse")
        })?,
    })
}

/// The bundle of one version of a model.
pub fn find(
    connection: &Connection,
    model: i64,
    number: VersionNumber,
) -> anyhow::Result<Option<PublishedBundle>> {
    connection
        .prepare_cached(&format!("{SELECT} WHERE v.model_id = ?1 AND v.version = ?2"))?
        .query_row((model, number.get()), columns)
        .optional()?
        .map(bundle)
        .transpose()
}

/// The digest of one version's bundle.
pub fn sha256(
    connection: &Connection,
    model: i64,
    number: VersionNumber,
) -> anyhow::Result<Option<Sha256Digest>> {
    let mut statement = connection.prepare_cached(
        "SELECT b.sha256 FROM model_versions AS v JOIN bundles AS b ON b.version_id = v.id
         WHERE v.model_id = ?1 AND v.version = ?2",
    )?;
    let mut rows = statement.query((model, number.get()))?;
    rows.next()?.map(|row| parse(row.get_ref(0)?.as_str()?)).transpose()
}

/// All bundles of a model's versions, lowest number first.
pub fn all(connection: &Connection, model: i64) -> anyhow::Result<Vec<PublishedBundle>> {
    let mut statement =
        connection.prepare_cached(&format!("{SELECT} WHERE v.model_id = ?1 ORDER BY v.version"))?;
    let rows = statement.query_map([model], columns)?;
    rows.map(|row| bundle(row?)).collect()
}

/// The numbers of a model's versions that have a bundle, lowest first.
pub fn numbers(connection: &Connection, model: i64) -> anyhow::Result<Vec<VersionNumber>> {
    let mut statement = connection.prepare_cached(
        "SELECT v.version FROM model_versions AS v JOIN bundles AS b ON b.version_id = v.id
         WHERE v.model_id = ?1 ORDER BY v.version",
    )?;
    let rows = statement.query_map([model], |row| row.get::<_, u32>(0))?;
    rows.map(|number| Ok(VersionNumber::try_from(number?)?)).collect()
}

/// Whether there is a bundle at all.
pub fn any(connection: &Connection) -> anyhow::Result<bool> {
    Ok(connection.prepare_cached("SELECT 1 FROM bundles LIMIT 1")?.exists([])?)
}

/// Whether some version has a bundle of this digest.
pub fn is_published(connection: &Connection, sha256: &Sha256Digest) -> anyhow::Result<bool> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM bundles WHERE sha256 = ?1 LIMIT 1")?
        .exists([sha256.to_string()])?)
}

/// The digests of all bundles, each once.
pub fn digests(connection: &Connection) -> anyhow::Result<Vec<Sha256Digest>> {
    let mut statement = connection.prepare_cached("SELECT DISTINCT sha256 FROM bundles ORDER BY sha256")?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    rows.map(|sha256| parse(&sha256?)).collect()
}

/// The bundle that was published last, by its manifest's digest.
pub fn newest(connection: &Connection) -> anyhow::Result<Option<Sha256Digest>> {
    let sha256: Option<String> = connection
        .prepare_cached("SELECT sha256 FROM bundles ORDER BY published_at DESC, version_id DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    sha256.map(|sha256| parse(&sha256)).transpose()
}

/// Where the files of a bundle lie, as `MLflow`'s client asks for them.
pub fn uri(bundle: &Sha256Digest) -> String {
    format!("mlflow-artifacts:/bundles/{bundle}")
}

/// Gives a version its bundle; an error when it has one.
pub fn insert(connection: &Connection, version_id: i64, bundle: &PublishedBundle) -> anyhow::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO bundles (version_id, sha256, published_at, metadata) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((
            version_id,
            bundle.sha256.to_string(),
            bundle.published_at.as_millisecond(),
            serde_json::to_string(&bundle.metadata)?,
        ))?;
    Ok(())
}
