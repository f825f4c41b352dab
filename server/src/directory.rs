//! The data directory: created when missing, held by one server at a time.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use overhaul_bundle::Mistake;

/// A data directory; no other server holds it for as long as this value lives, unless this one only joined.
#[derive(Debug)]
pub struct DataDirectory {
    path: PathBuf,
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
        let file = path.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&file)
            .with_context(|| format!("cannot open {}", file.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), lock: Some(lock) }),
            Err(TryLockError::WouldBlock) => Ok(Self { path: path.to_owned(), lock: None }),
            Err(TryLockError::Error(e)) => Err(e).with_context(|| format!("cannot lock {}", file.display())),
        }
    }

    /// Whether this process holds it.
    pub fn is_held(&self) -> bool {
        self.lock.is_some()
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
