//! The one place that blobs are kept in, and where everything lies in it.
//!
//! | what | where |
//! | --- | --- |
//! | a blob | `sha256/<first two digits>/<all digits>` |
//! | what is being received | `staging/<a new id>`; of a bucket also `staging/<a new id>.upload` |
//! | a part of a multipart upload | `uploads/<upload>/<number>-<digest>` |

use std::io;
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::path::Path;
use overhaul_bundle::Sha256Digest;
use uuid::Uuid;

use super::bucket::Bucket;
use super::folder::Folder;
use super::{BlobError, BlobPlace};

/// The folder of all blobs.
pub(super) const BLOBS: &str = "sha256";
/// The folder of what is being received.
pub(super) const STAGING: &str = "staging";
/// The folder of the parts of multipart uploads.
pub(super) const UPLOADS: &str = "uploads";

/// Where blobs are kept. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) enum Home {
    Folder(Arc<Folder>),
    Bucket(Arc<Bucket>),
}

impl Home {
    pub(super) fn open(place: &BlobPlace) -> anyhow::Result<Self> {
        Ok(match place {
            BlobPlace::Folder(root) => Self::Folder(Arc::new(Folder::open(root)?)),
            BlobPlace::Bucket { name, prefix } => Self::Bucket(Arc::new(Bucket::open(name, prefix)?)),
        })
    }

    pub(super) fn store(&self) -> &dyn ObjectStore {
        match self {
            Self::Folder(folder) => &folder.store,
            Self::Bucket(bucket) => &bucket.store,
        }
    }

    /// A key below the root, or below the bucket's prefix.
    pub(super) fn key(&self, below: &str) -> Path {
        match self {
            Self::Bucket(bucket) if !bucket.prefix.as_ref().is_empty() => {
                Path::from(format!("{}/{below}", bucket.prefix))
            }
            _ => Path::from(below),
        }
    }

    pub(super) fn blob(&self, digest: &Sha256Digest) -> Path {
        let digits = digest.to_string();
        self.key(&format!("{BLOBS}/{}/{digits}", &digits[..2]))
    }

    /// A place that nothing else has.
    pub(super) fn staging(&self) -> Path {
        self.key(&format!("{STAGING}/{}", Uuid::new_v4().simple()))
    }

    /// How many bytes are gathered before they are written: of a bucket more than the 5 MiB that each part
    /// of an upload must have there, but for the last.
    pub(super) fn piece(&self) -> usize {
        match self {
            Self::Folder(_) => 1 << 20,
            Self::Bucket(_) => 8 << 20,
        }
    }

    /// Removes what interrupted uploads left; how many things that were.
    pub(super) async fn sweep(&self) -> Result<usize, BlobError> {
        match self {
            Self::Folder(folder) => on_disk(folder, STAGING, |folder| folder.sweep(STAGING)).await,
            Self::Bucket(bucket) => Ok(bucket.sweep(&self.key(STAGING)).await?),
        }
    }
}

/// Works on a folder where waiting for the disk holds nobody up.
pub(super) async fn on_disk<T: Send + 'static>(
    folder: &Arc<Folder>,
    key: &str,
    work: impl FnOnce(&Folder) -> io::Result<T> + Send + 'static,
) -> Result<T, BlobError> {
    let folder = Arc::clone(folder);
    let done = tokio::task::spawn_blocking(move || work(&folder)).await;
    done.map_err(io::Error::other)
        .and_then(|result| result)
        .map_err(|source| BlobError::Folder { key: key.to_owned(), source })
}
