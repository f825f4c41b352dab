//! From a folder of `v{N}` into the registry: each version as a whole or not at all.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bytes::Bytes;
use overhaul_bundle::manifest::ComponentEntry;
use overhaul_bundle::mistake::is_mistake;
use overhaul_bundle::{Bundle, ModelName, Sha256Digest, VersionNumber};
use uuid::Uuid;

use super::content::{self, Content, Kept};
use super::folder::{self, Form, VersionFolder, refuse};
use super::row::{self, Made};
use super::{COMPONENTS, IMPORTER, METADATA, guide, numbers};
use crate::Clock;
use crate::artifact_path::ArtifactPath;
use crate::blobs::{BlobPlace, Blobs};
use crate::directory::DataDirectory;
use crate::operations::pieces::Pieces;
use crate::store::Store;
use crate::store::audit::By;
use crate::store::bundles::PublishedBundle;

/// The folder of imported files, below the root of all artifacts.
const FOLDER: &str = "imports";
/// The most bytes of a version's `metadata.json`.
const MAX_METADATA: u64 = 1 << 20;

/// What became of one version.
#[derive(Debug)]
pub enum Outcome {
    /// It is in the registry now, as a bundle that gateways run.
    Bundle {
        /// How many files the bundle has.
        files: usize,
        /// Their bytes.
        bytes: u64,
        /// What else lay beside the bundle, and stays there.
        others: Vec<String>,
    },
    /// It is in the registry now, as files and tags.
    Files {
        /// How many files it has.
        files: usize,
        /// Their bytes.
        bytes: u64,
        /// How many tags.
        tags: usize,
    },
    /// It was in the registry already, with the same content.
    There,
    /// It is not in the registry; why, and what to do.
    Refused(String),
}

/// Imports every version of a folder as a version of `name`, in the order of their numbers, and reports on each;
/// answers the names of what else lies in the folder.
///
/// The registry's server must not run. Bundles that run on a component that is neither in the registry nor in the
/// folder find it among `components`.
pub async fn import(
    data_dir: &Path,
    place: Option<&BlobPlace>,
    from: (&Path, &ModelName, &[PathBuf]),
    clock: &Clock,
    mut report: impl FnMut(VersionNumber, &Outcome),
) -> anyhow::Result<Vec<String>> {
    let (folder, name, components) = from;
    // Before a directory is made for a folder that is none.
    let (versions, others) = folder::versions(folder)?;
    let directory = DataDirectory::hold(data_dir)?;
    let store = Store::open(&directory.database(), clock)?;
    let place = place.cloned().unwrap_or_else(|| BlobPlace::Folder(directory.blobs()));
    let blobs = Blobs::unlimited(&place)?;
    blobs.sweep().await.with_context(|| format!("cannot use the blobs in {place}"))?;
    let import = Import { store, blobs, name, components, folder, clock };
    for version in versions {
        let outcome = match import.version(&version).await {
            Err(error) if is_mistake(error.as_ref()) => Outcome::Refused(format!("{error:#}")),
            outcome => outcome.with_context(|| format!("cannot import {}", version.path.display()))?,
        };
        report(version.number, &outcome);
    }
    Ok(others)
}

struct Import<'a> {
    store: Store,
    blobs: Blobs,
    name: &'a ModelName,
    components: &'a [PathBuf],
    folder: &'a Path,
    clock: &'a Clock,
}

impl Import<'_> {
    async fn version(&self, version: &VersionFolder) -> anyhow::Result<Outcome> {
        match version.form()? {
            Form::Bundle { place, others } => self.bundle(version, &place, others).await,
            Form::Files => self.files(version).await,
        }
    }

    async fn bundle(
        &self,
        version: &VersionFolder,
        place: &Path,
        others: Vec<String>,
    ) -> anyhow::Result<Outcome> {
        let bundle = Bundle::open(place)?;
        let (manifest, digest, number) = (bundle.manifest(), bundle.digest(), version.number);
        if manifest.name != *self.name {
            return Err(refuse(format!(
                "{} is a bundle of {:?}, not of {:?}; import it with --name",
                place.display(),
                manifest.name.as_str(),
                self.name.as_str()
            )));
        }
        if manifest.version != Some(number) {
            let found =
                manifest.version.map_or_else(|| "no number".to_owned(), |found| format!("number {found}"));
            return Err(refuse(format!(
                "{} is a bundle with {found}, which nobody can change; put it into a folder of its own number, \
                 or publish it with overhaul-trainer",
                place.display()
            )));
        }
        if let Some(kept) = self.kept(number).await? {
            return self.same(number, kept == Kept::Bundle(digest));
        }
        for entry in &manifest.files {
            let path = entry.path.under(place);
            match File::open(&path) {
                Ok(file) => drop(self.blobs.receive(&entry.sha256, pieces(file)).await?),
                Err(e) if e.kind() == io::ErrorKind::NotFound => {
                    if self.blobs.refresh(&entry.sha256).await? != Some(entry.size) {
                        return Err(refuse(format!(
                            "{} lacks {}, which its manifest lists and the registry has not; put it there",
                            place.display(),
                            entry.path
                        )));
                    }
                }
                Err(e) => return Err(e).with_context(|| format!("cannot read {}", path.display())),
            }
        }
        self.component(place, &manifest.component).await?;
        let bytes = manifest.files.iter().map(|entry| entry.size).sum();
        let files = manifest.files.len();
        let metadata = bundle.metadata()?;
        self.blobs.put(Bytes::from(manifest.to_bytes()?)).await?;
        let published_at = self.clock.now();
        let made = PublishedBundle { version: number, sha256: digest, published_at, metadata };
        self.insert(number, Made::Bundle(Box::new(made))).await?;
        Ok(Outcome::Bundle { files, bytes, others })
    }

    async fn files(&self, version: &VersionFolder) -> anyhow::Result<Outcome> {
        let number = version.number;
        let metadata = version.path.join(METADATA);
        let bytes = match fs::metadata(&metadata) {
            Ok(found) if found.len() <= MAX_METADATA => fs::read(&metadata),
            Ok(_) => {
                let line = format!(
                    "{} has more than {MAX_METADATA} bytes; it is not the guide's",
                    metadata.display()
                );
                return Err(refuse(line));
            }
            Err(e) => Err(e),
        };
        let bytes = bytes.map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => {
                refuse(format!("{} has no {METADATA}; every version has one", version.path.display()))
            }
            _ => anyhow::Error::from(e).context(format!("cannot read {}", metadata.display())),
        })?;
        let told = guide::read(&bytes, number)
            .map_err(|problem| refuse(format!("{}: {problem}", metadata.display())))?;
        let content = content::on_disk(&version.path)?;
        if let Some(kept) = self.kept(number).await? {
            return self.same(number, kept.content().as_ref() == Some(&content));
        }
        let folder = ArtifactPath::file(&format!("{FOLDER}/{}", Uuid::new_v4().simple()))?;
        for path in content.keys() {
            folder.join(path).map_err(|e| refuse(format!("{}: {e}", version.path.join(path).display())))?;
        }
        self.receive(&version.path, &content).await?;
        let (files, tags) = (content.len(), told.tags.len());
        let bytes = content.values().map(|artifact| artifact.size).sum();
        self.insert(number, Made::Files { folder, content, told }).await?;
        Ok(Outcome::Files { files, bytes, tags })
    }

    async fn receive(&self, folder: &Path, content: &Content) -> anyhow::Result<()> {
        for (path, artifact) in content {
            let place = folder.join(path);
            let file = File::open(&place).with_context(|| format!("cannot read {}", place.display()))?;
            self.blobs.receive(&artifact.sha256, pieces(file)).await?;
        }
        Ok(())
    }

    /// Sees that a component is in the registry, or brings it there.
    async fn component(&self, bundle: &Path, wanted: &ComponentEntry) -> anyhow::Result<()> {
        if self.blobs.refresh(&wanted.sha256).await? == Some(wanted.size) {
            return Ok(());
        }
        let beside = self.folder.join(COMPONENTS).join(format!("{}.wasm", wanted.sha256));
        for place in self.components.iter().chain([&beside]) {
            let file = match File::open(place) {
                Err(e) if e.kind() == io::ErrorKind::NotFound && place == &beside => continue,
                file => file.map_err(|e| {
                    refuse(format!(
                        "cannot read the component {}: {e}; name its file with --component",
                        place.display()
                    ))
                })?,
            };
            let size = file.metadata().with_context(|| format!("cannot read {}", place.display()))?.len();
            if size == wanted.size && Sha256Digest::of_reader(&file)?.0 == wanted.sha256 {
                let again = File::open(place).with_context(|| format!("cannot read {}", place.display()))?;
                self.blobs.receive(&wanted.sha256, pieces(again)).await?;
                return Ok(());
            }
        }
        Err(refuse(format!(
            "{} runs on the component {} ({} bytes), which the registry has not; name its file with --component",
            bundle.display(),
            wanted.sha256,
            wanted.size
        )))
    }

    async fn kept(&self, number: VersionNumber) -> anyhow::Result<Option<Kept>> {
        let name = self.name.clone();
        let find = move |tx: &rusqlite::Connection| match content::kept(tx, &name, number)? {
            Some(kept) => Ok(Some(kept)),
            // Before any file is copied, and again when the rows are written.
            None => numbers::refuse_used(tx, &name, number).map(|()| None),
        };
        self.store.read(find).await
    }

    fn same(&self, number: VersionNumber, same: bool) -> anyhow::Result<Outcome> {
        if same {
            return Ok(Outcome::There);
        }
        Err(refuse(format!(
            "version {number} of {} is there already, and another one; a version never changes: give the folder another number",
            self.name
        )))
    }

    async fn insert(&self, number: VersionNumber, made: Made) -> anyhow::Result<()> {
        let by = By { actor: IMPORTER.to_owned(), at: self.clock.now() };
        let name = self.name.clone();
        self.store.write(move |tx| row::insert(tx, &by, &name, number, &made)).await
    }
}

fn pieces(file: File) -> impl futures::Stream<Item = Result<Bytes, crate::blobs::BlobError>> + Unpin {
    futures::stream::iter(Pieces(file))
}
