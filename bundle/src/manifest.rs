//! `manifest.json`: every file's path, size and digest, in canonical JSON. What gets signed.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{BundleError, BundlePath, ModelName, Sha256Digest, VersionNumber};

/// The manifest's own name in a bundle; it is the one file that it does not list.
pub const FILE: &str = "manifest.json";
/// The format this crate writes and reads.
pub const FORMAT_VERSION: u32 = 1;
/// The most bytes a manifest may have.
pub const MAX_BYTES: u64 = 1 << 20;
/// The most files a bundle may have.
const MAX_FILES: usize = 1000;

/// A bundle's table of contents.
///
/// Its bytes are canonical JSON (RFC 8785), so one content has one digest: that digest is the
/// bundle's identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The format of bundle and manifest, which is 1.
    pub format_version: u32,
    /// The registered model's name.
    pub name: ModelName,
    /// The number the registry handed out; `None` before publishing.
    pub version: Option<VersionNumber>,
    /// The component the publisher checked the golden vectors with.
    pub component: ComponentEntry,
    /// The files, sorted by path, each once.
    pub files: Vec<FileEntry>,
}

/// The WebAssembly component a bundle runs on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ComponentEntry {
    /// The interface it exports, such as `overhaul:inference/model@0.1.0`.
    pub interface: String,
    /// Digest of the component's file.
    pub sha256: Sha256Digest,
    /// The component's size in bytes.
    pub size: u64,
}

/// One file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Where in the bundle.
    pub path: BundlePath,
    /// True for what a gateway needs; false for what it may leave at the registry, such as weights.
    pub required: bool,
    /// Digest of the file.
    pub sha256: Sha256Digest,
    /// Size in bytes.
    pub size: u64,
}

impl Manifest {
    /// Reads a manifest from its bytes, which must be the canonical form of a valid one.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BundleError> {
        let invalid = |problem: String| BundleError::invalid(FILE, problem);
        if bytes.len() as u64 > MAX_BYTES {
            return Err(invalid(format!("{} bytes, more than the limit of {MAX_BYTES}", bytes.len())));
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(|e| invalid(e.to_string()))?;
        manifest.check()?;
        if manifest.to_bytes()? != bytes {
            return Err(invalid(
                "not canonical JSON (RFC 8785); write it with sorted keys and no spaces".to_owned(),
            ));
        }
        Ok(manifest)
    }

    /// The manifest's canonical bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, BundleError> {
        serde_json_canonicalizer::to_vec(self).map_err(|e| BundleError::invalid(FILE, e))
    }

    /// The entry of a file, if the bundle has it.
    pub fn file(&self, path: &str) -> Option<&FileEntry> {
        self.files.iter().find(|entry| entry.path.as_str() == path)
    }

    fn check(&self) -> Result<(), BundleError> {
        let invalid = |problem: String| Err(BundleError::invalid(FILE, problem));
        if self.format_version != FORMAT_VERSION {
            return invalid(format!(
                "format_version {}, this program reads {FORMAT_VERSION}; use a matching release",
                self.format_version
            ));
        }
        if self.files.len() > MAX_FILES {
            return invalid(format!("{} files, more than the limit of {MAX_FILES}", self.files.len()));
        }
        if !self.files.is_sorted_by(|a, b| a.path < b.path) {
            return invalid("its files are not sorted by path, each once".to_owned());
        }
        if let Some(own) = self.file(FILE) {
            return invalid(format!("it lists itself ({})", own.path));
        }
        // "a" and "a/b" cannot both be files.
        let paths: BTreeSet<&str> = self.files.iter().map(|entry| entry.path.as_str()).collect();
        for path in &paths {
            let mut parents = path.match_indices('/').map(|(at, _)| &path[..at]);
            if let Some(parent) = parents.find(|parent| paths.contains(parent)) {
                return invalid(format!("{parent} is both a file and the folder of {path}"));
            }
        }
        for name in crate::directory::MANDATORY {
            if !self.file(name).is_some_and(|entry| entry.required) {
                return invalid(format!("it does not list {name} as required"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
