//! What a gateway runs and what it refuses reaches the fleet manager, also when it happened while the registry was
//! away.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use overhaul_tests::gateway::Gateway;
use overhaul_tests::process::Server;
use overhaul_tests::registry::Registry;
use overhaul_tests::{disk, programs, versions, wait};

/// A gateway that reports as `hall-1`.
fn gateway(registry: &str, folder: &Path, token: Option<&str>) -> Result<Gateway> {
    let mut run = Gateway::command(registry, &folder.join("gateway"))?;
    run.args(["--gateway-id", "hall-1"]);
    run.envs(token.map(|token| ("OVERHAUL_TOKEN", token)));
    Ok(Gateway::of(Server::start(&mut run, &folder.join("gateway.log"))?))
}

/// What `overhaul gateways` prints.
fn told(registry: &str, arguments: &[&str]) -> Result<String> {
    let mut command = programs::program("overhaul")?;
    programs::run(command.args(["--registry", registry, "gateways"]).args(arguments))
}

/// Waits until `overhaul gateways show hall-1` says all of this, and answers it.
fn shows(registry: &str, wanted: &[&str]) -> Result<String> {
    wait::until(&format!("{wanted:?} of the gateway"), || {
        let text = told(registry, &["show", "hall-1"])?;
        if let Some(lacking) = wanted.iter().find(|wanted| !text.contains(**wanted)) {
            bail!("no {lacking:?} in\n{text}");
        }
        Ok(text)
    })
}

#[test]
fn an_activation_and_a_refusal_show_up_at_the_fleet_managers() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let registry = Registry::start(folder.path())?;
    let first = registry.publish(folder.path())?;
    registry.promote(first.version)?;
    let gateway = gateway(registry.url(), folder.path(), None)?;
    gateway.wait_for(1)?;
    shows(registry.url(), &["overhaul-edge", "version 1: the alias points at it", "runs         1 since"])?;

    let number = registry.reserve()?;
    let bundle = versions::numbered(&folder.path().join("v2"), number)?;
    registry.publish_bundle(&bundle)?;
    let entry = bundle.manifest().files.iter().find(|entry| entry.path.as_str() == "model.onnx");
    let digest = entry.context("a bundle without a model")?.sha256.to_string();
    let blobs = disk::files(&registry.folder)?;
    let blob = blobs.iter().find(|path| path.ends_with(&digest)).context("no such blob")?;
    let mut bytes = std::fs::read(blob)?;
    bytes[0] ^= 1;
    std::fs::write(blob, bytes)?;
    registry.promote(number)?;
    gateway.wait_for_refusal(2)?;
    let text = shows(registry.url(), &["refused      2 at", &digest])?;
    assert_eq!(text.matches("┆ refused").count(), 1, "once, not at each try:\n{text}");
    let text = told(registry.url(), &[])?;
    assert!(text.contains("hall-1"), "{text}");

    let third = registry.publish(folder.path())?;
    registry.promote(third.version)?;
    gateway.wait_for(3)?;
    let text = shows(registry.url(), &["version 3 after 1: the alias points at it"])?;
    assert!(!text.contains("refused      2"), "{text}");
    Ok(())
}

#[test]
fn what_happens_while_the_registry_is_away_is_told_when_it_is_back() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let registry = Registry::start(folder.path())?;
    let first = registry.publish(folder.path())?;
    registry.promote(first.version)?;
    let running = gateway(registry.url(), folder.path(), None)?;
    running.wait_for(1)?;
    shows(registry.url(), &["version 1: the alias points at it"])?;
    let (url, address) = (registry.url().to_owned(), registry.server.address().to_owned());
    registry.server.kill()?;
    running.server.kill()?;
    let again = gateway(&url, folder.path(), None)?;
    again.wait_for(1)?;
    let registry = Registry::start_at(&address, folder.path())?;
    let text = shows(registry.url(), &["version 1: it ran before"])?;
    for (line, count) in [("the alias points at it", 1), ("it ran before", 1), ("overhaul-edge", 2)] {
        assert_eq!(text.matches(line).count(), count, "{text}");
    }
    Ok(())
}
