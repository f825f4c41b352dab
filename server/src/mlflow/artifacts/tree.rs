//! What lies at a path, and changes to it.

use rusqlite::Connection;

use super::bundles;
use crate::api::{ApiError, App};
use crate::artifact_path::ArtifactPath;
use crate::store::artifacts::{Artifact, Entry};
use crate::store::audit::By;
use crate::store::{self, artifacts};

/// What lies at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Node {
    File(Artifact),
    Folder,
    Nothing,
}

/// The file at a path, or an answer that says what is there instead.
pub(super) async fn file(app: &App, path: &ArtifactPath) -> Result<Artifact, ApiError> {
    let node = if let Some(below) = bundles::below(path) {
        bundles::find(app, below).await?
    } else {
        let path = path.clone();
        app.store.read(move |tx| find(tx, &path)).await?
    };
    match node {
        Node::File(file) => Ok(file),
        Node::Folder => Err(ApiError::invalid(format!("'{path}' is a folder, not a file; list it instead"))),
        Node::Nothing => Err(ApiError::not_found(format!("No such artifact: '{path}'"))),
    }
}

fn find(connection: &Connection, path: &ArtifactPath) -> Result<Node, ApiError> {
    Ok(match artifacts::find(connection, path)? {
        Some(file) => Node::File(file),
        None if artifacts::is_folder(connection, path)? => Node::Folder,
        None => Node::Nothing,
    })
}

/// What lies in a folder, by name; nothing where there is no folder, as the real server answers.
pub(super) async fn list(app: &App, folder: Option<ArtifactPath>) -> Result<Vec<Entry>, ApiError> {
    if let Some(below) = folder.as_ref().and_then(bundles::below) {
        return bundles::list(app, below).await;
    }
    app.store
        .read(move |tx| {
            let mut entries = artifacts::list(tx, folder.as_ref())?;
            if folder.is_none() && store::bundles::any(tx)? {
                entries.push(Entry { name: bundles::ROOT.to_owned(), size: None });
                entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
            }
            Ok(entries)
        })
        .await
}

/// An answer that refuses a change where nothing may be changed.
pub(super) fn check_writable(path: &ArtifactPath) -> Result<(), ApiError> {
    if bundles::below(path).is_none() {
        return Ok(());
    }
    Err(ApiError::invalid(format!(
        "'{path}' lies in {}/, which holds what was published and never changes; use another folder",
        bundles::ROOT
    )))
}

/// Gives a path to a blob, with its audit row.
pub(super) fn put(
    connection: &Connection,
    by: &By,
    path: &ArtifactPath,
    artifact: &Artifact,
) -> Result<(), ApiError> {
    // A client could not unpack a name that is a file and a folder.
    if let Some(file) = artifacts::file_above(connection, path)? {
        return Err(ApiError::invalid(format!(
            "'{path}' cannot be stored: '{file}' is a file, not a folder; delete it, or use another path"
        )));
    }
    if artifacts::is_folder(connection, path)? {
        return Err(ApiError::invalid(format!(
            "'{path}' is a folder; delete it, or use another path for the file"
        )));
    }
    let before = artifacts::find(connection, path)?.map(|before| before.sha256);
    artifacts::put(connection, path, artifact, by.at)?;
    by.did("upload", "artifact", path).from(before.as_ref()).to(Some(&artifact.sha256)).record(connection)?;
    Ok(())
}

/// Takes away a path and all under it, with an audit row if that was anything.
pub(super) fn delete(connection: &Connection, by: &By, path: &ArtifactPath) -> Result<(), ApiError> {
    let file = artifacts::find(connection, path)?.map(|file| file.sha256.to_string());
    let deleted = artifacts::delete(connection, path)?;
    if deleted > 0 {
        let before = file.unwrap_or_else(|| format!("{deleted} files"));
        by.did("delete", "artifact", path).from(Some(&before)).record(connection)?;
    }
    Ok(())
}
