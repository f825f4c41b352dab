//! Files by digest: streamed in and out, hashed on the way in, visible only when whole and durable.
//!
//! A blob lies at `sha256/<first two digits>/<all digits>`. `object_store` writes beside that name
//! (with a `#` in it), and with `with_fsync` it syncs the file before it renames it into place and
//! the folders after: when an upload is acknowledged it survives a power cut, and until then
//! nobody sees it.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::Path as DiskPath;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use bytes::{Bytes, BytesMut};
use futures::stream::BoxStream;
use futures::{Stream, StreamExt as _};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, MultipartUpload, ObjectStore, ObjectStoreExt as _, PutPayload};
use overhaul_bundle::Sha256Digest;
use overhaul_bundle::digest::Hasher;

/// The most bytes that one blob may have, unless the server is told otherwise: 1 GiB.
pub const DEFAULT_MAX_BYTES: u64 = 1 << 30;
/// Bytes written to disk at a time.
const PIECE: usize = 1 << 20;
/// How long an upload may stand still.
pub(crate) const IDLE: Duration = Duration::from_mins(1);

/// The files of a registry. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Blobs {
    store: Arc<LocalFileSystem>,
    max_bytes: u64,
}

/// Why a blob was not taken or not given.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The bytes have another digest than the one in the URL.
    #[error("the {size} bytes received have sha256 {found}, not {expected}; send the file that has it")]
    WrongDigest {
        /// The digest in the URL.
        expected: Sha256Digest,
        /// The digest of what was received.
        found: Sha256Digest,
        /// How much was received, in bytes.
        size: u64,
    },
    /// There are more bytes than one blob may have.
    #[error("a blob may have at most {limit} bytes; start the server with a higher --max-blob-bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// The sender went away, or sent what is no HTTP body.
    #[error("the upload broke off: {0}; send it again")]
    Broken(String),
    /// The sender stopped sending.
    #[error("the upload stood still for {} seconds; send it again", IDLE.as_secs())]
    StoodStill,
    /// The disk failed or is full.
    #[error("cannot store or read a blob")]
    Store(#[from] object_store::Error),
}

/// What became of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    /// False when the blob was there already.
    pub new: bool,
    /// Its size in bytes.
    pub size: u64,
}

impl Blobs {
    /// Opens a folder of blobs, creating it when missing, and removes what interrupted uploads left.
    pub fn open(folder: &DiskPath, max_bytes: u64) -> anyhow::Result<Self> {
        let cannot = || format!("cannot open the blobs in {}", folder.display());
        fs::create_dir_all(folder).with_context(cannot)?;
        let swept = sweep(folder).with_context(cannot)?;
        if swept > 0 {
            tracing::info!(swept, "files of interrupted uploads removed");
        }
        let store = LocalFileSystem::new_with_prefix(folder).with_context(cannot)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), max_bytes })
    }

    /// The most bytes that one blob may have.
    pub fn max_bytes(&self) -> u64 {
        self.max_bytes
    }

    /// A blob's size in bytes, or `None` when it is not there.
    pub async fn size(&self, digest: &Sha256Digest) -> Result<Option<u64>, BlobError> {
        match self.store.head(&place(digest)).await {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// Takes a stream of bytes as the blob `digest`. Unless this returns `Ok`, it left nothing.
    pub async fn receive<E: std::fmt::Display>(
        &self,
        digest: &Sha256Digest,
        mut body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<Received, BlobError> {
        // A blob that is there is not written again, but whoever sends other bytes under its name is told.
        let known = self.size(digest).await?.is_some();
        let mut upload = if known { None } else { Some(self.store.put_multipart(&place(digest)).await?) };
        let received = self.write(digest, &mut body, upload.as_deref_mut()).await;
        match (received, upload) {
            (Ok(size), Some(mut upload)) => {
                upload.complete().await?;
                Ok(Received { new: true, size })
            }
            (Ok(size), None) => Ok(Received { new: false, size }),
            (Err(error), upload) => {
                if let Some(mut upload) = upload {
                    // The first error says more than one met while cleaning up; a start sweeps the rest.
                    let _ = upload.abort().await;
                }
                Err(error)
            }
        }
    }

    async fn write<E: std::fmt::Display>(
        &self,
        digest: &Sha256Digest,
        body: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin),
        mut upload: Option<&mut (dyn MultipartUpload + 'static)>,
    ) -> Result<u64, BlobError> {
        let mut hasher = Hasher::default();
        let mut size = 0;
        let mut piece = BytesMut::with_capacity(PIECE);
        loop {
            let next = tokio::time::timeout(IDLE, body.next()).await.map_err(|_| BlobError::StoodStill)?;
            let ended = next.is_none();
            if let Some(bytes) = next.transpose().map_err(|e| BlobError::Broken(e.to_string()))? {
                size += bytes.len() as u64;
                if size > self.max_bytes {
                    return Err(BlobError::TooLarge { limit: self.max_bytes });
                }
                hasher.update(&bytes);
                piece.extend_from_slice(&bytes);
            }
            if let Some(upload) = &mut upload
                && !piece.is_empty()
                && (ended || piece.len() >= PIECE)
            {
                upload.put_part(PutPayload::from(piece.split().freeze())).await?;
            }
            if upload.is_none() {
                piece.clear();
            }
            if ended {
                break;
            }
        }
        let (found, size) = hasher.finish();
        if found == *digest {
            Ok(size)
        } else {
            Err(BlobError::WrongDigest { expected: *digest, found, size })
        }
    }

    /// Stores bytes from memory under their own digest.
    pub async fn put(&self, bytes: Bytes) -> Result<Sha256Digest, BlobError> {
        let digest = Sha256Digest::of(&bytes);
        if self.size(&digest).await?.is_none() {
            self.store.put(&place(&digest), PutPayload::from(bytes)).await?;
        }
        Ok(digest)
    }

    /// A whole blob in memory, or `None` when it is not there; for small ones.
    pub async fn read(&self, digest: &Sha256Digest) -> Result<Option<Bytes>, BlobError> {
        match self.store.get(&place(digest)).await {
            Ok(found) => Ok(Some(found.bytes().await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// Streams a range of a blob.
    pub async fn stream(
        &self,
        digest: &Sha256Digest,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, object_store::Result<Bytes>>, BlobError> {
        if range.is_empty() {
            return Ok(futures::stream::empty().boxed());
        }
        let options = GetOptions { range: Some(GetRange::Bounded(range)), ..GetOptions::default() };
        Ok(self.store.get_opts(&place(digest), options).await?.into_stream())
    }
}

fn place(digest: &Sha256Digest) -> Path {
    let digits = digest.to_string();
    Path::from(format!("sha256/{}/{digits}", &digits[..2]))
}

/// Removes the files that `object_store` was writing when the server was killed.
fn sweep(folder: &DiskPath) -> io::Result<usize> {
    let mut swept = 0;
    for item in fs::read_dir(folder)? {
        let item = item?;
        if item.file_type()?.is_dir() {
            swept += sweep(&item.path())?;
        } else if item.file_name().as_encoded_bytes().contains(&b'#') {
            fs::remove_file(item.path())?;
            swept += 1;
        }
    }
    Ok(swept)
}
