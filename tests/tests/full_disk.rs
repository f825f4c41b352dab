//! A full disk leaves nothing half-written where anybody looks, and what comes after it succeeds.

use anyhow::Result;
use overhaul_tests::gateway::Gateway;
use overhaul_tests::process::Server;
use overhaul_tests::registry::Registry;
use overhaul_tests::{disk, programs, versions};

/// Room for folders and locks, not for a model.
const SMALL: &str = "64k";
/// Room for everything.
const LARGE: &str = "256m";

#[test]
fn a_gateway_whose_disk_is_full_shows_no_half_version_and_recovers_with_room() -> Result<()> {
    if !disk::can_mount() {
        eprintln!("not tested: this user may not mount a file system");
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let registry = Registry::start(folder.path())?;
    let first = registry.publish(folder.path())?;
    registry.promote(first.version)?;

    let data = folder.path().join("small");
    std::fs::create_dir(&data)?;
    let run = Gateway::command(registry.url(), &data)?;
    let mut run = disk::on_small_disk(&run, &data, SMALL);
    let gateway = Gateway::of(Server::start(&mut run, &folder.path().join("gateway.log"))?);

    let reason = gateway.wait_for_refusal(1)?;
    assert!(reason.contains("No space left"), "{reason}");
    assert_eq!(gateway.health()?["status"], "waiting");
    let bundles = disk::seen_from_outside(&gateway.server, &data).join("bundles");
    assert_eq!(disk::files(&bundles)?, Vec::<std::path::PathBuf>::new());

    disk::grow(&gateway.server, &data, LARGE)?;
    gateway.wait_for(1)?;
    gateway.must_know(&versions::known()?, 1)
}

#[test]
fn a_registry_whose_disk_is_full_publishes_nothing_and_recovers_with_room() -> Result<()> {
    if !disk::can_mount() {
        eprintln!("not tested: this user may not mount a file system");
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("small");
    std::fs::create_dir(&data)?;
    let mut serve = programs::program("overhaul-server")?;
    serve.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(&data);
    // Room for the database, not for the component.
    let mut serve = disk::on_small_disk(&serve, &data, "2m");
    let server = Server::start(&mut serve, &folder.path().join("registry.log"))?;
    let registry = Registry::of(server, data.clone())?;

    let bundle = versions::numbered(&folder.path().join("v"), registry.reserve()?)?;
    assert!(registry.publish_bundle(&bundle).is_err());
    assert_eq!(registry.versions()?, []);

    disk::grow(&registry.server, &data, LARGE)?;
    registry.publish_bundle(&bundle)?;
    assert_eq!(registry.versions()?.len(), 1);
    Ok(())
}
