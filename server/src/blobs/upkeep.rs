//! Deletion beside a running server, which must not meet anybody who is about to need a blob.
//!
//! `gc` deletes what no row names and nobody looked at for a while. Whoever is about to name a blob that is
//! there already says so first, with [`Blobs::refresh`], which makes the blob new again. A lock file keeps the
//! two apart: a refresh holds it shared, a deletion holds it alone from its last look at the blob's age until
//! the blob is gone. So a refresh either comes first, and the blob is not old any more, or it finds nothing
//! and the blob is stored again.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path as DiskPath, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use futures::TryStreamExt as _;
use jiff::Timestamp;
use object_store::{ObjectStore as _, ObjectStoreExt as _};
use overhaul_bundle::Sha256Digest;
use uuid::Uuid;

use super::folder::Folder;
use super::home::{Home, STAGING, on_disk};
use super::{BlobError, BlobPlace, Blobs, Listed, Part, Pieces, error};

/// No blob is deleted while this lives.
#[derive(Debug)]
pub struct Spared {
    _lock: File,
}

/// What broken uploads left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Leftovers {
    /// How many files or objects.
    pub count: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Blobs {
    /// The same blobs, whose deletion and refreshing are kept apart by the lock of a file. Every process
    /// that opens the blobs of one registry names the same file.
    #[must_use]
    pub fn guarded_by(self, lock: PathBuf) -> Self {
        Self { guard: Some(Arc::new(lock)), ..self }
    }

    /// The blobs of a place, however large.
    pub(crate) fn unlimited(place: &BlobPlace) -> anyhow::Result<Self> {
        Ok(Self { home: Home::open(place)?, guard: None, max_bytes: u64::MAX })
    }

    /// The blobs of a folder that nobody else has and that is synced as a whole later.
    pub(crate) fn unsynced(folder: &DiskPath) -> anyhow::Result<Self> {
        let home = Home::Folder(Arc::new(Folder::unsynced(folder)?));
        Ok(Self { home, guard: None, max_bytes: u64::MAX })
    }

    /// Keeps every blob from deletion; waits for a deletion in progress.
    pub async fn spare(&self) -> Result<Option<Spared>, BlobError> {
        let Some(guard) = self.guard.clone() else { return Ok(None) };
        let failed = failed(&guard);
        let lock = open(&guard).map_err(&failed)?;
        match lock.try_lock_shared() {
            Ok(()) => return Ok(Some(Spared { _lock: lock })),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(e)) => return Err(failed(e)),
        }
        let wait = move || lock.lock_shared().map(|()| lock);
        let lock = tokio::task::spawn_blocking(wait).await.map_err(io::Error::other).flatten();
        Ok(Some(Spared { _lock: lock.map_err(failed)? }))
    }

    /// Deletes those of some blobs that are still as old as `cutoff`; answers which.
    ///
    /// Waits while [`Spared`] lives somewhere. Without a guard, it is for whoever is alone with the blobs.
    pub async fn delete_old(
        &self,
        candidates: &[Listed],
        cutoff: Timestamp,
    ) -> Result<Vec<Listed>, BlobError> {
        let _alone = match self.guard.clone() {
            None => None,
            Some(guard) => {
                let failed = failed(&guard);
                let wait = move || open(&guard).and_then(|lock| lock.lock().map(|()| lock));
                let lock = tokio::task::spawn_blocking(wait).await.map_err(io::Error::other).flatten();
                Some(lock.map_err(failed)?)
            }
        };
        let mut deleted = Vec::new();
        for candidate in candidates {
            let modified = self.last_modified(&candidate.sha256).await?;
            if modified.is_some_and(|modified| modified <= cutoff) && self.delete(&candidate.sha256).await? {
                deleted.push(*candidate);
            }
        }
        Ok(deleted)
    }

    async fn last_modified(&self, digest: &Sha256Digest) -> Result<Option<Timestamp>, BlobError> {
        let key = self.home.blob(digest);
        let modified = match &self.home {
            Home::Folder(folder) => {
                on_disk(folder, key.clone().as_ref(), move |folder| {
                    let modified = folder.file(&key)?.0.metadata()?.modified()?;
                    Timestamp::try_from(modified).map_err(io::Error::other)
                })
                .await
            }
            Home::Bucket(bucket) => {
                let head = bucket.store.head(&key).await.map_err(BlobError::from);
                // A time that is none was not long ago.
                head.map(|head| {
                    Timestamp::from_millisecond(head.last_modified.timestamp_millis())
                        .unwrap_or(Timestamp::MAX)
                })
            }
        };
        error::found(modified)
    }

    /// The bytes of an upload's part, or `None` when it is not there or shorter.
    pub async fn stream_part(&self, upload: Uuid, part: &Part) -> Result<Option<Pieces>, BlobError> {
        error::found(self.stream_at(&self.part(upload, part), 0..part.size).await)
    }

    /// Removes what uploads left that were interrupted before `cutoff`; with `look`, only counts it.
    pub async fn sweep_old(&self, cutoff: Timestamp, look: bool) -> Result<Leftovers, BlobError> {
        match &self.home {
            Home::Folder(folder) => {
                let cutoff = SystemTime::from(cutoff);
                on_disk(folder, STAGING, move |folder| sweep(&folder.on_disk(""), false, cutoff, look)).await
            }
            Home::Bucket(bucket) => {
                let staging = self.home.key(STAGING);
                let old: Vec<_> = bucket
                    .store
                    .list(Some(&staging))
                    .try_filter(|object| {
                        let modified = object.last_modified.timestamp_millis();
                        std::future::ready(modified <= cutoff.as_millisecond())
                    })
                    .try_collect()
                    .await?;
                if !look {
                    bucket.remove(&old).await?;
                }
                let bytes = old.iter().map(|object| object.size).sum();
                Ok(Leftovers { count: old.len() as u64, bytes })
            }
        }
    }
}

fn failed(guard: &DiskPath) -> impl Fn(io::Error) -> BlobError + use<> {
    let key = guard.display().to_string();
    move |source| BlobError::Folder { key: key.clone(), source }
}

/// Opened to read where it is there: a command that another user ran may have made it.
fn open(lock: &DiskPath) -> io::Result<File> {
    match File::open(lock) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            OpenOptions::new().create(true).truncate(false).write(true).open(lock)
        }
        opened => opened,
    }
}

/// Of a folder what `object_store` was writing (its names have a `#`), and of the folder of staging everything.
fn sweep(folder: &DiskPath, all: bool, cutoff: SystemTime, look: bool) -> io::Result<Leftovers> {
    let mut swept = Leftovers::default();
    let items = match fs::read_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(swept),
        items => items?,
    };
    for item in items {
        let item = item?;
        let name = item.file_name();
        let found = if item.file_type()?.is_dir() {
            sweep(&item.path(), all || name == STAGING, cutoff, look)?
        } else if all || name.as_encoded_bytes().contains(&b'#') {
            match sweep_file(&item.path(), cutoff, look) {
                // An upload that ended meanwhile.
                Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
                found => found?,
            }
        } else {
            continue;
        };
        swept.count += found.count;
        swept.bytes += found.bytes;
    }
    Ok(swept)
}

fn sweep_file(file: &DiskPath, cutoff: SystemTime, look: bool) -> io::Result<Leftovers> {
    let found = fs::symlink_metadata(file)?;
    if found.modified()? > cutoff {
        return Ok(Leftovers::default());
    }
    if !look {
        fs::remove_file(file)?;
    }
    Ok(Leftovers { count: 1, bytes: found.len() })
}

#[cfg(test)]
mod tests;
