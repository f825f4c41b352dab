//! Files by digest: streamed in and out, hashed on the way in, visible only when whole and durable.
//!
//! When an upload is acknowledged it survives a power cut, and until then nobody sees it.
//!
//! | module | holds |
//! | --- | --- |
//! | `place` | where blobs are kept, as the command line names it: a folder or a bucket |
//! | `home` | the one place, and where everything lies in it |
//! | `folder` | a folder of this machine, in which no symbolic link is followed |
//! | `bucket` | a bucket of an S3-compatible object store |
//! | `receive` | bytes on their way in |
//! | `staged` | what is being received and is too large for memory |
//! | `send` | bytes on their way out |
//! | `parts` | the parts of multipart uploads |
//! | `inventory` | which blobs there are, and the removal of one |
//! | `upkeep` | deletion beside a running server, and whoever it must not meet |
//! | `error` | why a blob was not taken or not given |

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use object_store::ObjectStoreExt as _;
use overhaul_bundle::{Mistake, Sha256Digest};

mod bucket;
mod error;
mod folder;
mod home;
mod inventory;
mod parts;
mod place;
mod receive;
mod send;
mod staged;
mod upkeep;

pub use error::BlobError;
pub(crate) use error::IDLE;
pub use inventory::Listed;
pub use parts::Part;
pub use place::{BlobPlace, InvalidBlobPlace};
pub use receive::Received;
pub use send::Pieces;
pub use upkeep::{Leftovers, Spared};

use home::{Home, on_disk};

/// The most bytes that one blob may have, unless the server is told otherwise: 1 GiB.
pub const DEFAULT_MAX_BYTES: u64 = 1 << 30;

/// A blob that was stored or refreshed within this time is not refreshed again.
pub(crate) const FRESH: Duration = Duration::from_mins(30);

/// The files of a registry. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Blobs {
    home: Home,
    /// The file whose lock keeps deletion and refreshing apart.
    guard: Option<Arc<PathBuf>>,
    max_bytes: u64,
}

impl Blobs {
    /// Opens the place of blobs; a folder is created when missing, a bucket is not asked yet.
    pub fn open(place: &BlobPlace, max_bytes: u64) -> anyhow::Result<Self> {
        if matches!(place, BlobPlace::Bucket { .. }) && max_bytes > bucket::MAX_COPY {
            return Err(Mistake::new(format!(
                "--max-blob-bytes {max_bytes} is more than a bucket can move; use at most {}",
                bucket::MAX_COPY
            ))
            .into());
        }
        Ok(Self { home: Home::open(place)?, guard: None, max_bytes })
    }

    /// Removes what interrupted uploads left; how many things that were. Only for whoever is alone with the
    /// place: another's uploads would go as well.
    pub async fn sweep(&self) -> Result<usize, BlobError> {
        self.home.sweep().await
    }

    /// The most bytes that one blob may have.
    pub fn max_bytes(&self) -> u64 {
        self.max_bytes
    }

    /// A blob's size in bytes, or `None` when it is not there.
    pub async fn size(&self, digest: &Sha256Digest) -> Result<Option<u64>, BlobError> {
        let key = self.home.blob(digest);
        let size = match &self.home {
            Home::Folder(folder) => {
                on_disk(folder, key.clone().as_ref(), move |folder| Ok(folder.file(&key)?.1)).await
            }
            Home::Bucket(bucket) => bucket.store.head(&key).await.map(|found| found.size).map_err(Into::into),
        };
        error::found(size)
    }

    /// Makes a blob that is there new, so that garbage collection leaves it for the time that it gives all new
    /// ones; its size in bytes, or `None` when it is not there.
    pub async fn refresh(&self, digest: &Sha256Digest) -> Result<Option<u64>, BlobError> {
        let _spared = self.spare().await?;
        let key = self.home.blob(digest);
        let size = match &self.home {
            Home::Folder(folder) => {
                on_disk(folder, key.clone().as_ref(), move |folder| folder.refresh(&key, FRESH)).await
            }
            Home::Bucket(bucket) => {
                let aside = self.home.staging();
                bucket.refresh(&key, &aside, FRESH).await.map_err(BlobError::from)
            }
        };
        error::found(size)
    }
}
