//! A gateway trusts digests, not the registry's disk.

use std::fs;

use anyhow::{Context as _, Result};
use overhaul_tests::gateway::Gateway;
use overhaul_tests::registry::Registry;
use overhaul_tests::{disk, versions};

#[test]
fn a_blob_with_a_flipped_bit_is_refused_and_the_old_version_keeps_running() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let known = versions::known()?;
    let registry = Registry::start(folder.path())?;
    let first = registry.publish(folder.path())?;
    registry.promote(first.version)?;
    let gateway = Gateway::start(registry.url(), folder.path())?;
    gateway.wait_for(1)?;

    let number = registry.reserve()?;
    let bundle = versions::numbered(&folder.path().join("v2"), number)?;
    registry.publish_bundle(&bundle)?;
    let entry = bundle.manifest().files.iter().find(|entry| entry.path.as_str() == "model.onnx");
    let digest = entry.context("a bundle without a model")?.sha256.to_string();
    let blobs = disk::files(&registry.folder)?;
    let blob =
        blobs.iter().find(|path| path.ends_with(&digest)).context("the registry keeps no such blob")?;
    let mut bytes = fs::read(blob)?;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(blob, bytes)?;

    registry.promote(number)?;
    let reason = gateway.wait_for_refusal(2)?;
    assert!(reason.contains(&digest), "the reason names the digest that was asked for: {reason}");
    gateway.must_know(&known, 1)?;

    let third = registry.publish(folder.path())?;
    registry.promote(third.version)?;
    gateway.wait_for(3)?;
    gateway.must_know(&known, 3)?;
    Ok(())
}
