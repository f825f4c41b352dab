//! The agent's directory: bundles by digest, components by digest, what ran last, one owner.
//!
//! | in the directory | what |
//! | --- | --- |
//! | `lock` | held by the one agent that uses the directory |
//! | `bundles/DIGEST/` | bundles, whole and verified, by the digest of their manifests |
//! | `components/DIGEST.wasm` | components, by digest |
//! | `staging/DIGEST/` | bundles on their way; swept at start |
//! | `active.json` | which bundle ran last |
//! | `compiled/`, `key` | see [`crate::sandbox::cache`] |

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use overhaul_bundle::{Alias, Mistake, ModelName, Sha256Digest, VersionNumber};
use serde::{Deserialize, Serialize};

use crate::sandbox::CompiledCache;

/// The agent's directory, held by this agent alone.
pub struct Store {
    directory: PathBuf,
    cache: CompiledCache,
    /// Held until the store is dropped.
    _lock: File,
}

/// What ran last: the content of `active.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastActive {
    /// The registered model.
    pub name: ModelName,
    /// The alias that was followed.
    pub alias: Alias,
    /// The version.
    pub version: VersionNumber,
    /// Its bundle.
    pub bundle_sha256: Sha256Digest,
}

impl Store {
    /// Opens or makes the directory, takes it for this agent and sweeps what an earlier one left
    /// half done.
    pub fn open(directory: &Path) -> anyhow::Result<Self> {
        let made = |path: &Path| format!("cannot create the directory {}", path.display());
        DirBuilder::new().recursive(true).mode(0o700).create(directory).with_context(|| made(directory))?;
        let lock_file = directory.join("lock");
        let lock = File::options().create(true).truncate(false).write(true).open(&lock_file);
        let lock = lock.with_context(|| format!("cannot open {}", lock_file.display()))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Mistake::new(format!(
                    "the data directory {} is held by another agent; stop that one, or name another with --data-dir",
                    directory.display()
                ))
                .into());
            }
            Err(TryLockError::Error(e)) => {
                return Err(e).with_context(|| format!("cannot lock {}", lock_file.display()));
            }
        }
        match fs::remove_dir_all(directory.join("staging")) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                return Err(e).with_context(|| format!("cannot sweep {}/staging", directory.display()));
            }
            _ => {}
        }
        for name in ["bundles", "components", "staging"] {
            let path = directory.join(name);
            fs::create_dir_all(&path).with_context(|| made(&path))?;
        }
        let cache = CompiledCache::open(directory)
            .with_context(|| format!("cannot use the compiled components in {}", directory.display()))?;
        Ok(Self { directory: directory.to_owned(), cache, _lock: lock })
    }

    /// Compiles components with `program` in a process of its own; see [`CompiledCache::compile_with`].
    #[must_use]
    pub fn compile_with(self, program: PathBuf) -> Self {
        Self { cache: self.cache.compile_with(program), ..self }
    }

    /// The compiled components.
    pub fn cache(&self) -> &CompiledCache {
        &self.cache
    }

    /// Where a bundle lies, or will.
    pub fn bundle(&self, digest: &Sha256Digest) -> PathBuf {
        self.directory.join("bundles").join(digest.to_string())
    }

    /// Where a component lies, or will.
    pub fn component(&self, digest: &Sha256Digest) -> PathBuf {
        self.directory.join("components").join(format!("{digest}.wasm"))
    }

    /// Where a bundle is put together before it is renamed into place.
    pub fn staging(&self, digest: &Sha256Digest) -> PathBuf {
        self.directory.join("staging").join(digest.to_string())
    }

    /// What ran last; `None` when nothing did, or the record cannot be read.
    pub fn last_active(&self) -> Option<LastActive> {
        let bytes = fs::read(self.directory.join("active.json")).ok()?;
        serde_json::from_slice(&bytes).inspect_err(|e| tracing::warn!("active.json is not used: {e}")).ok()
    }

    /// Records what runs now: whole, or as it was before.
    pub fn record_active(&self, active: &LastActive) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.directory)?;
        serde_json::to_writer_pretty(&mut file, active)?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(self.directory.join("active.json")).map_err(|e| e.error)?;
        File::open(&self.directory)?.sync_all()
    }

    /// Removes the bundles and components that are not in `keep`.
    pub fn prune(&self, bundles: &[Sha256Digest], components: &[Sha256Digest]) -> io::Result<()> {
        for item in fs::read_dir(self.directory.join("bundles"))? {
            let path = item?.path();
            if !bundles.iter().any(|digest| path == self.bundle(digest)) {
                fs::remove_dir_all(path)?;
            }
        }
        for item in fs::read_dir(self.directory.join("components"))? {
            let path = item?.path();
            if !components.iter().any(|digest| path == self.component(digest)) {
                fs::remove_file(path)?;
            }
        }
        self.cache.prune(components)
    }
}
