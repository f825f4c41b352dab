//! Bytes on their way out, whole or a range.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{GetOptions, GetRange, GetResult, ObjectStore as _, ObjectStoreExt as _};
use overhaul_bundle::Sha256Digest;

use super::folder::{Folder, read_at};
use super::home::{Home, on_disk};
use super::{BlobError, Blobs, error};

/// Bytes read from disk at a time.
const PIECE: u64 = 256 << 10;

/// A blob's bytes, in pieces.
pub type Pieces = BoxStream<'static, Result<Bytes, BlobError>>;

impl Blobs {
    /// Streams a range of a blob; an error when it is not there or shorter.
    pub async fn stream(&self, digest: &Sha256Digest, range: Range<u64>) -> Result<Pieces, BlobError> {
        self.stream_at(&self.home.blob(digest), range).await
    }

    /// A whole blob in memory, or `None` when it is not there; for small ones.
    pub async fn read(&self, digest: &Sha256Digest) -> Result<Option<Bytes>, BlobError> {
        let key = self.home.blob(digest);
        let whole = match &self.home {
            Home::Folder(folder) => {
                on_disk(folder, key.clone().as_ref(), move |folder| {
                    let (file, size) = folder.file(&key)?;
                    read(&file, &(0..size))
                })
                .await
            }
            Home::Bucket(bucket) => whole(bucket.store.get(&key).await).await,
        };
        error::found(whole)
    }

    pub(super) async fn stream_at(&self, key: &Path, range: Range<u64>) -> Result<Pieces, BlobError> {
        if range.is_empty() {
            return Ok(futures::stream::empty().boxed());
        }
        match &self.home {
            Home::Folder(folder) => stream_file(folder, key, range).await,
            Home::Bucket(bucket) => {
                let options = GetOptions { range: Some(GetRange::Bounded(range)), ..GetOptions::default() };
                let found = bucket.store.get_opts(key, options).await?;
                Ok(found.into_stream().map_err(BlobError::from).boxed())
            }
        }
    }
}

/// The first piece is read while the file is opened, so that a small file takes one step.
async fn stream_file(folder: &Arc<Folder>, key: &Path, range: Range<u64>) -> Result<Pieces, BlobError> {
    let place = key.clone();
    let first = next(&range);
    let (file, piece) = on_disk(folder, key.as_ref(), move |folder| {
        let (file, _) = folder.file(&place)?;
        let piece = read(&file, &first)?;
        Ok((file, piece))
    })
    .await?;
    let first = futures::stream::once(std::future::ready(Ok(piece)));
    let rest = next(&range).end..range.end;
    if rest.is_empty() {
        return Ok(first.boxed());
    }
    let folder = Arc::clone(folder);
    let key = key.clone();
    let state = (Arc::new(file), rest);
    let rest = futures::stream::try_unfold(state, move |(file, rest)| {
        let (folder, key) = (Arc::clone(&folder), key.clone());
        async move {
            if rest.is_empty() {
                return Ok(None);
            }
            let part = next(&rest);
            let end = part.end;
            let opened = Arc::clone(&file);
            let piece = on_disk(&folder, key.as_ref(), move |_| read(&opened, &part)).await?;
            Ok(Some((piece, (file, end..rest.end))))
        }
    });
    Ok(first.chain(rest).boxed())
}

/// The next piece of what is still to be read.
fn next(rest: &Range<u64>) -> Range<u64> {
    rest.start..rest.end.min(rest.start.saturating_add(PIECE))
}

fn read(file: &File, part: &Range<u64>) -> io::Result<Bytes> {
    read_at(file, part.start, (part.end - part.start) as usize)
}

async fn whole(found: object_store::Result<GetResult>) -> Result<Bytes, BlobError> {
    Ok(found?.bytes().await?)
}
