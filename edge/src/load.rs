//! From a verified bundle to a model that predicts: finds the component, compiles or maps it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use overhaul_bundle::{Bundle, Mistake, Sha256Digest, component};

use crate::model::{LoadError, Model};
use crate::sandbox::cache::CacheError;
use crate::sandbox::{CompiledCache, Limits};

/// Why a bundle that is on disk does not run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The bundle, or its component with it, is refused.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The component could not be read or compiled.
    #[error(transparent)]
    Component(#[from] CacheError),
}

impl RunError {
    /// True when the version is to blame, so that trying it again is of no use.
    pub fn is_lasting(&self) -> bool {
        match self {
            Self::Load(error) => !error.is_fault(),
            Self::Component(error) => error.is_lasting(),
        }
    }
}

/// Loads a bundle with exactly the component that its manifest names, read from `place` unless a
/// compiled form is cached. `running` lends its sandbox when it is on the same component.
pub fn pinned(
    bundle: &Bundle,
    place: &Path,
    cache: &CompiledCache,
    running: Option<&Model>,
) -> Result<Model, RunError> {
    let digest = bundle.manifest().component.sha256;
    let known = cache.has(&digest);
    let sandbox = match running.filter(|model| model.component() == digest) {
        Some(model) => model.sandbox().clone(),
        None => cache.sandbox(&digest, || read_checked(place, &digest), Limits::default())?,
    };
    let loaded = Model::load(bundle, digest, sandbox).map_err(RunError::from);
    // Flash is small: the compiled form of what does not run here is not kept, unless another version's.
    if !known
        && loaded.as_ref().is_err_and(RunError::is_lasting)
        && let Err(e) = cache.forget(&digest)
    {
        tracing::warn!("the compiled form of component {digest} cannot be removed: {e}");
    }
    loaded
}

/// Loads a bundle that a person named, with the component that its manifest names if that is at
/// hand, else with the agent's own and a warning; the golden vectors decide in every case.
pub fn own(bundle: &Bundle, explicit: Option<&Path>, cache: &CompiledCache) -> anyhow::Result<Model> {
    let place = component::locate(explicit)?;
    let (bytes, entry) = component::read(&place)?;
    let wanted = &bundle.manifest().component.sha256;
    if entry.sha256 != *wanted {
        tracing::warn!(
            "the bundle was checked with component {wanted}; running it on {} ({}), as its golden vectors allow",
            place.display(),
            entry.sha256
        );
    }
    let sandbox = cache.sandbox(&entry.sha256, || Ok(bytes), Limits::default()).map_err(|e| {
        let mistake = e.is_lasting().then(|| Mistake::new(format!("{}: {e}", place.display())));
        mistake.map_or_else(|| anyhow::Error::new(e), anyhow::Error::new)
    });
    let loaded = Model::load(bundle, entry.sha256, sandbox.context("cannot run the component")?);
    loaded.map_err(|e| match e {
        e if e.is_fault() => e.into(),
        LoadError::Bundle(e) => e.into(),
        e => Mistake::new(format!("the bundle {} does not run: {e}", bundle.directory().display())).into(),
    })
}

fn read_checked(place: &Path, digest: &Sha256Digest) -> io::Result<Vec<u8>> {
    let bytes = fs::read(place)?;
    if Sha256Digest::of(&bytes) == *digest {
        return Ok(bytes);
    }
    // Removed, so that the next try fetches it again.
    fs::remove_file(place)?;
    Err(io::Error::new(io::ErrorKind::InvalidData, format!("{} does not have its digest", place.display())))
}

/// Where the agent's own component lies, if it has the digest: then it need not be fetched.
pub fn own_with_digest(explicit: Option<&Path>, digest: &Sha256Digest) -> Option<PathBuf> {
    let place = component::locate(explicit).ok()?;
    let (found, _) = Sha256Digest::of_reader(fs::File::open(&place).ok()?).ok()?;
    (found == *digest).then_some(place)
}
