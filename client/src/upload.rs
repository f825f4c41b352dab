//! Files into the registry, by digest, streamed.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::TryStreamExt as _;
use overhaul_bundle::Sha256Digest;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Body, Method, StatusCode, Url};
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;
use tokio_util::io::ReaderStream;

use crate::connection::{IDLE, stands_still};
use crate::registry::refuse;
use crate::{ClientError, Registry};

/// Bytes read from a file at a time.
const PIECE: usize = 1 << 18;

impl Registry {
    pub(crate) fn blob_url(&self, digest: &Sha256Digest) -> Url {
        self.at(&["api", "v1", "blobs", &digest.to_string()])
    }

    /// Whether the registry holds a blob.
    pub async fn has_blob(&self, digest: &Sha256Digest) -> Result<bool, ClientError> {
        let url = self.blob_url(digest);
        let request = self.short(Method::HEAD, &url);
        let answer = request.send().await.map_err(|e| ClientError::transport("HEAD", url.as_str(), e))?;
        if answer.status() == StatusCode::NOT_FOUND {
            // A HEAD has no body to tell a missing blob from a missing registry.
            return Ok(false);
        }
        refuse(&Method::HEAD, &url, answer).await.map(|_| true)
    }

    /// Uploads a file as the blob `digest`; the registry refuses it when its bytes have another.
    pub async fn upload_blob(&self, path: &Path, digest: &Sha256Digest) -> Result<(), ClientError> {
        let unreadable = |e| ClientError::file("read", path, e);
        let file = File::open(path).await.map_err(unreadable)?;
        let length = file.metadata().await.map_err(unreadable)?.len();
        let sent = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&sent);
        // The length is promised in the header: not a byte more, should the file grow meanwhile.
        let stream = ReaderStream::with_capacity(file.take(length), PIECE).inspect_ok(move |piece| {
            counter.fetch_add(piece.len() as u64, Ordering::Relaxed);
        });
        let url = self.blob_url(digest);
        let request = self
            .uploader
            .put(url.clone())
            .header(CONTENT_LENGTH, length)
            .header(CONTENT_TYPE, "application/octet-stream")
            .body(Body::wrap_stream(stream));
        tokio::select! {
            answer = self.send(Method::PUT, &url, request) => answer.map(drop),
            () = stands_still(&sent) => {
                let stalled = format!("nothing moved for {} seconds", IDLE.as_secs());
                Err(ClientError::Interrupted { method: "PUT".to_owned(), url: url.to_string(), source: stalled.into() })
            }
        }
    }
}
