//! Files out of the registry: streamed, resumed, verified; whole under their name or not there.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use overhaul_bundle::Sha256Digest;
use overhaul_bundle::digest::Hasher;
use reqwest::header::{CONTENT_RANGE, IF_RANGE, RANGE};
use reqwest::{Method, Response, StatusCode, Url};
use tokio::fs::{self, File, OpenOptions};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::pace::Pace;
use crate::registry::refuse;
use crate::{ClientError, Registry};

/// How often a transfer that broke off is taken up again within one call.
const RESUMPTIONS: u32 = 5;

/// The part of a blob that is here, open at its end.
struct Partial {
    path: PathBuf,
    file: File,
    hasher: Hasher,
    length: u64,
}

impl Registry {
    /// Downloads a blob to the file `to`, which appears whole and verified, or not at all.
    ///
    /// What arrives is kept in `to` + `.partial`; a later call goes on from there (RFC 9110,
    /// section 14: `Range` with `If-Range`). Bytes that do not have the digest are thrown away.
    /// One destination is for one caller at a time.
    pub async fn download_blob(
        &self,
        digest: &Sha256Digest,
        size: u64,
        to: &Path,
    ) -> Result<(), ClientError> {
        let url = self.blob_url(digest);
        let partial = Partial::open(to, size).await?;
        let resumed = partial.length > 0;
        match self.complete(&url, digest, size, partial, to).await {
            // What an earlier call left was no part of this blob.
            Err(ClientError::Corrupt { .. }) if resumed => {
                self.complete(&url, digest, size, Partial::open(to, size).await?, to).await
            }
            result => result,
        }
    }

    /// Fetches what is lacking, taking up a transfer that breaks off, and gives the file its name.
    async fn complete(
        &self,
        url: &Url,
        digest: &Sha256Digest,
        size: u64,
        mut partial: Partial,
        to: &Path,
    ) -> Result<(), ClientError> {
        let mut resumptions = 0;
        while partial.length < size || (size == 0 && resumptions == 0) {
            let before = partial.length;
            match self.fetch(url, digest, size, &mut partial).await {
                Ok(()) => {}
                Err(ClientError::Interrupted { .. })
                    if partial.length > before && resumptions < RESUMPTIONS => {}
                Err(error) => {
                    partial.settle(&error).await;
                    return Err(error);
                }
            }
            resumptions += 1;
        }
        partial.finish(url, digest, size, to).await
    }

    /// One request for what is lacking; returns when the answer is all here.
    async fn fetch(
        &self,
        url: &Url,
        digest: &Sha256Digest,
        size: u64,
        partial: &mut Partial,
    ) -> Result<(), ClientError> {
        let transport = |e| ClientError::transport("GET", url.as_str(), e);
        let mut request = self.client.get(url.clone());
        if partial.length > 0 {
            // The registry's ETag of a blob is its digest.
            request = request
                .header(RANGE, format!("bytes={}-", partial.length))
                .header(IF_RANGE, format!("\"{digest}\""));
        }
        let mut answer = request.send().await.map_err(transport)?;
        if answer.status() == StatusCode::RANGE_NOT_SATISFIABLE {
            partial.restart().await?;
            answer = self.client.get(url.clone()).send().await.map_err(transport)?;
        }
        let mut answer = refuse(&Method::GET, url, answer).await?;
        if partial.length > 0 && !continues(&answer, partial.length) {
            partial.restart().await?;
            if answer.status() == StatusCode::PARTIAL_CONTENT {
                let problem = "a range that was not asked for".to_owned();
                return Err(ClientError::NotUnderstood { url: url.to_string(), problem });
            }
        }
        let mut pace = self.rate.map(Pace::new);
        while let Some(piece) = answer.chunk().await.map_err(transport)? {
            if partial.length + piece.len() as u64 > size {
                let problem = format!("more than the {size} bytes that the blob has");
                return Err(ClientError::NotUnderstood { url: url.to_string(), problem });
            }
            partial.append(&piece).await?;
            if let Some(pace) = &mut pace {
                // What is not read yet waits in the system's buffers, and then at the registry.
                tokio::time::sleep(pace.pause(piece.len() as u64, Instant::now())).await;
            }
        }
        if partial.length < size {
            // Without a length in the header, an early end looks like a whole answer.
            let source = format!("{} of {size} bytes arrived", partial.length).into();
            return Err(ClientError::Interrupted { method: "GET".to_owned(), url: url.to_string(), source });
        }
        Ok(())
    }
}

/// Whether an answer goes on at `from`; a registry that ignores ranges answers 200 with everything.
fn continues(answer: &Response, from: u64) -> bool {
    answer.status() == StatusCode::PARTIAL_CONTENT
        && answer
            .headers()
            .get(CONTENT_RANGE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("bytes ")?.split('-').next()?.parse().ok())
            .is_some_and(|start: u64| start == from)
}

impl Partial {
    /// Opens what an earlier call left, and hashes it; more than `size` bytes are thrown away.
    async fn open(to: &Path, size: u64) -> Result<Self, ClientError> {
        let mut name = to.as_os_str().to_owned();
        name.push(".partial");
        let path = PathBuf::from(name);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .await
            .map_err(|e| ClientError::file("create", &path, e))?;
        let mut partial = Self { path, file, hasher: Hasher::default(), length: 0 };
        let mut buffer = vec![0; 1 << 18];
        loop {
            match partial.file.read(&mut buffer).await {
                Ok(0) => break,
                Ok(count) => {
                    partial.hasher.update(&buffer[..count]);
                    partial.length += count as u64;
                }
                Err(e) => return Err(ClientError::file("read", &partial.path, e)),
            }
        }
        if partial.length > size {
            partial.restart().await?;
        }
        Ok(partial)
    }

    async fn append(&mut self, piece: &[u8]) -> Result<(), ClientError> {
        self.file.write_all(piece).await.map_err(|e| ClientError::file("write", &self.path, e))?;
        self.hasher.update(piece);
        self.length += piece.len() as u64;
        Ok(())
    }

    async fn restart(&mut self) -> Result<(), ClientError> {
        let empty = async {
            self.file.set_len(0).await?;
            tokio::io::AsyncSeekExt::rewind(&mut self.file).await
        };
        empty.await.map_err(|e: io::Error| ClientError::file("empty", &self.path, e))?;
        (self.hasher, self.length) = (Hasher::default(), 0);
        Ok(())
    }

    /// After an error: what arrived is kept to be resumed, unless it is wrong or the disk is full.
    async fn settle(mut self, error: &ClientError) {
        let flushed = self.file.flush().await;
        let useless = matches!(error, ClientError::File { .. } | ClientError::NotUnderstood { .. });
        if useless || flushed.is_err() || self.length == 0 {
            // The error that is about to be reported says more than a failure to clean up after it.
            let _ = fs::remove_file(&self.path).await;
        }
    }

    /// Verifies, makes durable, and gives the file its name.
    async fn finish(
        mut self,
        url: &Url,
        digest: &Sha256Digest,
        size: u64,
        to: &Path,
    ) -> Result<(), ClientError> {
        let (found, found_size) = std::mem::take(&mut self.hasher).finish();
        let unwritable = |e| ClientError::file("write", to, e);
        if found != *digest || found_size != size {
            fs::remove_file(&self.path).await.map_err(|e| ClientError::file("remove", &self.path, e))?;
            return Err(ClientError::Corrupt {
                what: url.to_string(),
                expected: *digest,
                size,
                found,
                found_size,
            });
        }
        let durable = async {
            self.file.flush().await?;
            self.file.sync_all().await
        };
        if let Err(e) = durable.await {
            let _ = fs::remove_file(&self.path).await;
            return Err(unwritable(e));
        }
        fs::rename(&self.path, to).await.map_err(unwritable)?;
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).await.map_err(unwritable)?.sync_all().await.map_err(unwritable)
    }
}
