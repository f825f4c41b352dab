//! The files of a version, by path, digest and size: on disk and in the registry.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;

use anyhow::Context as _;
use bytes::Bytes;
use overhaul_bundle::{ModelName, Sha256Digest, VersionNumber};
use rusqlite::Connection;
use serde_json::json;

use super::METADATA;
use super::folder::refuse;
use crate::artifact_path::ArtifactPath;
use crate::store::artifacts::{self, Artifact};
use crate::store::{bundles, lineage, model_versions, registered_models};

/// Files by their paths, with `/` between names.
pub(super) type Content = BTreeMap<String, Artifact>;

/// What lies in a folder and below it. Links and devices are refused.
pub(super) fn on_disk(folder: &Path) -> anyhow::Result<Content> {
    let mut content = Content::new();
    let mut folders = vec![(folder.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let cannot = || format!("cannot read {}", folder.display());
        for item in fs::read_dir(&folder).with_context(cannot)? {
            let item = item.with_context(cannot)?;
            let (place, name) = (item.path(), item.file_name());
            let Some(name) = name.to_str() else {
                return Err(refuse(format!("{} has a name that is no UTF-8; rename it", place.display())));
            };
            let path = format!("{prefix}{name}");
            let kind = item.file_type().with_context(cannot)?;
            if kind.is_dir() {
                folders.push((place, format!("{path}/")));
            } else if kind.is_file() {
                let hashed = File::open(&place).and_then(Sha256Digest::of_reader);
                let (sha256, size) = hashed.with_context(|| format!("cannot read {}", place.display()))?;
                content.insert(path, Artifact { sha256, size });
            } else {
                return Err(refuse(format!(
                    "{} is no plain file; put the file itself there",
                    place.display()
                )));
            }
        }
    }
    Ok(content)
}

/// What the registry keeps of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kept {
    /// A bundle, by its digest.
    Bundle(Sha256Digest),
    /// Files, and a `metadata.json` that is made for those that have none.
    Files(Content, Option<Bytes>),
}

impl Kept {
    /// All files of a version without a bundle.
    pub(super) fn content(&self) -> Option<Content> {
        let Self::Files(content, made) = self else { return None };
        let mut content = content.clone();
        if let Some(made) = made {
            let artifact = Artifact { sha256: Sha256Digest::of(made), size: made.len() as u64 };
            content.insert(METADATA.to_owned(), artifact);
        }
        Some(content)
    }
}

/// What the registry keeps of a version; `None` when there is no such version.
pub(super) fn kept(
    connection: &Connection,
    name: &ModelName,
    number: VersionNumber,
) -> anyhow::Result<Option<Kept>> {
    let Some(model) = registered_models::find(connection, name)? else { return Ok(None) };
    if let Some(bundle) = bundles::find(connection, model.id, number)? {
        return Ok(Some(Kept::Bundle(bundle.sha256)));
    }
    let (version, origin) =
        (model_versions::find(connection, name, number)?, lineage::version(connection, name, number)?);
    let (Some(version), Some(origin)) = (version, origin) else { return Ok(None) };
    let folder = origin.storage_uri.strip_prefix("mlflow-artifacts:/");
    let folder = folder.and_then(|folder| ArtifactPath::file(folder.trim_matches('/')).ok());
    // Files elsewhere are not the registry's to copy.
    let files = folder.map(|folder| artifacts::under(connection, &folder, usize::MAX)).transpose()?;
    let content: Content = files.unwrap_or_default().into_iter().collect();
    if content.contains_key(METADATA) {
        return Ok(Some(Kept::Files(content, None)));
    }
    // Nothing in it ever changes, so that a second export finds its own first.
    let mut made = serde_json::to_vec_pretty(&json!({
        "version": number,
        "timestamp": version.created_at,
        "source": version.source,
        "run_id": version.run_id.filter(|id| !id.is_empty()),
    }))?;
    made.push(b'\n');
    Ok(Some(Kept::Files(content, Some(made.into()))))
}
