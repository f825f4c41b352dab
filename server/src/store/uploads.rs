//! The tables `uploads` and `upload_parts`: multipart uploads and what of them has arrived.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row};
use uuid::Uuid;

use super::parse;
use crate::artifact_path::ArtifactPath;
use crate::blobs::Part;

/// A multipart upload's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its id.
    pub id: Uuid,
    /// The artifact that it makes.
    pub path: ArtifactPath,
    /// How many parts it has.
    pub parts: u32,
    /// Who began it.
    pub actor: String,
    /// Whether the artifact is made.
    pub completed: bool,
}

const COLUMNS: &str = "id, path, parts, actor, completed_at IS NOT NULL";
type Columns = (String, String, u32, String, bool);

fn columns(row: &Row<'_>) -> rusqlite::Result<Columns> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
}

fn upload((id, path, parts, actor, completed): Columns) -> anyhow::Result<Upload> {
    Ok(Upload { id: parse(&id)?, path: ArtifactPath::file(&path)?, parts, actor, completed })
}

/// Begins an upload.
pub fn insert(connection: &Connection, upload: &Upload, at: Timestamp) -> anyhow::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO uploads (id, path, parts, actor, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((key(upload.id), upload.path.as_str(), upload.parts, &upload.actor, at.as_millisecond()))?;
    Ok(())
}

/// An upload that was begun.
pub fn find(connection: &Connection, id: Uuid) -> anyhow::Result<Option<Upload>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM uploads WHERE id = ?1"))?
        .query_row([key(id)], columns)
        .optional()?
        .map(upload)
        .transpose()
}

/// The uploads that were begun before a time, completed or not.
pub fn begun_before(connection: &Connection, time: Timestamp) -> anyhow::Result<Vec<Upload>> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM uploads WHERE created_at < ?1"))?;
    let rows = statement.query_map([time.as_millisecond()], columns)?;
    rows.map(|row| upload(row?)).collect()
}

/// The parts that have arrived, in their order.
pub fn parts(connection: &Connection, id: Uuid) -> anyhow::Result<Vec<Part>> {
    let mut statement = connection
        .prepare_cached("SELECT number, sha256, size FROM upload_parts WHERE upload = ?1 ORDER BY number")?;
    let rows = statement
        .query_map([key(id)], |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?)))?;
    rows.map(|row| {
        let (number, sha256, size) = row?;
        Ok(Part { number, digest: parse(&sha256)?, size: size as u64 })
    })
    .collect()
}

/// Records a part, in the place of the one that came before under its number.
pub fn put_part(connection: &Connection, id: Uuid, part: &Part) -> anyhow::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO upload_parts (upload, number, sha256, size) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (upload, number) DO UPDATE SET sha256 = excluded.sha256, size = excluded.size",
        )?
        .execute((key(id), part.number, part.digest.to_string(), part.size as i64))?;
    Ok(())
}

/// The artifact is made: the parts are not needed any more.
pub fn complete(connection: &Connection, id: Uuid, at: Timestamp) -> anyhow::Result<()> {
    connection
        .prepare_cached("UPDATE uploads SET completed_at = ?2 WHERE id = ?1")?
        .execute((key(id), at.as_millisecond()))?;
    connection.prepare_cached("DELETE FROM upload_parts WHERE upload = ?1")?.execute([key(id)])?;
    Ok(())
}

/// Forgets an upload.
pub fn delete(connection: &Connection, id: Uuid) -> anyhow::Result<()> {
    connection.prepare_cached("DELETE FROM uploads WHERE id = ?1")?.execute([key(id)])?;
    Ok(())
}

fn key(id: Uuid) -> String {
    id.simple().to_string()
}
