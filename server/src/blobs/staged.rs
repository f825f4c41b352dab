//! What is being received and is too large for memory: written where nobody sees it, then moved into place.
//!
//! A folder's file appears whole, and durable, in one step; so does an object of a bucket. What an
//! interruption leaves is removed when the value is dropped, or at the next start: the id of a bucket's
//! upload, without which its parts could not be found again, stands in a marker beside it.

use std::mem;
use std::sync::Arc;

use bytes::Bytes;
use object_store::multipart::{MultipartStore as _, PartId};
use object_store::path::Path;
use object_store::{MultipartId, MultipartUpload, ObjectStoreExt as _, PutPayload};

use super::BlobError;
use super::bucket::{Bucket, gone_is_fine};
use super::home::Home;

/// The end of a marker's name, after the name of what it marks.
pub(super) const MARKER: &str = ".upload";

/// Bytes that nobody sees yet; gone when dropped, unless they were moved.
pub(super) struct Staged {
    home: Home,
    key: Path,
    state: State,
}

enum State {
    File(Box<dyn MultipartUpload>),
    Object {
        bucket: Arc<Bucket>,
        id: MultipartId,
        parts: Vec<PartId>,
    },
    /// All bytes lie at the key.
    Whole,
    Gone,
}

impl Staged {
    pub(super) async fn begin(home: &Home) -> Result<Self, BlobError> {
        let key = home.staging();
        let state = match home {
            Home::Folder(folder) => State::File(folder.store.put_multipart(&key).await?),
            Home::Bucket(bucket) => {
                let id = bucket.store.create_multipart(&key).await?;
                let marker = PutPayload::from(id.clone());
                bucket.store.put(&marker_of(&key), marker).await?;
                State::Object { bucket: Arc::clone(bucket), id, parts: Vec::new() }
            }
        };
        Ok(Self { home: home.clone(), key, state })
    }

    /// Writes the next bytes; of a bucket at least 5 MiB, unless they are the last.
    pub(super) async fn write(&mut self, piece: Bytes) -> Result<(), BlobError> {
        let piece = PutPayload::from(piece);
        match &mut self.state {
            State::File(upload) => upload.put_part(piece).await?,
            State::Object { bucket, id, parts } => {
                let part = bucket.store.put_part(&self.key, id, parts.len(), piece).await?;
                parts.push(part);
            }
            State::Whole | State::Gone => {}
        }
        Ok(())
    }

    /// All bytes were written: makes them durable.
    pub(super) async fn finish(&mut self) -> Result<(), BlobError> {
        match &mut self.state {
            State::File(upload) => {
                upload.complete().await?;
            }
            State::Object { bucket, id, parts } => {
                bucket.store.complete_multipart(&self.key, id, mem::take(parts)).await?;
                bucket.store.delete(&marker_of(&self.key)).await?;
            }
            State::Whole | State::Gone => {}
        }
        self.state = State::Whole;
        Ok(())
    }

    /// Moves what is finished into its place, over what lies there.
    pub(super) async fn move_to(mut self, place: &Path) -> Result<(), BlobError> {
        self.home.store().rename(&self.key, place).await?;
        self.state = State::Gone;
        Ok(())
    }

    /// Removes everything now.
    pub(super) async fn discard(mut self) -> Result<(), BlobError> {
        let state = mem::replace(&mut self.state, State::Gone);
        Ok(remove(self.home.clone(), self.key.clone(), state).await?)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        let state = mem::replace(&mut self.state, State::Gone);
        // While the runtime ends there is nobody to do it; the next start does.
        if !matches!(state, State::Gone)
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let removal = remove(self.home.clone(), self.key.clone(), state);
            runtime.spawn(async move {
                if let Err(error) = removal.await {
                    tracing::warn!("what an interrupted upload left stays until the next start: {error}");
                }
            });
        }
    }
}

async fn remove(home: Home, key: Path, state: State) -> object_store::Result<()> {
    match state {
        State::File(mut upload) => upload.abort().await,
        State::Object { bucket, id, .. } => {
            gone_is_fine(bucket.store.abort_multipart(&key, &id).await)?;
            gone_is_fine(bucket.store.delete(&marker_of(&key)).await)
        }
        State::Whole => gone_is_fine(home.store().delete(&key).await),
        State::Gone => Ok(()),
    }
}

fn marker_of(key: &Path) -> Path {
    Path::from(format!("{key}{MARKER}"))
}
