//! The parts of multipart uploads: kept apart from blobs until they are joined to one.

use std::fs;
use std::io;

use bytes::Bytes;
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{ObjectStore as _, ObjectStoreExt as _};
use overhaul_bundle::Sha256Digest;
use uuid::Uuid;

use super::bucket::gone_is_fine;
use super::home::{Home, UPLOADS, on_disk};
use super::receive::Received;
use super::{BlobError, Blobs, Pieces};

/// One part of an upload, as it was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Its place among the parts, from 1.
    pub number: u32,
    /// The digest of its bytes.
    pub digest: Sha256Digest,
    /// How many they are.
    pub size: u64,
}

impl Blobs {
    /// Takes a part of at most `room` bytes. Unless this returns `Ok`, it left nothing.
    pub async fn receive_part(
        &self,
        upload: Uuid,
        number: u32,
        room: u64,
        body: impl Stream<Item = Result<Bytes, BlobError>> + Unpin,
    ) -> Result<Part, BlobError> {
        let incoming = self.take(body, room, true).await?;
        let part = Part { number, digest: incoming.digest, size: incoming.size };
        self.settle(incoming.content, &self.part(upload, &part)).await?;
        Ok(part)
    }

    /// Joins parts, in their order, to one blob.
    pub async fn join_parts(&self, upload: Uuid, parts: &[Part]) -> Result<Received, BlobError> {
        let places: Vec<_> = parts.iter().map(|part| (self.part(upload, part), part.size)).collect();
        let blobs = self.clone();
        let pieces: Pieces = futures::stream::iter(places)
            .then(move |(place, size)| {
                let blobs = blobs.clone();
                async move { blobs.stream_at(&place, 0..size).await }
            })
            .try_flatten()
            .boxed();
        self.receive_any(pieces).await
    }

    /// Removes a part that another one took the place of.
    pub async fn remove_part(&self, upload: Uuid, part: &Part) -> Result<(), BlobError> {
        Ok(gone_is_fine(self.home.store().delete(&self.part(upload, part)).await)?)
    }

    /// Removes all parts of an upload.
    pub async fn remove_parts(&self, upload: Uuid) -> Result<(), BlobError> {
        let parts = format!("{UPLOADS}/{}", upload.simple());
        match &self.home {
            Home::Folder(folder) => {
                let place = folder.on_disk(&parts);
                let removed = on_disk(folder, &parts, move |_| fs::remove_dir_all(place)).await;
                match removed {
                    Err(BlobError::Folder { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                        Ok(())
                    }
                    removed => removed,
                }
            }
            Home::Bucket(bucket) => {
                let keys = bucket.store.list(Some(&self.home.key(&parts)));
                let keys = keys.map_ok(|object| object.location).boxed();
                Ok(bucket.store.delete_stream(keys).try_for_each(|_| async { Ok(()) }).await?)
            }
        }
    }

    /// The uploads that have parts here.
    pub async fn uploads(&self) -> Result<Vec<Uuid>, BlobError> {
        let folders = self.home.store().list_with_delimiter(Some(&self.home.key(UPLOADS))).await?;
        let names = folders.common_prefixes.iter().filter_map(|folder| folder.filename()?.parse().ok());
        Ok(names.collect())
    }

    pub(super) fn part(&self, upload: Uuid, part: &Part) -> Path {
        let (upload, Part { number, digest, .. }) = (upload.simple(), part);
        self.home.key(&format!("{UPLOADS}/{upload}/{number}-{digest}"))
    }
}
