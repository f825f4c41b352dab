//! From the registry to a verified bundle and its component on disk.
//!
//! The registry is trusted with nothing but the choice of the version: the manifest must have the
//! digest that the alias names, every file and the component the digests in the manifest.

use std::io;
use std::path::{Path, PathBuf};

use overhaul_bundle::digest::Hasher;
use overhaul_bundle::{Bundle, BundleError, Manifest, ModelName, Sha256Digest, manifest};
use overhaul_client::{AliasTarget, ClientError, Registry};
use tokio::fs;
use tokio::io::AsyncWriteExt as _;

use crate::store::Store;

/// Why a version could not be pulled.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    /// The registry did not give what was asked for.
    #[error(transparent)]
    Registry(#[from] ClientError),
    /// What came is no valid bundle.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// What came is a bundle, but not the one that the alias names.
    #[error("the registry's manifest is not the one its alias names: {0}")]
    OtherManifest(String),
    /// A file of this machine could not be read or written.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was tried, as a verb.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl PullError {
    /// True when the version itself is to blame, so that trying it again is of no use.
    pub fn is_lasting(&self) -> bool {
        match self {
            Self::Registry(error) => matches!(error, ClientError::Corrupt { .. } | ClientError::Bundle(_)),
            Self::Bundle(error) => !error.is_fault(),
            Self::OtherManifest(_) => true,
            Self::File { .. } => false,
        }
    }
}

/// The bundle of model `name` that an alias points at, from disk or from the registry, verified.
/// Files that the bundle `like` has as well are copied instead of fetched.
pub async fn bundle(
    registry: &Registry,
    store: &Store,
    name: &ModelName,
    target: &AliasTarget,
    like: Option<&Sha256Digest>,
) -> Result<Bundle, PullError> {
    let _turn = store.pulling.lock().await;
    let pulled = whole(registry, store, name, target, like).await;
    // Two can be on their way, production's and a candidate's; what is none of them is of no use any more. Where one
    // came whole, or there is no room, nothing else stays.
    let others = match &pulled {
        Err(PullError::Registry(error)) if !matches!(error, ClientError::File { .. }) => 1,
        _ => 0,
    };
    if let Err(e) = store.sweep_staging(&target.bundle_sha256, others) {
        tracing::warn!("what is half downloaded and no longer wanted cannot be removed: {e}");
    }
    pulled
}

/// As [`bundle`], for who holds the turn.
async fn whole(
    registry: &Registry,
    store: &Store,
    name: &ModelName,
    target: &AliasTarget,
    like: Option<&Sha256Digest>,
) -> Result<Bundle, PullError> {
    let place = store.bundle(&target.bundle_sha256);
    match open(&place).await {
        Ok(bundle) if bundle.digest() == target.bundle_sha256 => return Ok(bundle),
        Err(BundleError::NoBundle(_)) => {}
        Ok(_) => tracing::warn!("{} holds another bundle; it is fetched again", place.display()),
        Err(e) => tracing::warn!("the bundle on disk is fetched again: {e}"),
    }
    remove_folder(&place).await?;
    let (found, bytes) = registry.manifest(name, target.version).await?;
    check(&found, &bytes, name, target)?;
    let staging = store.staging(&target.bundle_sha256);
    let like = like.map(|digest| store.bundle(digest));
    for entry in found.files.iter().filter(|entry| entry.required) {
        let to = entry.path.under(&staging);
        create_folder(to.parent().unwrap_or(&staging)).await?;
        let have = match &like {
            Some(like) => copy(&entry.path.under(like), &to, &entry.sha256).await?,
            None => false,
        };
        if !have && digest_of(&to).await? != Some(entry.sha256) {
            registry.download_blob(&entry.sha256, entry.size, &to).await?;
        }
    }
    write(&staging.join(manifest::FILE), &bytes).await?;
    if let Err(refused) = open(&staging).await {
        // What is there is of no use to a later try.
        remove_folder(&staging).await?;
        return Err(refused.into());
    }
    fs::rename(&staging, &place).await.map_err(|e| file_error("write", &place, e))?;
    sync_folder(place.parent().unwrap_or(&place)).await?;
    Ok(open(&place).await?)
}

/// The file of the component that a manifest names, from disk or from the registry; its digest was
/// checked when it came and is checked again by who compiles it.
pub async fn component(
    registry: &Registry,
    store: &Store,
    manifest: &Manifest,
) -> Result<PathBuf, PullError> {
    let _turn = store.pulling.lock().await;
    let wanted = &manifest.component;
    let place = store.component(&wanted.sha256);
    match fs::metadata(&place).await {
        Ok(found) if found.len() == wanted.size => return Ok(place),
        Ok(_) => fs::remove_file(&place).await.map_err(|e| file_error("remove", &place, e))?,
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        Err(e) => return Err(file_error("read", &place, e)),
    }
    registry.download_blob(&wanted.sha256, wanted.size, &place).await?;
    Ok(place)
}

fn check(found: &Manifest, bytes: &[u8], name: &ModelName, target: &AliasTarget) -> Result<(), PullError> {
    let digest = Sha256Digest::of(bytes);
    if digest != target.bundle_sha256 {
        return Err(PullError::OtherManifest(format!("sha256 {digest} instead of {}", target.bundle_sha256)));
    }
    if found.name != *name || found.version != Some(target.version) {
        let version =
            found.version.map_or_else(|| "no version".to_owned(), |version| format!("version {version}"));
        return Err(PullError::OtherManifest(format!(
            "{} of {} instead of version {} of {}",
            version, found.name, target.version, name
        )));
    }
    Ok(())
}

/// Opens and verifies a bundle off the async threads.
async fn open(directory: &Path) -> Result<Bundle, BundleError> {
    let directory = directory.to_owned();
    let failed =
        |e| BundleError::Io { action: "verify", path: directory.clone(), source: io::Error::other(e) };
    let place = directory.clone();
    tokio::task::spawn_blocking(move || Bundle::open(&place)).await.map_err(failed)?
}

/// Copies a file if it has the digest; false if it has not, or is not there.
async fn copy(from: &Path, to: &Path, digest: &Sha256Digest) -> Result<bool, PullError> {
    if digest_of(from).await? != Some(*digest) {
        return Ok(false);
    }
    fs::copy(from, to).await.map_err(|e| file_error("write", to, e))?;
    let copied = fs::File::open(to).await.map_err(|e| file_error("read", to, e))?;
    copied.sync_all().await.map_err(|e| file_error("write", to, e))?;
    Ok(true)
}

/// A file's digest; `None` when it is not there.
async fn digest_of(path: &Path) -> Result<Option<Sha256Digest>, PullError> {
    let unreadable = |e| file_error("read", path, e);
    let mut file = match fs::File::open(path).await {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(unreadable)?,
    };
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match tokio::io::AsyncReadExt::read(&mut file, &mut buffer).await.map_err(unreadable)? {
            0 => return Ok(Some(hasher.finish().0)),
            count => hasher.update(&buffer[..count]),
        }
    }
}

async fn write(path: &Path, bytes: &[u8]) -> Result<(), PullError> {
    let written = async {
        let mut file = fs::File::create(path).await?;
        file.write_all(bytes).await?;
        file.sync_all().await
    };
    written.await.map_err(|e| file_error("write", path, e))
}

async fn create_folder(path: &Path) -> Result<(), PullError> {
    fs::create_dir_all(path).await.map_err(|e| file_error("create", path, e))
}

async fn remove_folder(path: &Path) -> Result<(), PullError> {
    match fs::remove_dir_all(path).await {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(file_error("remove", path, e)),
        _ => Ok(()),
    }
}

async fn sync_folder(path: &Path) -> Result<(), PullError> {
    let synced = async { fs::File::open(path).await?.sync_all().await };
    synced.await.map_err(|e| file_error("write", path, e))
}

fn file_error(action: &'static str, path: &Path, source: io::Error) -> PullError {
    PullError::File { action, path: path.to_owned(), source }
}
