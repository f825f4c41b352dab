//! The part of an archive that is here, and where it came from.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use overhaul_bundle::Mistake;
use serde::{Deserialize, Serialize};

/// The part's name in the folder.
pub(super) const PART: &str = ".cmapss.zip.partial";
/// The name of the file that says where the part came from.
pub(super) const ORIGIN: &str = ".cmapss.zip.origin";

/// Where a part came from: what the rest must come from too.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Origin {
    /// The URL that was asked.
    pub(super) url: String,
    /// A strong validator of the content (RFC 9110, section 8.8.3), if the server gave one.
    pub(super) etag: Option<String>,
    /// The whole archive's length in bytes, if the server gave it.
    pub(super) total: Option<u64>,
}

/// An archive that is arriving.
#[derive(Debug)]
pub(super) struct Partial {
    pub(super) path: PathBuf,
    origin_path: PathBuf,
    file: File,
    pub(super) length: u64,
    pub(super) origin: Origin,
}

impl Partial {
    /// Opens what an earlier call left in a folder; what came from another URL, or nobody knows from where, is
    /// begun anew.
    pub(super) fn open(folder: &Path, url: &str) -> anyhow::Result<Self> {
        let (path, origin_path) = (folder.join(PART), folder.join(ORIGIN));
        let context = || format!("cannot write {}", path.display());
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let file = file.with_context(context)?;
        // A file system without locks is used without.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            let problem = "another `data fetch` is writing to it; wait for that, or name another folder";
            return Err(Mistake::new(format!("--out {}: {problem}", folder.display())).into());
        }
        let length = file.metadata().with_context(context)?.len();
        let known: Option<Origin> =
            fs::read(&origin_path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let mut partial = Self { path, origin_path, file, length, origin: Origin::default() };
        match known.filter(|origin| origin.url == url && origin.total.is_none_or(|total| length <= total)) {
            Some(origin) => {
                partial.origin = origin;
                partial.file.seek(SeekFrom::End(0)).context("cannot read what an earlier call left")?;
            }
            None => partial.restart(Origin { url: url.to_owned(), ..Origin::default() })?,
        }
        Ok(partial)
    }

    /// True when the whole archive is here, as far as its server said how long it is.
    pub(super) fn is_whole(&self) -> bool {
        self.origin.total == Some(self.length)
    }

    /// Empties the part; what comes next is from `origin`.
    pub(super) fn restart(&mut self, origin: Origin) -> anyhow::Result<()> {
        let context = || format!("cannot write {}", self.path.display());
        self.file.set_len(0).and_then(|()| self.file.rewind()).with_context(context)?;
        // Written before the first byte, so that no part is ever without it.
        let written = serde_json::to_vec(&origin)?;
        fs::write(&self.origin_path, written)
            .with_context(|| format!("cannot write {}", self.origin_path.display()))?;
        (self.origin, self.length) = (origin, 0);
        Ok(())
    }

    pub(super) fn append(&mut self, piece: &[u8]) -> anyhow::Result<()> {
        self.file.write_all(piece).with_context(|| format!("cannot write {}", self.path.display()))?;
        self.length += piece.len() as u64;
        Ok(())
    }

    /// Removes the part; an error about to be reported says more than a failure to clean up.
    pub(super) fn remove(&self) {
        let _ = fs::remove_file(&self.path);
        let _ = fs::remove_file(&self.origin_path);
    }
}
