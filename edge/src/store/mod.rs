//! The agent's directory: bundles by digest, components by digest, what ran last, one owner.
//!
//! | in the directory | what |
//! | --- | --- |
//! | `version` | the layout of all this: see `layout` |
//! | `lock` | held by the one agent that uses the directory |
//! | `bundles/DIGEST/` | bundles, whole and verified, by the digest of their manifests |
//! | `components/DIGEST.wasm` | components, by digest |
//! | `staging/DIGEST/` | bundles on their way; a later start goes on with them |
//! | `active.json` | which bundle ran last, and before it: see `active` |
//! | `refused.json` | versions that this gateway took back: see `refusals` |
//! | `reports.db`, `gateway-id` | see [`crate::reports`] |
//! | `compiled/`, `key` | see [`crate::sandbox::cache`] |

mod active;
pub(crate) mod layout;
mod refusals;
mod sweep;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use overhaul_bundle::{Alias, Bundle, Mistake, Sha256Digest};
use serde::Serialize;

use crate::sandbox::{CompileLimits, CompiledCache};
pub use active::{Active, Previous};
pub use refusals::Refusals;

/// How long an agent that was killed may leave the directory held: by what it was about to start.
const PATIENCE: Duration = Duration::from_secs(2);

/// The agent's directory, held by this agent alone.
pub struct Store {
    directory: PathBuf,
    cache: CompiledCache,
    /// Held by whoever pulls: two that pull one bundle would write the same files.
    pub(crate) pulling: tokio::sync::Mutex<()>,
    /// What aliases name now.
    wanted: Mutex<BTreeMap<Alias, Sha256Digest>>,
    /// Held until the store is dropped.
    _lock: File,
}

impl Store {
    /// Opens or makes the directory, takes it for this agent and sweeps what an earlier one left
    /// half done.
    pub fn open(directory: &Path) -> anyhow::Result<Self> {
        let bad = |what: &str| {
            let what = what.to_owned();
            move |e: io::Error| unusable(directory, &what, &e)
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(bad("it cannot be created"))?;
        let is_marked = layout::check(directory)?;
        let lock_file = directory.join("lock");
        let lock = File::options().create(true).truncate(false).write(true).open(&lock_file);
        let lock = lock.map_err(bad("its lock cannot be opened"))?;
        match try_for(PATIENCE, || lock.try_lock()) {
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
        for name in ["bundles", "components", "staging"] {
            let path = directory.join(name);
            fs::create_dir_all(&path).map_err(bad(&format!("{name} cannot be created")))?;
        }
        sweep::halves(directory).map_err(bad("what was left half written cannot be removed"))?;
        sweep::foreign(&directory.join("staging")).map_err(bad("staging cannot be swept"))?;
        let cache = CompiledCache::open(directory).map_err(bad("the compiled components cannot be used"))?;
        cache.sweep().map_err(bad("compiled cannot be swept"))?;
        if !is_marked && let Err(e) = layout::mark(directory) {
            tracing::warn!("{} cannot be marked with its layout: {e}", directory.display());
        }
        Ok(Self {
            directory: directory.to_owned(),
            cache,
            pulling: tokio::sync::Mutex::default(),
            wanted: Mutex::default(),
            _lock: lock,
        })
    }

    /// Compiles components with `program` in a process of its own; see [`CompiledCache::compile_with`].
    #[must_use]
    pub fn compile_with(self, program: PathBuf, limits: CompileLimits) -> Self {
        Self { cache: self.cache.compile_with(program, limits), ..self }
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

    /// Removes the bundles on their way but this one and the `others` that changed last. Only for who holds `pulling`.
    pub(crate) fn sweep_staging(&self, keep: &Sha256Digest, others: usize) -> io::Result<()> {
        sweep::older(&self.directory.join("staging"), &self.staging(keep), others)
    }

    /// What ran last; `None` when nothing did, or the record cannot be read.
    pub fn active(&self) -> Option<Active> {
        let bytes = fs::read(self.directory.join(active::FILE)).ok()?;
        serde_json::from_slice(&bytes)
            .inspect_err(|e| tracing::warn!("{} is not used: {e}", active::FILE))
            .ok()
    }

    /// Records what runs now: whole, or as it was before.
    pub fn record_active(&self, active: &Active) -> io::Result<()> {
        write_json(&self.directory.join(active::FILE), active)
    }

    /// Records that the agent was told to end, so that this life was not short for the version's sake.
    pub fn note_clean_end(&self) -> io::Result<()> {
        match self.active() {
            Some(last) if last.short_lives > 0 => {
                self.record_active(&Active { short_lives: last.short_lives - 1, ..last })
            }
            _ => Ok(()),
        }
    }

    /// The versions that this gateway took back.
    pub fn refusals(&self) -> Refusals {
        Refusals::open(self.directory.join(refusals::FILE))
    }

    /// Where reports wait for the registry.
    pub fn reports(&self) -> PathBuf {
        self.directory.join("reports.db")
    }

    /// Where the id is kept that they are sent under.
    pub fn gateway_id(&self) -> PathBuf {
        self.directory.join("gateway-id")
    }

    /// Tells which version an alias names now: it is kept, also while it is pulled, and when it is refused, so that
    /// the next try costs no download.
    pub fn want(&self, alias: &Alias, bundle: Sha256Digest) {
        self.wanted().insert(alias.clone(), bundle);
    }

    /// Removes all bundles and components but those of what is loaded (given by bundle and component), of what ran last and before it, and of what
    /// aliases name now.
    pub fn tidy(&self, loaded: &[(Sha256Digest, Sha256Digest)]) -> io::Result<()> {
        let last = self.active();
        let before = last.as_ref().and_then(|last| last.previous.as_ref()).map(|before| before.bundle_sha256);
        let bundles: BTreeSet<Sha256Digest> = loaded
            .iter()
            .map(|(bundle, _)| *bundle)
            .chain(last.map(|last| last.bundle_sha256))
            .chain(before)
            .chain(self.wanted().values().copied())
            .collect();
        // Of what is loaded, the component is known.
        let asleep = bundles.iter().filter(|bundle| !loaded.iter().any(|(known, _)| known == *bundle));
        let on_disk = asleep.filter_map(|bundle| Bundle::open(&self.bundle(bundle)).ok());
        let components = on_disk.map(|bundle| bundle.manifest().component.sha256);
        let components: Vec<Sha256Digest> =
            loaded.iter().map(|(_, component)| *component).chain(components).collect();
        sweep::all_but(&self.directory.join("bundles"), bundles.iter().map(|digest| self.bundle(digest)))?;
        let kept = components.iter().map(|digest| self.component(digest));
        sweep::all_but(&self.directory.join("components"), kept)?;
        self.cache.prune(&components)
    }

    fn wanted(&self) -> MutexGuard<'_, BTreeMap<Alias, Sha256Digest>> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tries to take a lock for a while.
fn try_for(patience: Duration, lock: impl Fn() -> Result<(), TryLockError>) -> Result<(), TryLockError> {
    let until = Instant::now() + patience;
    loop {
        match lock() {
            Err(TryLockError::WouldBlock) if Instant::now() < until => {
                thread::sleep(Duration::from_millis(20));
            }
            taken => return taken,
        }
    }
}

/// Why a data directory cannot be used, with the mend where there is one.
pub(crate) fn unusable(directory: &Path, what: &str, error: &io::Error) -> anyhow::Error {
    let mend = match error.kind() {
        io::ErrorKind::ReadOnlyFilesystem => "mount it for writing",
        io::ErrorKind::PermissionDenied => "let this user write there",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "make room for the agent's files"
        }
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => "remove the file that is in the way",
        _ => "see to its disk",
    };
    Mistake::new(format!(
        "the data directory {} cannot be used: {what}: {error}; {mend}, or name another with --data-dir",
        directory.display()
    ))
    .into()
}

/// Writes a file as JSON: whole and durable, or as it was before.
fn write_json(path: &Path, content: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_vec_pretty(content)?;
    text.push(b'\n');
    write_whole(path, &text)
}

/// Writes a file: whole and durable, or as it was before.
pub(crate) fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    File::open(directory)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_that_was_ended_on_purpose_is_not_counted_as_short() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path()).unwrap();
        store.note_clean_end().unwrap();
        assert_eq!(store.active(), None);
        let active = Active {
            name: "RUL-Prediction-Model".parse().unwrap(),
            alias: "production".parse().unwrap(),
            version: 2.try_into().unwrap(),
            bundle_sha256: Sha256Digest::of(b"two"),
            proven: false,
            short_lives: 2,
            previous: None,
        };
        store.record_active(&active).unwrap();
        store.note_clean_end().unwrap();
        assert_eq!(store.active(), Some(Active { short_lives: 1, ..active.clone() }));
        store.record_active(&Active { short_lives: 0, ..active.clone() }).unwrap();
        store.note_clean_end().unwrap();
        assert_eq!(store.active().unwrap().short_lives, 0);
    }

    #[test]
    fn a_lock_that_is_let_go_soon_is_taken_and_one_that_is_not_is_told() {
        let tries = std::cell::Cell::new(0);
        let held_for = |most: u32| {
            tries.set(0);
            move |tries: &std::cell::Cell<u32>| {
                tries.set(tries.get() + 1);
                if tries.get() > most { Ok(()) } else { Err(TryLockError::WouldBlock) }
            }
        };
        let soon = held_for(3);
        assert!(try_for(Duration::from_mins(1), || soon(&tries)).is_ok());
        let never = held_for(u32::MAX);
        assert!(matches!(try_for(Duration::ZERO, || never(&tries)), Err(TryLockError::WouldBlock)));
    }
}
