//! The table `artifacts`: paths of artifacts, each a name for a blob.
//!
//! Paths are compared byte by byte, so that what lies in the folder `a` is what is from `a/` up to, but not
//! including, `a0`: the character after `/` is `0`.

use jiff::Timestamp;
use overhaul_bundle::Sha256Digest;
use rusqlite::{Connection, OptionalExtension as _};

use super::parse;
use crate::artifact_path::ArtifactPath;

/// How many rows of a listing are asked for at a time.
const LISTED: i64 = 1000;

/// A file's contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Artifact {
    /// The blob.
    pub sha256: Sha256Digest,
    /// Its size in bytes.
    pub size: u64,
}

/// What lies in a folder, by its name there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The last name of its path.
    pub name: String,
    /// The size of a file in bytes; `None` for a folder.
    pub size: Option<u64>,
}

/// The file at a path.
pub fn find(connection: &Connection, path: &ArtifactPath) -> anyhow::Result<Option<Artifact>> {
    let found = connection
        .prepare_cached("SELECT sha256, size FROM artifacts WHERE path = ?1")?
        .query_row([path.as_str()], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))
        .optional()?;
    found.map(|(sha256, size)| Ok(Artifact { sha256: parse(&sha256)?, size: size as u64 })).transpose()
}

/// Whether anything lies under a path.
pub fn is_folder(connection: &Connection, path: &ArtifactPath) -> anyhow::Result<bool> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM artifacts WHERE path >= ?1 AND path < ?2 LIMIT 1")?
        .exists([first_in(path.as_str()), first_after(path.as_str())])?)
}

/// The file, if there is one, that a path would lie in as if it were a folder.
pub fn file_above<'a>(connection: &Connection, path: &'a ArtifactPath) -> anyhow::Result<Option<&'a str>> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM artifacts WHERE path = ?1")?;
    for folder in path.folders() {
        if statement.exists([folder])? {
            return Ok(Some(folder));
        }
    }
    Ok(None)
}

/// Gives a path to a blob, instead of to the one that had it.
pub fn put(
    connection: &Connection,
    path: &ArtifactPath,
    artifact: &Artifact,
    at: Timestamp,
) -> anyhow::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO artifacts (path, sha256, size, created_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (path) DO UPDATE
             SET sha256 = excluded.sha256, size = excluded.size, created_at = excluded.created_at",
        )?
        .execute((path.as_str(), artifact.sha256.to_string(), artifact.size as i64, at.as_millisecond()))?;
    Ok(())
}

/// Takes away a path and all under it; how many files those were.
pub fn delete(connection: &Connection, path: &ArtifactPath) -> anyhow::Result<usize> {
    let file =
        connection.prepare_cached("DELETE FROM artifacts WHERE path = ?1")?.execute([path.as_str()])?;
    let under = connection
        .prepare_cached("DELETE FROM artifacts WHERE path >= ?1 AND path < ?2")?
        .execute([first_in(path.as_str()), first_after(path.as_str())])?;
    Ok(file + under)
}

/// What lies in a folder, one level of it, by name; `None` is the root. Of a folder in it one row is read,
/// however much it holds.
pub fn list(connection: &Connection, folder: Option<&ArtifactPath>) -> anyhow::Result<Vec<Entry>> {
    let (prefix, end) = folder.map_or_else(Default::default, |folder| {
        (first_in(folder.as_str()), Some(first_after(folder.as_str())))
    });
    let before_end = if end.is_some() { "AND path < ?3" } else { "" };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT path, size FROM artifacts WHERE path >= ?1 {before_end} ORDER BY path LIMIT ?2"
    ))?;
    let mut entries = Vec::new();
    let mut from = prefix.clone();
    loop {
        let mut rows = match &end {
            Some(end) => statement.query((&from, LISTED, end))?,
            None => statement.query((&from, LISTED))?,
        };
        let mut next = None;
        while let Some(row) = rows.next()? {
            let path: String = row.get(0)?;
            let below = &path[prefix.len()..];
            if let Some((name, _)) = below.split_once('/') {
                next = Some(first_after(&format!("{prefix}{name}")));
                entries.push(Entry { name: name.to_owned(), size: None });
                break;
            }
            entries.push(Entry { name: below.to_owned(), size: Some(row.get::<_, i64>(1)? as u64) });
            // No path has a control character, so nothing comes between.
            next = Some(format!("{path}\u{1}"));
        }
        match next {
            Some(next) => from = next,
            None => break,
        }
    }
    entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

/// The files in a folder and below it, at most so many of them, by their paths from there on.
pub fn under(
    connection: &Connection,
    folder: &ArtifactPath,
    most: usize,
) -> anyhow::Result<Vec<(String, Artifact)>> {
    let start = first_in(folder.as_str());
    let mut statement = connection.prepare_cached(
        "SELECT path, sha256, size FROM artifacts WHERE path >= ?1 AND path < ?2 ORDER BY path LIMIT ?3",
    )?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = statement.query_map((&start, &first_after(folder.as_str()), most), |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?))
    })?;
    rows.map(|row| {
        let (path, sha256, size) = row?;
        Ok((path[start.len()..].to_owned(), Artifact { sha256: parse(&sha256)?, size: size as u64 }))
    })
    .collect()
}

fn first_in(folder: &str) -> String {
    format!("{folder}/")
}

fn first_after(folder: &str) -> String {
    format!("{folder}0")
}

#[cfg(test)]
mod tests;
