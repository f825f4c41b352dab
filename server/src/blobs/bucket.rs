//! Blobs in a bucket of an S3-compatible object store.
//!
//! The settings are those of the AWS tools, read from the environment: `AWS_ACCESS_KEY_ID`,
//! `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL` and their relatives.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use axum::http::Uri;
use futures::TryStreamExt as _;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::multipart::MultipartStore as _;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore as _, ObjectStoreExt as _, RetryConfig};
use overhaul_bundle::Mistake;

use super::staged::MARKER;

/// The most bytes that one request can copy inside an object store (`CopyObject` of S3): 5 GiB.
pub(super) const MAX_COPY: u64 = 5 << 30;
/// How long a request may be tried again.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) store: AmazonS3,
    pub(super) prefix: Path,
}

impl Bucket {
    /// Reads the settings from the environment; asks nobody yet.
    pub(super) fn open(name: &str, prefix: &str) -> anyhow::Result<Self> {
        // Another library of the same program may have installed a provider already: either serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let retry = RetryConfig { max_retries: 3, retry_timeout: PATIENCE, ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::from_env().with_bucket_name(name).with_retry(retry);
        let endpoint = [AmazonS3ConfigKey::S3Endpoint, AmazonS3ConfigKey::Endpoint]
            .iter()
            .find_map(|key| builder.get_config_value(key));
        // Without TLS only where nobody else listens, unless AWS_ALLOW_HTTP says so.
        if endpoint.is_some_and(|endpoint| is_loopback(&endpoint)) {
            builder = builder.with_allow_http(true);
        }
        let store = builder.build().map_err(|e| {
            Mistake::new(format!(
                "cannot use the bucket {name}: {e}; check the variables AWS_… of the environment"
            ))
        })?;
        Ok(Self { store, prefix: Path::parse(prefix).context("the prefix of the bucket is not valid")? })
    }

    /// Makes an object new unless it is younger than `fresh`; its size.
    pub(super) async fn refresh(
        &self,
        key: &Path,
        aside: &Path,
        fresh: Duration,
    ) -> object_store::Result<u64> {
        let found = self.store.head(key).await?;
        let age = SystemTime::now().duration_since(found.last_modified.into());
        if !age.is_ok_and(|age| age < fresh) {
            // An object store does not copy an object onto itself.
            self.store.copy(key, aside).await?;
            self.store.rename(aside, key).await?;
        }
        Ok(found.size)
    }

    /// Ends what interrupted uploads left under a key's folder; how many there were.
    pub(super) async fn sweep(&self, staging: &Path) -> object_store::Result<usize> {
        let left: Vec<_> = self.store.list(Some(staging)).try_collect().await?;
        self.remove(&left).await?;
        Ok(left.len())
    }

    /// Removes what lies in the folder of staging.
    pub(super) async fn remove(&self, left: &[ObjectMeta]) -> object_store::Result<()> {
        for object in left {
            if let Some(upload) = object.location.as_ref().strip_suffix(MARKER) {
                self.abandon(&Path::from(upload), &object.location).await?;
            } else {
                gone_is_fine(self.store.delete(&object.location).await)?;
            }
        }
        Ok(())
    }

    /// Ends an upload whose id stands in a marker, and removes the marker.
    async fn abandon(&self, upload: &Path, marker: &Path) -> object_store::Result<()> {
        let id = self.store.get(marker).await?.bytes().await?;
        let id = String::from_utf8_lossy(&id).into_owned();
        gone_is_fine(self.store.abort_multipart(upload, &id).await)?;
        self.store.delete(marker).await
    }
}

/// Takes what was to be removed and is not there for removed.
pub(super) fn gone_is_fine(result: object_store::Result<()>) -> object_store::Result<()> {
    match result {
        Err(object_store::Error::NotFound { .. }) => Ok(()),
        result => result,
    }
}

fn is_loopback(endpoint: &str) -> bool {
    let uri = endpoint.parse::<Uri>().ok();
    let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_without_tls_must_be_on_this_machine() {
        for endpoint in ["http://127.0.0.1:5103", "http://localhost:9000/", "http://[::1]:1"] {
            assert!(is_loopback(endpoint), "{endpoint}");
        }
        for endpoint in
            ["http://10.0.0.1:9000", "http://localhost.example.org", "http://127.0.0.1.nip.io", "x"]
        {
            assert!(!is_loopback(endpoint), "{endpoint}");
        }
    }
}
