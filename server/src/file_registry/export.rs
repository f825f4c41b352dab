//! From the registry into a folder of `v{N}`: each version as a whole or not at all.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use futures::TryStreamExt as _;
use overhaul_bundle::digest::Hasher;
use overhaul_bundle::manifest::{self, Manifest};
use overhaul_bundle::mistake::is_mistake;
use overhaul_bundle::{Bundle, ModelName, Sha256Digest, VersionNumber};
use tempfile::TempDir;

use super::content::{self, Content, Kept};
use super::folder::refuse;
use super::{COMPONENTS, METADATA};
use crate::Clock;
use crate::blobs::{BlobPlace, Blobs};
use crate::directory::{DataDirectory, Layout};
use crate::store::artifacts::Artifact;
use crate::store::{Store, model_versions, registered_models};

/// What became of one version.
#[derive(Debug)]
pub enum Outcome {
    /// Its folder is there now.
    Written {
        /// Whether it is a bundle.
        bundle: bool,
        /// How many files it has.
        files: usize,
        /// Their bytes.
        bytes: u64,
    },
    /// Its folder was there already, with the same content.
    There,
    /// Its folder was not written; why, and what to do.
    Refused(String),
}

/// Writes every version of `name` as a folder of `to`, which is made when missing, and reports on each.
///
/// The registry's server must not run. Nothing is ever overwritten.
pub async fn export(
    data_dir: &Path,
    place: Option<&BlobPlace>,
    (name, to): (&ModelName, &Path),
    clock: &Clock,
    mut report: impl FnMut(VersionNumber, &Outcome),
) -> anyhow::Result<()> {
    Layout::existing(data_dir)?;
    let directory = DataDirectory::hold(data_dir)?;
    let store = Store::open(&directory.database(), clock)?;
    let place = place.cloned().unwrap_or_else(|| BlobPlace::Folder(directory.blobs()));
    let blobs = Blobs::unlimited(&place)?;
    let wanted = name.clone();
    let numbers = store
        .read(move |tx| {
            if let Some(model) = registered_models::find(tx, &wanted)? {
                return model_versions::numbers(tx, model.id);
            }
            let known = registered_models::all(tx)?;
            let known: Vec<&str> = known.iter().map(|model| model.name.as_str()).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            Err(refuse(format!(
                "registered model {wanted} does not exist; name one with --name, there are: {known}"
            )))
        })
        .await?;
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    for number in numbers {
        let wanted = name.clone();
        let kept = store.read(move |tx| content::kept(tx, &wanted, number)).await?;
        let kept = kept.with_context(|| format!("version {number} is gone"))?;
        let outcome = match version(&blobs, to, number, &kept).await {
            Err(error) if is_mistake(error.as_ref()) => Outcome::Refused(format!("{error:#}")),
            outcome => outcome.with_context(|| format!("cannot export version {number}"))?,
        };
        report(number, &outcome);
    }
    Ok(())
}

async fn version(blobs: &Blobs, to: &Path, number: VersionNumber, kept: &Kept) -> anyhow::Result<Outcome> {
    let place = to.join(format!("v{number}"));
    let there = fs::symlink_metadata(&place).is_ok();
    match kept {
        Kept::Bundle(digest) => {
            if there {
                let same = Bundle::open(&place).is_ok_and(|bundle| bundle.digest() == *digest);
                return already(&place, same);
            }
            let bytes =
                blobs.read(digest).await?.with_context(|| format!("its manifest {digest} is missing"))?;
            let manifest = Manifest::from_bytes(&bytes)?;
            component(blobs, to, &manifest).await?;
            let files = manifest
                .files
                .iter()
                .map(|entry| (entry.path.to_string(), Artifact { sha256: entry.sha256, size: entry.size }));
            let files: Content = files.collect();
            write(blobs, to, &place, &files, Some((manifest::FILE, &bytes))).await?;
            Ok(outcome(true, &files))
        }
        Kept::Files(files, made) => {
            if there {
                let same = kept
                    .content()
                    .is_some_and(|content| content::on_disk(&place).is_ok_and(|found| found == content));
                return already(&place, same);
            }
            write(blobs, to, &place, files, made.as_ref().map(|made| (METADATA, made.as_ref()))).await?;
            Ok(outcome(false, files))
        }
    }
}

fn outcome(bundle: bool, files: &Content) -> Outcome {
    let bytes = files.values().map(|artifact| artifact.size).sum();
    // The manifest of the one, the metadata of the other.
    Outcome::Written { bundle, files: files.len(), bytes }
}

fn already(place: &Path, same: bool) -> anyhow::Result<Outcome> {
    if same {
        return Ok(Outcome::There);
    }
    Err(refuse(format!(
        "{} is there already, with other content, and nothing is overwritten; remove it, or name another folder",
        place.display()
    )))
}

/// Writes files beside their place, and renames them into it when all are on disk.
async fn write(
    blobs: &Blobs,
    to: &Path,
    place: &Path,
    files: &Content,
    made: Option<(&str, &[u8])>,
) -> anyhow::Result<()> {
    let partial = partial_in(to)?;
    for (path, artifact) in files {
        copy(blobs, artifact, &path.split('/').fold(partial.path().to_owned(), |at, name| at.join(name)))
            .await?;
    }
    if let Some((name, bytes)) = made {
        let at = partial.path().join(name);
        let written = File::create_new(&at).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        });
        written.with_context(|| format!("cannot write {}", at.display()))?;
    }
    let cannot = || format!("cannot write {}", place.display());
    fs::rename(partial.path(), place).with_context(cannot)?;
    // The directory has moved away: there is nothing left to clean up.
    let _ = partial.keep();
    File::open(to).and_then(|folder| folder.sync_all()).with_context(cannot)
}

fn partial_in(folder: &Path) -> anyhow::Result<TempDir> {
    tempfile::Builder::new()
        .prefix(".export-")
        .permissions(fs::Permissions::from_mode(0o755))
        .tempdir_in(folder)
        .with_context(|| format!("cannot write in {}", folder.display()))
}

/// Writes a blob as a file, re-hashed on the way.
async fn copy(blobs: &Blobs, artifact: &Artifact, to: &Path) -> anyhow::Result<()> {
    let Artifact { sha256, size } = *artifact;
    let cannot = || format!("cannot write {}", to.display());
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).with_context(cannot)?;
    }
    let mut file = File::create_new(to).with_context(cannot)?;
    let mut hasher = Hasher::default();
    let lost = || format!("cannot read blob {sha256}; run verify, which says who needs it");
    let mut pieces = blobs.stream(&sha256, 0..size).await.with_context(lost)?;
    while let Some(piece) = pieces.try_next().await.with_context(lost)? {
        hasher.update(&piece);
        file.write_all(&piece).with_context(cannot)?;
    }
    if hasher.finish() != (sha256, size) {
        bail!("blob {sha256} is damaged; run verify, which says who needs it");
    }
    file.sync_all().with_context(cannot)
}

/// Writes the component that a bundle runs on, unless it is there.
async fn component(blobs: &Blobs, to: &Path, manifest: &Manifest) -> anyhow::Result<()> {
    let wanted = &manifest.component;
    let folder = to.join(COMPONENTS);
    let place = folder.join(format!("{}.wasm", wanted.sha256));
    if fs::symlink_metadata(&place).is_ok() {
        let found = File::open(&place).and_then(Sha256Digest::of_reader);
        let (found, _) = found.with_context(|| format!("cannot read {}", place.display()))?;
        return if found == wanted.sha256 { Ok(()) } else { already(&place, false).map(drop) };
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let partial = partial_in(&folder)?;
    let beside = partial.path().join("component");
    copy(blobs, &Artifact { sha256: wanted.sha256, size: wanted.size }, &beside).await?;
    fs::rename(&beside, &place).with_context(|| format!("cannot write {}", place.display()))
}
