//! A bundle into the registry, as one version: the files first, the manifest last.

use std::path::Path;

use overhaul_bundle::{Bundle, BundleError, Sha256Digest};
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;

use crate::api::PublishedVersion;
use crate::{ClientError, Registry};

impl Registry {
    /// Publishes a bundle under the number in its manifest, which must be reserved.
    ///
    /// Uploads the files the registry lacks, and the component from the file `component`, then
    /// commits the manifest: only then does the version exist. Publishing the same bundle again
    /// changes nothing and succeeds.
    pub async fn publish(&self, bundle: &Bundle, component: &Path) -> Result<PublishedVersion, ClientError> {
        self.publish_of_run(bundle, component, None).await
    }

    /// The same for a version that a run made, given by its id, if there is one. It must be logged at this
    /// registry.
    pub async fn publish_of_run(
        &self,
        bundle: &Bundle,
        component: &Path,
        run_id: Option<&str>,
    ) -> Result<PublishedVersion, ClientError> {
        let manifest = bundle.manifest();
        let version =
            manifest.version.ok_or_else(|| ClientError::NotNumbered(bundle.directory().to_owned()))?;
        for entry in &manifest.files {
            let path = entry.path.under(bundle.directory());
            if self.has_blob(&entry.sha256).await? {
                continue;
            }
            if !path.exists() {
                let (directory, path) = (bundle.directory().to_owned(), entry.path.clone());
                return Err(BundleError::Missing { directory, path }.into());
            }
            self.upload_blob(&path, &entry.sha256).await?;
        }
        if !self.has_blob(&manifest.component.sha256).await? {
            check_component(component, &manifest.component.sha256, manifest.component.size).await?;
            self.upload_blob(component, &manifest.component.sha256).await?;
        }
        let mut url = self.version_url(&manifest.name, version, &[]);
        if let Some(run) = run_id {
            url.query_pairs_mut().append_pair("run_id", run);
        }
        let request =
            self.short(Method::PUT, &url).header(CONTENT_TYPE, "application/json").body(manifest.to_bytes()?);
        let answer = self.send(Method::PUT, &url, request).await?;
        crate::registry::json(&url, answer).await
    }
}

async fn check_component(path: &Path, expected: &Sha256Digest, size: u64) -> Result<(), ClientError> {
    let (owned, expected) = (path.to_owned(), *expected);
    let hash = move || std::fs::File::open(&owned).and_then(Sha256Digest::of_reader);
    let (found, found_size) = tokio::task::spawn_blocking(hash)
        .await
        .unwrap_or_else(|e| Err(std::io::Error::other(e)))
        .map_err(|e| ClientError::file("read", path, e))?;
    if found == expected && found_size == size {
        return Ok(());
    }
    Err(ClientError::Corrupt { what: path.display().to_string(), expected, size, found, found_size })
}
