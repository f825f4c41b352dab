//! The data directory: where what lies in it, created when missing, held by one server at a time.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use overhaul_bundle::Mistake;

/// The file that makes a directory a registry's.
pub(crate) const DATABASE: &str = "registry.sqlite";
/// The folder of blobs.
pub(crate) const BLOBS: &str = "blobs";
/// The file whose lock tells that a directory is held.
pub(crate) const LOCK: &str = "lock";

/// Where things lie in a data directory, whoever holds it.
#[derive(Debug, Clone)]
pub struct Layout {
    path: PathBuf,
}

impl Layout {
    /// The layout of a directory that a server has made; a mistake where there is no database.
    pub fn existing(path: &Path) -> anyhow::Result<Self> {
        let layout = Self { path: path.to_owned() };
        match layout.database().try_exists() {
            Ok(true) => Ok(layout),
            Ok(false) => Err(Mistake::new(format!(
                "{} holds no registry: it has no {DATABASE}; name the --data-dir of a server",
                path.display()
            ))
            .into()),
            Err(e) => Err(e).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The database's file.
    pub fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// The folder of blobs.
    pub fn blobs(&self) -> PathBuf {
        self.path.join(BLOBS)
    }

    /// The file whose lock keeps blobs from deletion, wherever they lie.
    pub fn blob_guard(&self) -> PathBuf {
        self.path.join("blobs.lock")
    }
}

/// A data directory that no other server holds, for as long as this value lives.
#[derive(Debug)]
pub struct DataDirectory {
    layout: Layout,
    /// The lock is the open file's: it ends with the process, however that ends. `None` while another holds it.
    lock: Option<File>,
}

impl DataDirectory {
    /// Takes a directory, creating it (readable by its owner only) when it is missing.
    pub fn hold(path: &Path) -> anyhow::Result<Self> {
        let directory = Self::join(path)?;
        if directory.is_held() {
            return Ok(directory);
        }
        Err(Mistake::new(format!(
            "data directory {} is held by another overhaul-server; stop that one, or name another --data-dir",
            path.display()
        ))
        .into())
    }

    /// Takes a directory as [`hold`](Self::hold) does, or joins the server that holds it.
    pub fn join(path: &Path) -> anyhow::Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .with_context(|| format!("cannot create the data directory {}", path.display()))?;
        let file = path.join(LOCK);
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&file)
            .with_context(|| format!("cannot open {}", file.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { layout: Layout { path: path.to_owned() }, lock: Some(lock) }),
            Err(TryLockError::WouldBlock) => {
                Ok(Self { layout: Layout { path: path.to_owned() }, lock: None })
            }
            Err(TryLockError::Error(e)) => Err(e).with_context(|| format!("cannot lock {}", file.display())),
        }
    }

    /// Where things lie in it.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Whether this process holds it.
    pub fn is_held(&self) -> bool {
        self.lock.is_some()
    }

    /// The database's file.
    pub fn database(&self) -> PathBuf {
        self.layout.database()
    }

    /// The folder of blobs.
    pub fn blobs(&self) -> PathBuf {
        self.layout.blobs()
    }
}
