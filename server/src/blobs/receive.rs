//! Bytes on their way in: hashed as they come, in memory while they are few, never whole there when they are many.

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt as _};
use object_store::path::Path;
use object_store::{ObjectStoreExt as _, PutPayload};
use overhaul_bundle::Sha256Digest;
use overhaul_bundle::digest::Hasher;

use super::error::IDLE;
use super::home::Home;
use super::staged::Staged;
use super::{BlobError, Blobs};

/// What became of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    /// The digest of the bytes that came.
    pub digest: Sha256Digest,
    /// How many they are.
    pub size: u64,
    /// False when the blob was there already.
    pub new: bool,
}

/// What was received whole, where nobody sees it yet.
pub(super) struct Incoming {
    pub(super) digest: Sha256Digest,
    pub(super) size: u64,
    pub(super) content: Content,
}

pub(super) enum Content {
    Memory(Bytes),
    Staged(Staged),
    /// Hashed only, because a blob of the expected digest was there.
    Known,
}

impl Blobs {
    /// Takes a stream of bytes as the blob `digest`. Unless this returns `Ok`, it left nothing.
    pub async fn receive(
        &self,
        digest: &Sha256Digest,
        body: impl Stream<Item = Result<Bytes, BlobError>> + Unpin,
    ) -> Result<Received, BlobError> {
        // A blob that is there is not written again, but whoever sends other bytes under its name is told.
        let known = self.refresh(digest).await?.is_some();
        let incoming = self.take(body, self.max_bytes, !known).await?;
        if incoming.digest == *digest {
            return self.keep(incoming).await;
        }
        let Incoming { digest: found, size, content } = incoming;
        discard(content).await;
        Err(BlobError::WrongDigest { expected: *digest, found, size })
    }

    /// Takes a stream of bytes as the blob of whatever digest they have. Unless this returns `Ok`, it left nothing.
    pub async fn receive_any(
        &self,
        body: impl Stream<Item = Result<Bytes, BlobError>> + Unpin,
    ) -> Result<Received, BlobError> {
        let incoming = self.take(body, self.max_bytes, true).await?;
        self.keep(incoming).await
    }

    /// Stores bytes from memory under their own digest.
    pub async fn put(&self, bytes: Bytes) -> Result<Sha256Digest, BlobError> {
        let (digest, size) = (Sha256Digest::of(&bytes), bytes.len() as u64);
        let incoming = Incoming { digest, size, content: Content::Memory(bytes) };
        Ok(self.keep(incoming).await?.digest)
    }

    /// Receives at most `limit` bytes and hashes them; writes them unless they are not to be `kept`.
    pub(super) async fn take(
        &self,
        mut body: impl Stream<Item = Result<Bytes, BlobError>> + Unpin,
        limit: u64,
        kept: bool,
    ) -> Result<Incoming, BlobError> {
        let mut staged = None;
        match self.write(&mut body, limit, kept, &mut staged).await {
            Ok((digest, size, rest)) => {
                let content = match staged {
                    Some(staged) => Content::Staged(staged),
                    None if kept => Content::Memory(rest),
                    None => Content::Known,
                };
                Ok(Incoming { digest, size, content })
            }
            Err(error) => {
                if let Some(staged) = staged {
                    discard(Content::Staged(staged)).await;
                }
                Err(error)
            }
        }
    }

    /// Digest, size, and what was not written because it is less than a piece.
    async fn write(
        &self,
        body: &mut (impl Stream<Item = Result<Bytes, BlobError>> + Unpin),
        limit: u64,
        kept: bool,
        staged: &mut Option<Staged>,
    ) -> Result<(Sha256Digest, u64, Bytes), BlobError> {
        let mut hasher = Hasher::default();
        let mut size = 0;
        let mut piece = BytesMut::new();
        loop {
            let next = tokio::time::timeout(IDLE, body.next()).await.map_err(|_| BlobError::StoodStill)?;
            let Some(bytes) = next.transpose()? else { break };
            size += bytes.len() as u64;
            if size > limit {
                return Err(BlobError::TooLarge { limit: self.max_bytes });
            }
            hasher.update(&bytes);
            if kept {
                piece.extend_from_slice(&bytes);
            }
            while piece.len() >= self.home.piece() {
                let next = piece.split_to(self.home.piece()).freeze();
                self.staged(staged).await?.write(next).await?;
            }
        }
        if let Some(staged) = staged {
            if !piece.is_empty() {
                staged.write(piece.split().freeze()).await?;
            }
            staged.finish().await?;
        }
        let (digest, size) = hasher.finish();
        Ok((digest, size, piece.freeze()))
    }

    async fn staged<'a>(&self, staged: &'a mut Option<Staged>) -> Result<&'a mut Staged, BlobError> {
        Ok(match staged {
            Some(staged) => staged,
            None => staged.insert(Staged::begin(&self.home).await?),
        })
    }

    /// Makes what was received a blob. One that is there already looks new since: what refers to it is about
    /// to be written, so it is not for removal.
    async fn keep(&self, incoming: Incoming) -> Result<Received, BlobError> {
        let Incoming { digest, size, content } = incoming;
        let key = self.home.blob(&digest);
        // Of a few bytes in a bucket, writing them again is cheaper than looking.
        let look = !matches!((&content, &self.home), (Content::Memory(_), Home::Bucket(_)));
        if look && self.refresh(&digest).await?.is_some() {
            discard(content).await;
            return Ok(Received { digest, size, new: false });
        }
        self.settle(content, &key).await?;
        Ok(Received { digest, size, new: true })
    }

    /// Moves what was received to a place, over what lies there.
    pub(super) async fn settle(&self, content: Content, place: &Path) -> Result<(), BlobError> {
        match content {
            Content::Memory(bytes) => {
                self.home.store().put(place, PutPayload::from(bytes)).await?;
                Ok(())
            }
            Content::Staged(staged) => staged.move_to(place).await,
            Content::Known => Err(BlobError::Broken("the blob was removed meanwhile".to_owned())),
        }
    }
}

/// Removes what is not wanted; the next start removes what cannot be removed now.
pub(super) async fn discard(content: Content) {
    if let Content::Staged(staged) = content
        && let Err(error) = staged.discard().await
    {
        tracing::warn!("what a refused upload left stays until the next start: {error}");
    }
}

#[cfg(test)]
mod tests;
