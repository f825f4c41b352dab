//! The data directory: created when missing, held by one server at a time.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use overhaul_bundle::Mistake;

/// A data directory that no other server holds, for as long as this value lives.
#[derive(Debug)]
pub struct DataDirectory {
    path: PathBuf,
    /// The lock is the open file's: it ends with the process, however that ends.
    _lock: File,
}

impl DataDirectory {
    /// Takes a directory, creating it (readable by its owner only) when it is missing.
    pub fn hold(path: &Path) -> anyhow::Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .with_context(|| format!("cannot create the data directory {}", path.display()))?;
        let file = path.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&file)
            .with_context(|| format!("cannot open {}", file.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Mistake::new(format!(
                "data directory {} is held by another overhaul-server; stop that one, or name another --data-dir",
                path.display()
            ))
            .into()),
            Err(TryLockError::Error(e)) => Err(e).with_context(|| format!("cannot lock {}", file.display())),
        }
    }

    /// The database's file.
    pub fn database(&self) -> PathBuf {
        self.path.join("registry.sqlite")
    }

    /// The folder of blobs.
    pub fn blobs(&self) -> PathBuf {
        self.path.join("blobs")
    }
}
