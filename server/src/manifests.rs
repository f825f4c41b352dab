//! Manifests of published bundles, which must be among the blobs.

use anyhow::Context as _;
use bytes::Bytes;
use overhaul_bundle::{Manifest, Sha256Digest};

use crate::blobs::Blobs;

/// The exact bytes that were published, whose digest is the bundle's identity.
pub(crate) async fn bytes(blobs: &Blobs, bundle: &Sha256Digest) -> anyhow::Result<Bytes> {
    let bytes = blobs.read(bundle).await?;
    bytes.with_context(|| format!("the manifest {bundle} of a published version is gone"))
}

/// What they say, and the bytes themselves.
pub(crate) async fn read(blobs: &Blobs, bundle: &Sha256Digest) -> anyhow::Result<(Manifest, Bytes)> {
    let bytes = bytes(blobs, bundle).await?;
    Ok((Manifest::from_bytes(&bytes).context("a stored manifest")?, bytes))
}
