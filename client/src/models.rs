//! Registered models, their versions and manifests.

use overhaul_bundle::{Manifest, ModelName, Sha256Digest, VersionNumber};
use reqwest::Method;

use crate::api::{ModelList, PublishedVersion, RegisteredModel, ReservedVersion, VersionList};
use crate::registry::limited;
use crate::{ClientError, Registry};

impl Registry {
    /// Asks for the model's next version number, registering the model when it is new. A number
    /// that is never published stays a gap.
    pub async fn reserve_version(&self, name: &ModelName) -> Result<VersionNumber, ClientError> {
        let url = self.model_url(name, &["versions"]);
        let request = self.short(Method::POST, &url);
        let answer = self.send(Method::POST, &url, request).await?;
        Ok(crate::registry::json::<ReservedVersion>(&url, answer).await?.version)
    }

    /// All registered models, by name.
    pub async fn models(&self) -> Result<Vec<RegisteredModel>, ClientError> {
        Ok(self.get::<ModelList>(self.at(&["api", "v1", "models"])).await?.models)
    }

    /// All published versions of a model, lowest number first.
    pub async fn versions(&self, name: &ModelName) -> Result<Vec<PublishedVersion>, ClientError> {
        Ok(self.get::<VersionList>(self.model_url(name, &["versions"])).await?.versions)
    }

    /// One published version.
    pub async fn version(
        &self,
        name: &ModelName,
        version: VersionNumber,
    ) -> Result<PublishedVersion, ClientError> {
        self.get(self.version_url(name, version, &[])).await
    }

    /// A version's manifest, and its exact bytes, whose digest is the bundle's identity.
    pub async fn manifest(
        &self,
        name: &ModelName,
        version: VersionNumber,
    ) -> Result<(Manifest, Vec<u8>), ClientError> {
        let url = self.version_url(name, version, &["manifest"]);
        let answer = self.send(Method::GET, &url, self.short(Method::GET, &url)).await?;
        let bytes = limited(&url, answer).await?;
        let manifest = Manifest::from_bytes(&bytes)?;
        if manifest.name == *name && manifest.version == Some(version) {
            return Ok((manifest, bytes));
        }
        let (found, digest) = (&manifest.name, Sha256Digest::of(&bytes));
        let problem = format!("manifest {digest} is of {found}, version {:?}", manifest.version);
        Err(ClientError::NotUnderstood { url: url.to_string(), problem })
    }
}
