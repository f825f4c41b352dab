//! The folder `bundles`: every published bundle under its digest, made of its manifest.

use overhaul_bundle::{Sha256Digest, manifest};

use crate::api::{ApiError, App};
use crate::artifact_path::ArtifactPath;
use crate::manifests;
use crate::store::artifacts::{Artifact, Entry};
use crate::store::bundles;

use super::tree::Node;

/// The folder's name.
pub(super) const ROOT: &str = "bundles";

/// A path, if it leads into the folder: what comes after the folder's name.
pub(super) fn below(path: &ArtifactPath) -> Option<&str> {
    let rest = path.as_str().strip_prefix(ROOT)?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix('/') }
}

/// What lies at a path below the folder.
pub(super) async fn find(app: &App, below: &str) -> Result<Node, ApiError> {
    let (digest, path) = below.split_once('/').unwrap_or((below, ""));
    if below.is_empty() {
        return Ok(Node::Folder);
    }
    let Some(bundle) = bundle(app, digest).await? else { return Ok(Node::Nothing) };
    let file = bundle.files.iter().find(|(name, _)| name == path);
    let start = format!("{path}/");
    Ok(match file {
        Some((_, file)) => Node::File(*file),
        None if path.is_empty() || bundle.files.iter().any(|(name, _)| name.starts_with(&start)) => {
            Node::Folder
        }
        None => Node::Nothing,
    })
}

/// What lies in a folder below this one.
pub(super) async fn list(app: &App, below: &str) -> Result<Vec<Entry>, ApiError> {
    if below.is_empty() {
        let published = app.store.read(|tx| Ok::<_, ApiError>(bundles::digests(tx)?)).await?;
        return Ok(published.into_iter().map(|name| Entry { name: name.to_string(), size: None }).collect());
    }
    let (digest, folder) = below.split_once('/').unwrap_or((below, ""));
    let Some(bundle) = bundle(app, digest).await? else { return Ok(Vec::new()) };
    let start = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let inside = bundle.files.iter().filter_map(|(path, file)| Some((path.strip_prefix(&start)?, file)));
    let mut entries: Vec<Entry> = inside
        .map(|(path, file)| match path.split_once('/') {
            Some((folder, _)) => Entry { name: folder.to_owned(), size: None },
            None => Entry { name: path.to_owned(), size: Some(file.size) },
        })
        .collect();
    entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    entries.dedup();
    Ok(entries)
}

struct Bundle {
    /// The manifest's files and the manifest itself.
    files: Vec<(String, Artifact)>,
}

/// The files of a published bundle; a manifest that nobody published is no bundle.
async fn bundle(app: &App, digest: &str) -> Result<Option<Bundle>, ApiError> {
    let Ok(digest) = digest.parse::<Sha256Digest>() else { return Ok(None) };
    if !app.store.read(move |tx| Ok::<_, ApiError>(bundles::is_published(tx, &digest)?)).await? {
        return Ok(None);
    }
    let (manifest, bytes) = manifests::read(&app.blobs, &digest).await?;
    let own = (manifest::FILE.to_owned(), Artifact { sha256: digest, size: bytes.len() as u64 });
    let files = manifest.files.into_iter().map(|entry| {
        let file = Artifact { sha256: entry.sha256, size: entry.size };
        (entry.path.to_string(), file)
    });
    Ok(Some(Bundle { files: files.chain([own]).collect() }))
}
