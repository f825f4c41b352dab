//! Which blobs there are, and the removal of one: for garbage collection, verification and backups.

use std::fs::{self, DirEntry};
use std::io;
use std::path::Path as DiskPath;

use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use object_store::{ObjectStore as _, ObjectStoreExt as _};
use overhaul_bundle::Sha256Digest;

use super::home::{BLOBS, Home, on_disk};
use super::{BlobError, Blobs};

/// A blob, as a listing finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Its name. Whether its bytes have that digest, only reading them tells.
    pub sha256: Sha256Digest,
    /// Its size in bytes.
    pub size: u64,
    /// When it was stored or last refreshed, by the clock of the file system or of the object store.
    pub last_modified: Timestamp,
}

impl Blobs {
    /// All blobs, in no order. What is no blob is passed over, and so is every symbolic link.
    pub fn list(&self) -> BoxStream<'static, Result<Listed, BlobError>> {
        match &self.home {
            Home::Folder(folder) => {
                let folder = folder.clone();
                futures::stream::iter(0..=u8::MAX)
                    .then(move |byte| {
                        let folder = folder.clone();
                        let key = format!("{BLOBS}/{byte:02x}");
                        async move {
                            on_disk(&folder, &key.clone(), move |disk| blobs_in(&disk.on_disk(&key))).await
                        }
                    })
                    .map_ok(|found| futures::stream::iter(found).map(Ok))
                    .try_flatten()
                    .boxed()
            }
            Home::Bucket(bucket) => {
                let objects = bucket.store.list(Some(&self.home.key(BLOBS))).map_err(BlobError::from);
                objects
                    .try_filter_map(|object| async move {
                        let digest = object.location.filename().and_then(|name| name.parse().ok());
                        let at = Timestamp::from_millisecond(object.last_modified.timestamp_millis());
                        Ok(digest.zip(at.ok()).map(|(sha256, last_modified)| Listed {
                            sha256,
                            size: object.size,
                            last_modified,
                        }))
                    })
                    .boxed()
            }
        }
    }

    /// Removes a blob; false when it was not there.
    pub async fn delete(&self, digest: &Sha256Digest) -> Result<bool, BlobError> {
        let key = self.home.blob(digest);
        match &self.home {
            Home::Folder(folder) => {
                on_disk(folder, key.clone().as_ref(), move |folder| folder.remove(&key)).await
            }
            Home::Bucket(bucket) => {
                // S3 does not say whether there was anything.
                let known = self.size(digest).await?.is_some();
                bucket.store.delete(&key).await?;
                Ok(known)
            }
        }
    }
}

fn blobs_in(folder: &DiskPath) -> io::Result<Vec<Listed>> {
    match fs::symlink_metadata(folder) {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => return Ok(Vec::new()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(e),
    }
    fs::read_dir(folder)?.filter_map(|item| item.and_then(|item| blob(&item)).transpose()).collect()
}

fn blob(item: &DirEntry) -> io::Result<Option<Listed>> {
    let digest = item.file_name().to_str().and_then(|name| name.parse().ok());
    let Some(digest) = digest.filter(|_| item.file_type().is_ok_and(|kind| kind.is_file())) else {
        return Ok(None);
    };
    let metadata = match item.metadata() {
        Ok(metadata) => metadata,
        // Removed since the folder was read.
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let last_modified = Timestamp::try_from(metadata.modified()?).map_err(io::Error::other)?;
    Ok(Some(Listed { sha256: digest, size: metadata.len(), last_modified }))
}
